"""What every format shows of a value."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from operations.drift.report import MASKED

SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d"  # noqa: S105  a key that Pulumi publishes
"""Marks a secret in a state: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/sig/sig.go"""


def masked(value: Any) -> Any:
    """The value as plain JSON data. A secret that came this far is masked all the same."""
    if isinstance(value, Mapping):
        if SECRET_SIGNATURE in value:
            return MASKED
        return {str(key): masked(item) for key, item in value.items()}
    if isinstance(value, str):
        return MASKED if SECRET_SIGNATURE in value else value
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Iterable):
        return [masked(item) for item in value]
    return str(value)


def shown(value: Any) -> str:
    """The value on a line: text as it is, all else as JSON."""
    plain = masked(value)
    text = plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
    return printable(text) or '""'


def printable(text: str) -> str:
    """The text with line breaks and control characters spelled out.

    Whoever may tag a resource could otherwise move the cursor of a reader's terminal; XML takes none of them.
    """
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def in_lines(value: Any) -> str:
    """The value for a place with room: objects and lists over several lines, JSON inside text included."""
    return "\n".join(map(printable, _laid_out(value).split("\n"))) or '""'


def _laid_out(value: Any) -> str:
    plain = masked(value)
    if isinstance(plain, str) and plain[:1] in ("{", "["):
        try:
            plain = json.loads(plain)
        except ValueError:
            return str(plain)
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False, indent=2)


def shortened(text: str, length: int) -> str:
    """The text, its middle cut out where it is longer than `length`: the ends of an ARN tell most."""
    if len(text) <= length:
        return text
    kept = length - 3
    return f"{text[: kept - kept // 2]} … {text[len(text) - kept // 2 :]}"
