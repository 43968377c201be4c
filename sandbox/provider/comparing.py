"""Comparing what AWS has with what a program wants, path by path."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sandbox.provider import documents
from sandbox.provider.schema import Kind, Property, empty
from sandbox.provider.wire import UNKNOWN, Properties, Value, contains_unknown


@dataclass(frozen=True)
class Change:
    """One path at which the wanted and the actual value differ."""

    path: str
    kind: str
    """add, delete or update."""
    replaces: bool

    @property
    def name(self) -> str:
        """The top-level property."""
        return top(self.path)


def top(path: str) -> str:
    """The top-level property of a path such as `tags.Name` or `metricQueries[0].id`."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def under(path: str, ancestor: str) -> bool:
    """Whether a path is an ancestor or lies below it."""
    return path == ancestor or path.startswith((f"{ancestor}.", f"{ancestor}["))


def changes(properties: Mapping[str, Property], actual: Properties, wanted: Properties) -> list[Change]:
    """Where the wanted inputs differ from the actual state."""
    return list(_of_block(properties, "", actual, wanted, replaces=False))


def same(each: Property, one: Value, other: Value) -> bool:
    """Whether two values of a property mean the same; unknown ones never do."""
    if one is UNKNOWN or other is UNKNOWN:
        return False
    return not any(_of_property(each, "", one, other))


def aligned(each: Property, actual: list[Value], wanted: list[Value]) -> list[Value]:
    """The actual blocks, those that mean the same as a wanted one moved to its place."""
    rest = list(actual)
    placed: list[Value] = []
    for new in wanted:
        alike = (old for old in rest if not any(_of_block(each.fields, "", old, new, replaces=False)))
        found = next(alike, None)
        placed.append(found)
        if found is not None:
            rest.remove(found)
    filled = [old if old is not None or not rest else rest.pop(0) for old in placed]
    return [old for old in [*filled, *rest] if old is not None]


def _of_block(
    properties: Mapping[str, Property], path: str, actual: Properties, wanted: Properties, *, replaces: bool
) -> Iterator[Change]:
    for name, each in properties.items():
        if each.output or (name not in wanted and each.computed):
            continue
        for change in _of_property(each, f"{path}{name}", actual.get(name), wanted.get(name)):
            yield Change(change.path, change.kind, change.replaces or replaces)


def _of_property(each: Property, path: str, actual: Value, wanted: Value) -> Iterator[Change]:
    if empty(wanted) and empty(actual):
        return
    if isinstance(actual, dict) and isinstance(wanted, dict) and each.kind in (Kind.BLOCK, Kind.MAP):
        if each.switch and not actual.get(each.switch) and not wanted.get(each.switch):
            return
        if each.kind is Kind.BLOCK:
            yield from _of_block(each.fields, f"{path}.", actual, wanted, replaces=each.replaces)
        else:
            yield from _of_map(each, path, actual, wanted)
    elif isinstance(actual, list) and isinstance(wanted, list) and each.kind is Kind.BLOCKS:
        yield from _of_blocks(each, path, actual, wanted)
    elif not _equal(each, actual, wanted):
        yield Change(path, _kind(actual, wanted), each.replaces)


def _equal(each: Property, actual: Value, wanted: Value) -> bool:
    if contains_unknown(wanted):
        return False
    match actual, wanted:
        case list(), list() if each.unordered:
            return sorted(actual) == sorted(wanted)
        case str(), str() if each.kind is Kind.DOCUMENT:
            return documents.equivalent(actual, wanted)
        case dict(), dict() if each.kind is Kind.ARCHIVE:
            return bool(actual.get("hash") == wanted.get("hash"))
        case _:
            return bool(actual == wanted)


def _of_blocks(each: Property, path: str, actual: list[Value], wanted: list[Value]) -> Iterator[Change]:
    if each.unordered:
        actual = aligned(each, actual, wanted)
    for index in range(max(len(actual), len(wanted))):
        old = actual[index] if index < len(actual) else None
        new = wanted[index] if index < len(wanted) else None
        if isinstance(old, dict) and isinstance(new, dict):
            yield from _of_block(each.fields, f"{path}[{index}].", old, new, replaces=each.replaces)
        else:
            yield Change(f"{path}[{index}]", _kind(old, new), each.replaces)


def _of_map(each: Property, path: str, actual: Properties, wanted: Properties) -> Iterator[Change]:
    for key in sorted(actual.keys() | wanted.keys()):
        old, new = actual.get(key), wanted.get(key)
        if old != new:
            joined = f"{path}.{key}" if re.fullmatch(r"\w+", key) else f'{path}["{key}"]'
            yield Change(joined, _kind(old, new), each.replaces)


def _kind(actual: Value, wanted: Value) -> str:
    if actual is None:
        return "add"
    return "delete" if wanted is None else "update"
