"""Text of unreviewed origin as Markdown that GitHub renders as plain text: no markup, no link, no mention."""

import re


def code_span(text: str, longest: int = 200) -> str:
    """Return `text` on one line in a code span, where Markdown, HTML and mentions mean nothing."""
    plain = _one_line(text, longest).replace("|", r"\|")
    if not plain:
        return ""
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", plain)), default=0))
    space = " " if plain.startswith("`") or plain.endswith("`") else ""
    return f"{fence}{space}{plain}{space}{fence}"


def code_block(text: str, longest: int) -> str:
    """Return `text` in a fenced block that it cannot leave."""
    plain = "".join(character for character in text if character in "\n\t" or character.isprintable())
    plain = plain if len(plain) <= longest else f"{plain[:longest]}\n… see the run's log"
    fence = "`" * max(4, 1 + max((len(run) for run in re.findall("`+", plain)), default=0))
    return f"{fence}text\n{plain}\n{fence}"


def plain_text(text: str, longest: int = 200) -> str:
    """Return `text` on one line with every character that Markdown or HTML knows escaped."""
    escaped = re.sub(r"([\\`*_{}\[\]<>()#+!|~&:-])", r"\\\1", _one_line(text, longest))
    return escaped.replace("@", "@\u200b")


def _one_line(text: str, longest: int) -> str:
    printable = "".join(character if character.isprintable() else " " for character in text)
    plain = " ".join(printable.split())
    return plain if len(plain) <= longest else f"{plain[: longest - 1]}…"
