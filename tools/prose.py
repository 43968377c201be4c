"""Checks prose against a list of phrases: docstrings, comments, messages, Markdown and test names.

The project's text follows the documentation of Pulumi and AWS: subject, verb, object; the common
word; one idea per sentence.
"""

import ast
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

EXEMPT = (
    "CHANGELOG.md",
    "benchmarks/",
    "docs/",
    "operations/",
    "policies/",
    "projects/",
    "sandbox/",
    "scripts/",
    "tests/",
    "components/deployer_access/",
    "components/private_network/",
    "components/security_watch/",
    "components/workload_roles/",
)
"""Files and folders that are not checked yet. Remove an entry once its text has no such phrase."""

CHECKED = (
    "docs/adr/",
    "docs/configuration.md",
    "docs/costs.md",
    "docs/limits.md",
    "docs/maintaining.md",
    "docs/usage.md",
    "docs/scaling.md",
    "docs/promotion.md",
    "operations/commands/promote.py",
    "operations/errors.py",
    "operations/promotion/",
    "operations/release/",
    "tests/docs/",
    "tests/operations/promotion/",
    "tests/tools/",
)
"""Parts of exempt folders that are checked."""

EXAMPLES = ("tools/prose.py", "tests/tools/test_prose.py")
"""Files that quote the phrases."""


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """A phrase to avoid."""

    pattern: re.Pattern[str]
    instead: str
    """What to write, and why where that is not plain."""


def _phrase(pattern: str, instead: str) -> Phrase:
    return Phrase(pattern=re.compile(pattern, re.IGNORECASE), instead=instead)


_COUNTED = (
    r"(?:once|twice|times|one|lines?|files?|calls?|errors?|events?|items?|messages?|payments?|rows?|"
    r"throttles?|units?)"
)
_UNIT = (
    r"(?:account|batch|commit|day|environment|file|folder|hour|line|message|minute|month|payment|project|region|"
    r"repository|request|resource|rule|run|second|stack|stage|test|year)"
)

PHRASES = (
    _phrase(r"\btold\b", 'name who does what: "reported", "passed", "listed"'),
    _phrase(r"\bsaid\b", 'use "stated", "reported" or the thing itself'),
    _phrase(r"\btells? of\b|\btells? nobody\b", 'use "shows" or "reports"'),
    _phrase(r"\bcan(?:'t| ?not) be had\b", 'use "is not available"'),
    _phrase(r"\banew\b", 'use "again"'),
    _phrase(r"\bfor want of\b", 'use "because ... is missing"'),
    _phrase(r"\b(?:has|have) not\s*(?:[.,;:)]|$)", 'use "does not have"'),
    _phrase(r"\bas (?:\w+|`\w+`)(?: \w+)? has it\b", 'use "see ..." or "as in ..."'),
    _phrase(rf"\b{_COUNTED} an? {_UNIT}\b", 'use "per"'),
    _phrase(r"\bamiss\b", 'use "wrong"'),
    _phrase(r"\ball the same\b", 'use "anyway" or "also"'),
    _phrase(r"\bnobody can tell\b", 'use "unknown"'),
    _phrase(r"\bof which (?:nobody|none)\b", "use two sentences"),
    _phrase(r"\bvouch(?:es|ed)?\b", 'use "verified"'),
    _phrase(r"\bwhere there is none\b", 'use "if it is missing"'),
    _phrase(r"\bin (?:his|her|its|their) stead\b|\bhence\b|\bthereof\b|\bwherefore\b", "use the common word"),
    _phrase(r"\bsettle[sd]?\b", 'settling means moving money here: use "process"'),
)
"""Phrases that readers had to read twice, anywhere in a text."""

HEADS = (
    _phrase(
        r"(?:What|Whoever|Whatever|Those (?:that|who)|That which) \w(?!.*\?)",
        'start with a verb or a noun: "Return the ..."',
    ),
)
"""The same at the beginning of a docstring."""

NAMES = (
    _phrase(r"test_(?:what|whoever|whatever|those)_", "name the subject: test_<subject>_<verb>"),
    _phrase(
        r"_(?:told|said|tells|amiss|anew|vouched)(?:_|$)", 'use "reported", "wrong", "again" or "verified"'
    ),
)
"""Patterns of test names."""


@dataclass(frozen=True, kw_only=True)
class Remark:
    """A phrase to change."""

    path: str
    line: int
    text: str
    instead: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text!r}: {self.instead}"


def remarks(path: str, source: str) -> Iterator[Remark]:
    """Yield the phrases to change in one Python or Markdown file."""
    if path.endswith(".md"):
        yield from _markdown(path, source)
    else:
        tree = ast.parse(source)
        yield from _strings(path, tree)
        yield from _comments(path, source)
        yield from _test_names(path, tree)


def _markdown(path: str, source: str) -> Iterator[Remark]:
    fenced = False
    for number, line in enumerate(source.splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield from _matches(path, number, re.sub(r"`[^`]*`", "`x`", line), PHRASES)


def _strings(path: str, tree: ast.AST) -> Iterator[Remark]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and (
            text := ast.get_docstring(node)
        ):
            yield from _matches(path, node.body[0].lineno, text, HEADS, start=True)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            for offset, line in enumerate(node.value.splitlines()):
                yield from _matches(path, node.lineno + offset, re.sub(r"`[^`]*`", "`x`", line), PHRASES)


def _comments(path: str, source: str) -> Iterator[Remark]:
    lines = iter(source.splitlines(keepends=True))
    for token in tokenize.generate_tokens(lambda: next(lines, "")):
        if token.type == tokenize.COMMENT:
            yield from _matches(path, token.start[0], token.string, PHRASES)


def _test_names(path: str, tree: ast.AST) -> Iterator[Remark]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield from _matches(path, node.lineno, node.name, NAMES)


def _matches(
    path: str, line: int, text: str, phrases: tuple[Phrase, ...], *, start: bool = False
) -> Iterator[Remark]:
    for phrase in phrases:
        found = phrase.pattern.match(text) if start else phrase.pattern.search(text)
        if found:
            yield Remark(path=path, line=line, text=found[0], instead=phrase.instead)


def is_checked(path: str) -> bool:
    """Return whether a file of the repository is checked."""
    return not path.startswith(EXEMPT) or path.startswith(CHECKED)


def main(arguments: list[str]) -> int:
    """Check the named files, or every file that is not exempt. Return 1 if there is a phrase to change."""
    listed = subprocess.run(["git", "ls-files", "*.py", "*.md"], check=True, capture_output=True, text=True)  # noqa: S607
    paths = arguments or [path for path in listed.stdout.splitlines() if is_checked(path)]
    paths = [path for path in paths if path not in EXAMPLES and Path(path).exists()]
    found = [remark for path in paths for remark in remarks(path, Path(path).read_text(encoding="utf-8"))]
    for remark in found:
        sys.stderr.write(f"{remark}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
