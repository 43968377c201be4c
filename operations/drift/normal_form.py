"""One form for values that mean the same, whichever provider or service wrote them.

- Absent, null, an empty list, an empty map and a documented default are one value.
- A policy means the same with a scalar or a list of one, and in any order.
- The keys of a table's index mean the same by name and as a schema.
"""

import re
from collections.abc import Mapping
from typing import Any

from operations.drift.documented_defaults import FREE_TEXT, default_of
from operations.drift.report import ABSENT

_ACCOUNT = re.compile(r"[0-9]{12}")
_LISTS = ("Action", "NotAction", "Resource", "NotResource")
_PRINCIPALS = ("Principal", "NotPrincipal")


def normal(value: Any) -> Any:
    """Return a value without the empty members of its mappings, and with its policies in one form."""
    if isinstance(value, Mapping):
        members = {key: normal(item) for key, item in value.items()}
        members = {key: item for key, item in members.items() if not _is_empty(item)}
        if {"projectionType", "name"} <= members.keys():
            members = _index(members)
        return _policy(members) if _is_policy(members) else members
    if isinstance(value, list):
        return [normal(item) for item in value]
    return value


def normal_members(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return a resource's properties in normal form; those that are empty stay, since reports show them."""
    return {name: normal(value) for name, value in properties.items() if value is not None}


def identical(ours: Any, theirs: Any) -> bool:
    """Return whether two values are equal and of one type: True is not 1."""
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        return ours.keys() == theirs.keys() and all(identical(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(identical, ours, theirs))
    return isinstance(ours, bool) is isinstance(theirs, bool) and bool(ours == theirs)


def means_the_same(type_: str, path: str, ours: Any, theirs: Any) -> bool:
    """Return whether two values of a property are one value; ABSENT stands for none."""
    return identical(_value_or_default(type_, path, ours), _value_or_default(type_, path, theirs))


def _value_or_default(type_: str, path: str, value: Any) -> Any:
    if path == "" or path.endswith("]"):  # a resource, or a member of a list: its absence is no default
        return value
    if _is_unset(path, value):
        return default_of(type_, path)
    if isinstance(value, Mapping) and not FREE_TEXT.match(path):
        # A mapping of nothing but defaults means the same as none.
        told = {
            key: item for key, item in value.items() if not means_the_same(type_, f"{path}.{key}", item, None)
        }
        return told or default_of(type_, path)
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], Mapping):
        # A block that a provider keeps as a list of at most one.
        return [only] if (only := _value_or_default(type_, path, value[0])) else only
    return value


def _is_unset(path: str, value: Any) -> bool:
    if isinstance(value, str):
        return value == ABSENT or (value == "" and not FREE_TEXT.match(path))
    return _is_empty(value)


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, list | Mapping) and not value)


def _index(index: Mapping[str, Any]) -> dict[str, Any]:
    """Return an index of a table with its keys as a schema: providers also report them by name."""
    keys = [("hashKey", "HASH"), ("rangeKey", "RANGE")]
    named = [{"attributeName": index[name], "keyType": kind} for name, kind in keys if name in index]
    schema = index.get("keySchemas") or named
    if any(key not in schema for key in named):
        return dict(index)
    return {name: value for name, value in index.items() if name not in dict(keys)} | {"keySchemas": schema}


def _is_policy(value: Mapping[str, Any]) -> bool:
    statements = _listed(value.get("Statement"))
    return bool(statements) and all(isinstance(each, Mapping) and "Effect" in each for each in statements)


def _policy(document: Mapping[str, Any]) -> dict[str, Any]:
    return {**document, "Statement": [_statement(each) for each in _listed(document["Statement"])]}


def _statement(statement: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(statement)
    for name in _LISTS:
        if name in found:
            found[name] = _set(found[name])
    for name in _PRINCIPALS:
        if name in found:
            principals = {"AWS": "*"} if found[name] == "*" else found[name]
            if isinstance(principals, Mapping):
                found[name] = {
                    kind: _set([_principal(kind, each) for each in _listed(ids)])
                    for kind, ids in principals.items()
                }
    if isinstance(found.get("Condition"), Mapping):
        found["Condition"] = {
            operator: {key: _set([_text(each) for each in _listed(values)]) for key, values in keys.items()}
            if isinstance(keys, Mapping)
            else keys
            for operator, keys in found["Condition"].items()
        }
    return found


def _principal(kind: str, principal: Any) -> Any:
    """An account's id and its root are the same principal."""
    if kind == "AWS" and isinstance(principal, str) and _ACCOUNT.fullmatch(principal):
        return f"arn:aws:iam::{principal}:root"
    return principal


def _text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, int) else value


def _listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _set(value: Any) -> list[Any]:
    members = {repr(each): each for each in _listed(value)}
    return [members[key] for key in sorted(members)]
