"""Remove card numbers and secrets from text before it becomes evidence."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from policies.properties import SECRET_KEY
from policies.rules.function_secrets import kind_of_secret

_CARD_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d(?:[ -]?\d){12,18}(?![0-9A-Za-z])")
"""13 to 19 digits, apart from digits in digests and identifiers."""


def redacted(value: Any) -> Any:
    """Return JSON data without card numbers, encrypted values and text in the shape of a known secret."""
    if isinstance(value, str):
        return _redacted_text(value)
    if isinstance(value, Mapping):
        if SECRET_KEY in value:
            return "[secret]"
        return {key: redacted(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [redacted(item) for item in value]
    return value


def _redacted_text(text: str) -> str:
    masked = _CARD_NUMBER.sub(lambda match: "[card number]" if _passes_luhn(match[0]) else match[0], text)
    kinds = [kind_of_secret(part) for part in (masked, *masked.split())]
    kind = next(filter(None, kinds), "")
    return f"[removed: it looks like {kind}]" if kind else masked


def _passes_luhn(text: str) -> bool:
    digits = [int(character) for character in reversed(text) if character.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
