"""Checking what a program wrote: types, required values, the rules of single properties."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.provider import documents
from sandbox.provider.schema import Failure, Kind, Property
from sandbox.provider.wire import UNKNOWN, Properties, Value, contains_unknown

MISSING = 'Missing required argument. The argument "{}" is required, but no definition was found.'


def check(
    properties: Mapping[str, Property], values: Properties, path: str = ""
) -> tuple[Properties, list[Failure]]:
    """The values with defaults filled in and types coerced, and everything that is wrong with them.

    The names of those filled in are listed under `__defaults`, as the AWS plugin does; other internal keys
    are dropped.
    """
    failures: list[Failure] = []
    checked: Properties = {}
    defaults: list[str] = []
    accepted = {name: each for name, each in properties.items() if not each.output}
    for name, value in values.items():
        if name in accepted:
            checked[name] = _checked(accepted[name], value, f"{path}{name}", failures)
        elif not name.startswith("__"):
            known = ", ".join(sorted(accepted))
            reason = f"the sandbox does not implement the property {name!r}; it implements {known}"
            failures.append(Failure(f"{path}{name}", reason))
    for name, each in accepted.items():
        if name not in checked and each.required:
            failures.append(Failure(f"{path}{name}", MISSING.format(name)))
        elif name not in checked and each.default is not None:
            checked[name] = each.default
            defaults.append(name)
    checked["__defaults"] = sorted(defaults)
    return checked, failures


def _checked(each: Property, value: Value, path: str, failures: list[Failure]) -> Value:
    if value is UNKNOWN:
        return value
    if each.kind in (Kind.BLOCK, Kind.BLOCKS):
        return _checked_blocks(each, value, path, failures)
    coerced = _COERCIONS[each.kind](value)
    if coerced is None:
        got = type(value).__name__
        failures.append(Failure(path, f"expected a value of type {each.kind}, got {got}: {value}"))
        return value
    if contains_unknown(coerced):
        return coerced
    wrong = documents.problem(coerced) if each.kind is Kind.DOCUMENT else None
    wrong = wrong or (each.rule(coerced) if each.rule else None)
    if wrong:
        failures.append(Failure(path, wrong))
    return coerced


def _checked_blocks(each: Property, value: Value, path: str, failures: list[Failure]) -> Value:
    if each.kind is Kind.BLOCKS and isinstance(value, list):
        block = Property(kind=Kind.BLOCK, fields=each.fields)
        return [_checked(block, item, f"{path}[{index}]", failures) for index, item in enumerate(value)]
    if each.kind is Kind.BLOCK and isinstance(value, dict):
        checked, found = check(each.fields, value, f"{path}.")
        failures.extend(found)
        return checked
    expected = "a list of objects" if each.kind is Kind.BLOCKS else "an object"
    failures.append(Failure(path, f"expected {expected}, got {type(value).__name__}: {value}"))
    return value


# Coercions as the AWS plugin makes them: numbers and booleans may come as text, and text as those.
# None when a value cannot be coerced.


def _text(value: Value) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else None


def _integer(value: Value) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: Value) -> int | float | None:
    return value if isinstance(value, float) else _integer(value)


def _boolean(value: Value) -> bool | None:
    if value in ("true", "false"):
        return bool(value == "true")
    return value if isinstance(value, bool) else None


def _document(value: Value) -> str | None:
    return json.dumps(value) if isinstance(value, dict) else _text(value)


def _strings(value: Value) -> list[Any] | None:
    if not isinstance(value, list):
        return None
    texts = [item if item is UNKNOWN else _text(item) for item in value]
    return None if None in texts else texts


def _map(value: Value) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        return None
    kept = {key: item for key, item in value.items() if not key.startswith("__")}
    texts = {key: item if item is UNKNOWN else _text(item) for key, item in kept.items()}
    return None if None in texts.values() else texts


def _archive(value: Value) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None


_COERCIONS: Mapping[Kind, Callable[[Value], Any]] = {
    Kind.STRING: _text,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.BOOLEAN: _boolean,
    Kind.DOCUMENT: _document,
    Kind.STRINGS: _strings,
    Kind.MAP: _map,
    Kind.ARCHIVE: _archive,
}
