"""Values of a state as plain data: secrets masked, code by its hash, JSON in text taken apart."""

import json
from collections.abc import Mapping
from typing import Any

from operations.drift.report import MASKED

SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The key that marks a value of a special kind.

https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/sig/sig.go
"""
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  a marker that Pulumi publishes
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Stands in a preview for what only the deployment will tell."""
NOT_YET_KNOWN = "(known after deployment)"


def plain(value: Any) -> Any:
    """The value with all of that done, `__defaults` and nulls left out of mappings."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        kind = value.get(SIGNATURE)
        if kind == SECRET:
            return MASKED
        if kind is not None:
            return {"hash": value["hash"]} if "hash" in value else {}
        return {
            str(key): plain(item)
            for key, item in value.items()
            if item is not None and not str(key).startswith("__")
        }
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _text(value: str) -> Any:
    if value == UNKNOWN:
        return NOT_YET_KNOWN
    if value[:1] in ("{", "[") and value[-1:] in ("}", "]"):
        try:
            return plain(json.loads(value))
        except (ValueError, RecursionError):
            return value
    return value


def within(actual: Any, wanted: Any) -> Any:
    """A value without the properties that were never asked for."""
    if isinstance(actual, Mapping) and isinstance(wanted, Mapping):
        return {key: within(actual[key], item) for key, item in wanted.items() if key in actual}
    return actual


def holds(actual: Any, wanted: Any) -> bool:
    """Whether a value is what was asked for; an account adds properties of its own to it."""
    if isinstance(wanted, Mapping):
        return isinstance(actual, Mapping) and all(
            key in actual and holds(actual[key], item) for key, item in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(actual, list)
            and len(actual) == len(wanted)
            and all(any(holds(each, item) for each in actual) for item in wanted)
            and all(any(holds(each, item) for item in wanted) for each in actual)
        )
    if isinstance(actual, bool) is not isinstance(wanted, bool):
        return str(actual).lower() == str(wanted).lower()  # providers keep their settings as text
    return bool(actual == wanted) or (
        isinstance(actual, str) is not isinstance(wanted, str) and str(actual) == str(wanted)
    )
