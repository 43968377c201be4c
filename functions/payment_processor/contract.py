"""The contract of a request, ``payment_request.schema.json``, and the parser that holds messages to it.

A JSON Schema library would double the cold start. This one interprets just the keywords that the contract
uses (any other is a KeyError), and the tests hold it to agree with a complete one.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn, NotRequired, TypedDict, cast

SCHEMA = json.loads(Path(__file__).with_name("payment_request.schema.json").read_text(encoding="utf-8"))
FIELDS: Mapping[str, Any] = SCHEMA["properties"]
VERIFICATION_FIELDS = {**FIELDS, "paymentId": SCHEMA["$defs"]["verificationId"]}
"""A synthetic request's: its id is one that no producer's can be, and the other way round."""


class PaymentRequest(TypedDict):
    """A request that keeps the contract, as it was sent. ``amount`` is in minor units of ``currency``."""

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
    """A body that is no request. ``problems`` name fields and rules, never values: they are logged."""

    problems: list[str]


def parse(body: Any, *, verification: bool = False) -> PaymentRequest | Malformed:
    """Read a request from JSON text, reporting all its problems together."""
    try:
        content = json.loads(body, object_pairs_hook=_once, parse_float=Decimal, parse_constant=_no)
    except (TypeError, ValueError, ArithmeticError, RecursionError):
        return Malformed(problems=["the body must be JSON text without repeated names, NaN or Infinity"])
    if not isinstance(content, dict):
        return Malformed(problems=["the body must be a JSON object"])
    fields = VERIFICATION_FIELDS if verification else FIELDS
    wrong = [name for name in fields if name in content and not fits(content[name], fields[name])]
    problems = [f"{name} is missing" for name in SCHEMA["required"] if name not in content]
    problems += [f"{name} must be {fields[name]['description']}" for name in wrong]
    if unknown := content.keys() - fields.keys():  # counted, not named: a name may be an account number
        problems.append(f"{len(unknown)} unknown field(s), allowed are {', '.join(fields)}")
    if problems:
        return Malformed(problems=problems)
    return cast("PaymentRequest", content | {"amount": int(content["amount"])})


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(dict(pairs)) != len(pairs):  # of a name that occurs twice, another parser may read the other value
        raise ValueError
    return dict(pairs)


def _no(constant: str) -> NoReturn:
    raise ValueError(constant)


def _is_integer(value: object) -> bool:
    if isinstance(value, Decimal):  # to JSON Schema 100.0 is an integer; 99999999999.99999999 is none
        return value == value.to_integral_value()
    return isinstance(value, int) and not isinstance(value, bool)


def _is_instant(value: str) -> bool:
    try:
        return bool(datetime.fromisoformat(value))  # knows which months have a 31st
    except ValueError:
        return False


def fits(value: object, schema: Mapping[str, Any]) -> bool:
    """Whether a value fits a schema. Keywords are tried in their order: ``type`` guards those after it."""
    return all(KEYWORDS[keyword](value, rule) for keyword, rule in schema.items())


_TYPES = {"object": dict, "string": str}
KEYWORDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "type": lambda value, rule: _is_integer(value) if rule == "integer" else isinstance(value, _TYPES[rule]),
    "enum": lambda value, rule: value in rule,
    "minimum": lambda value, rule: value >= rule,
    "maximum": lambda value, rule: value <= rule,
    "minLength": lambda value, rule: len(value) >= rule,
    "maxLength": lambda value, rule: len(value) <= rule,
    "maxProperties": lambda value, rule: len(value) <= rule,
    "pattern": lambda value, rule: re.search(rule, value) is not None,
    "format": lambda value, rule: {"date-time": _is_instant}[rule](value),
    "not": lambda value, rule: not fits(value, rule),
    "allOf": lambda value, rule: all(fits(value, part) for part in rule),
    "propertyNames": lambda value, rule: all(fits(name, rule) for name in value),
    "additionalProperties": lambda value, rule: all(fits(entry, rule) for entry in value.values()),
    **dict.fromkeys(("description", "$comment", "x-minorDigits"), lambda *_: True),
}
