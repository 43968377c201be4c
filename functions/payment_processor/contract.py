"""Parses and validates payment requests by the contract, ``payment_request.schema.json``.

It supports only the keywords that the contract uses: a JSON Schema library would double the cold start.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NotRequired, TypedDict, cast

SCHEMA = json.loads(Path(__file__).with_name("payment_request.schema.json").read_text(encoding="utf-8"))
FIELDS: Mapping[str, Any] = SCHEMA["properties"]
VERSIONS: Mapping[int, Mapping[str, Any]] = {1: SCHEMA}
"""``schemaVersion`` → the contract that validates messages of that version."""
SYNTHETIC_ID = SCHEMA["$defs"]["verificationId"]
"""The form of a synthetic request's id, which no producer's request can have."""


class PaymentRequest(TypedDict):
    """A valid request as it was sent. ``amount`` is in minor units of ``currency``."""

    schemaVersion: NotRequired[int]
    paymentId: str
    amount: int
    currency: str
    debtor: str
    creditor: str
    requestedAt: str
    reference: NotRequired[str]
    metadata: NotRequired[dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class Malformed:
    """An invalid request. ``problems`` name fields and rules but no values, since they are logged."""

    problems: list[str]


def parse(body: Any, *, verification: bool = False) -> PaymentRequest | Malformed:
    """Parse a request from JSON text. Report all its problems together."""
    try:
        content = json.loads(body, object_pairs_hook=_once, parse_float=Decimal, parse_constant=Decimal)
    except (TypeError, ValueError, ArithmeticError, RecursionError):
        return Malformed(problems=["the body must be JSON text without repeated names"])
    if not isinstance(content, dict):
        return Malformed(problems=["the body must be a JSON object"])
    version = content.get("schemaVersion", 1)
    schema = VERSIONS.get(version, SCHEMA) if isinstance(version, int) else SCHEMA
    fields = schema["properties"] | ({"paymentId": SYNTHETIC_ID} if verification else {})
    wrong = [name for name in fields if name in content and not fits(content[name], fields[name])]
    problems = [f"{name} is missing" for name in schema["required"] if name not in content]
    problems += [f"{name} must be {fields[name]['description']}" for name in wrong]
    if unknown := content.keys() - fields.keys():  # counted, not named: a name may be an account number
        problems.append(f"{len(unknown)} unknown field(s), allowed are {', '.join(fields)}")
    if problems:
        return Malformed(problems=problems)
    integers = {name: int(content[name]) for name in ("amount", "schemaVersion") if name in content}
    return cast("PaymentRequest", content | integers)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(dict(pairs)) != len(pairs):  # parsers disagree on which value of a repeated name counts
        raise ValueError
    return dict(pairs)


def instant(text: str) -> tuple[int, str]:
    """Return seconds since year 1 and the fraction's digits, equal for all spellings of an instant."""
    time = datetime.fromisoformat(text[:19])
    fraction, offset = re.findall("([.][0-9]+)?(.+)", text[19:])[0]
    minutes = int(offset[1:3] or 0) * 60 + int(offset[4:] or 0)
    seconds = time.toordinal() * 86_400 + time.hour * 3600 + time.minute * 60 + time.second
    return seconds + minutes * (60 if offset[0] == "-" else -60), fraction.rstrip("0").rstrip(".")


def _is_integer(value: object) -> bool:
    if isinstance(value, Decimal):  # in JSON Schema 100.0 is an integer
        return value == value.to_integral_value()
    return type(value) is int


def _is_text(value: object) -> bool:
    # JSON can contain half a surrogate pair, which other systems cannot store.
    return isinstance(value, str) and (value.isascii() or not any("\ud800" <= c <= "\udfff" for c in value))


def fits(value: object, schema: Mapping[str, Any]) -> bool:
    """Return whether a value fits a schema. Keywords run in order: ``type`` guards the ones after it."""
    return all(KEYWORDS[keyword](value, rule) for keyword, rule in schema.items())


TYPES: Mapping[str, Callable[[Any], bool]] = {
    "integer": _is_integer, "string": _is_text, "object": lambda value: isinstance(value, dict)
}  # fmt: skip
KEYWORDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "type": lambda value, rule: TYPES[rule](value),
    "enum": lambda value, rule: value in rule,
    "minimum": lambda value, rule: value >= rule,
    "maximum": lambda value, rule: value <= rule,
    "minLength": lambda value, rule: len(value) >= rule,
    **dict.fromkeys(("maxLength", "maxProperties"), lambda value, rule: len(value) <= rule),
    "pattern": lambda value, rule: re.search(rule, value) is not None,
    "not": lambda value, rule: not fits(value, rule),
    "allOf": lambda value, rule: all(fits(value, part) for part in rule),
    "propertyNames": lambda value, rule: all(fits(name, rule) for name in value),
    "additionalProperties": lambda value, rule: all(fits(entry, rule) for entry in value.values()),
    **dict.fromkeys(("description", "$comment"), lambda *_: True),
}
