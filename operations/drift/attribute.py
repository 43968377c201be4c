"""Tells why two stacks of a project differ, by rendering its program with one value swapped between them.

What moves when one field takes the other environment's value is that field's footprint. There is no list of
properties to keep, and a component that uses a field in a new place is understood at once.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from operations.drift.canonical import Canonical
from operations.drift.compare import Difference, at, differences
from operations.drift.declared import Declared, Field, varying
from operations.drift.plain import holds, plain
from operations.drift.report import ABSENT
from operations.drift.stack import PROVIDERS, Resource, Stack, is_identifier
from operations.engine.failure import StackName
from operations.rendering import Known, Unrenderable, render

Properties = Mapping[str, Mapping[str, Any]]
Footprint = frozenset[tuple[str, str]]
"""Resource and path of everything that moves."""
Version = tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Why a pair of values differs."""

    fields: tuple[Field, ...]
    """Those that drive it; empty where none does."""
    off: tuple[str, ...]
    """Environments that do not hold what their own configuration declares."""
    declared: Mapping[str, Any]
    """Environment to the value that its configuration declares."""

    @property
    def scaling(self) -> tuple[Field, ...]:
        """The scaling fields that drive it."""
        return tuple(each for each in self.fields if each.scaling)


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two stacks, with what its program declares."""

    declared: Declared
    stack: Stack
    canonical: Canonical

    @cached_property
    def program(self) -> Properties:
        """What the program declares with the stack's own configuration, canonical. Raises Unrenderable."""
        return self._properties({})

    def with_values_of(self, other: "Side", fields: Iterable[Field]) -> Properties:
        """The same with some values of the other side's. Raises Unrenderable."""
        return self._properties(self.values_of(other, fields))

    def values_of(self, other: "Side", fields: Iterable[Field]) -> dict[str, str]:
        """The other side's values of some fields."""
        values = other.declared.values
        return {each.key: values[each.key] for each in fields if each.key in values}

    def asked(self, changed: Mapping[str, str]) -> "Asked":
        """What the program is to be rendered with."""
        return Asked(
            name=self.declared.name,
            projects=self.declared.projects,
            version=_version(self.declared.projects / self.declared.name.project),
            config=tuple(sorted({**self.declared.values, **changed}.items())),
            answers=self._answers,
        )

    def _properties(self, changed: Mapping[str, str]) -> Properties:
        rendered = _rendered(self.asked(changed))
        return {key: self.canonical(properties) for key, properties in rendered.items()}

    @cached_property
    def _answers(self) -> str:
        """What the program is answered by the resources of the stack and by those upstream, as JSON."""
        known = [
            [each.type, each.name, each.id, _identifiers(each)]
            for each in self.stack.resources.values()
            if each.id
        ]
        return json.dumps([self.stack.references, known], sort_keys=True)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """All that a rendering depends on."""

    name: StackName
    projects: Path
    version: Version
    config: tuple[tuple[str, str], ...]
    answers: str
    """Of the stack's own resources and of those upstream, as JSON."""


@lru_cache(maxsize=512)
def _moved(one: Asked, other: Asked) -> Footprint:
    """What two renderings differ in. Raises Unrenderable."""
    found = differences(_rendered(one), _rendered(other))
    return frozenset((each.key, each.path) for each in found)


@lru_cache(maxsize=512)
def _moved_roughly(one: Asked, other: Asked) -> Footprint:
    """The same by whole properties: quick where nearly all of them differ. Raises Unrenderable."""
    ours, theirs = _rendered(one), _rendered(other)
    return frozenset(
        (key, name)
        for key in ours.keys() & theirs.keys()
        for name in ours[key].keys() | theirs[key].keys()
        if ours[key].get(name) != theirs[key].get(name)
    ) | {(key, "") for key in ours.keys() ^ theirs.keys()}


@lru_cache(maxsize=512)
def _rendered(asked: Asked) -> Properties:
    """What a program declares. Kept, because runs and pairs of environments ask for the same again."""
    references, known = json.loads(asked.answers)
    recorder = render(
        asked.name.project,
        asked.name.environment,
        projects=asked.projects,
        config=dict(asked.config),
        references=references,
        known={(type_, own): Known(id=id_, outputs=outputs) for type_, own, id_, outputs in known},
    )
    return {
        each.urn.split("::", 2)[2]: declared_properties(each.type, each.inputs) for each in recorder.resources
    }


def _version(folder: Path) -> Version:
    """Changes when a file of the project does."""
    return tuple((path.name, path.stat().st_mtime_ns) for path in sorted(folder.iterdir()))


def _identifiers(resource: Resource) -> dict[str, str]:
    """What a program may need of an existing resource that it does not say itself."""
    return {
        name: value
        for name, value in resource.outputs.items()
        if isinstance(value, str) and is_identifier(name) and name not in resource.inputs
    }


def declared_properties(kind: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """A rendered resource's inputs as plain data."""
    found: dict[str, Any] = plain(dict(inputs))
    if kind.startswith(PROVIDERS):
        found.pop("version", None)
    return found


@dataclass(kw_only=True)
class Attribution:
    """Tells the causes of the differences between two stacks of a project."""

    baseline: Side
    target: Side
    _footprints: dict[tuple[str, str], Footprint] = field(default_factory=dict)

    def cause(self, found: Difference) -> Cause:
        """Why the two differ there. Raises Unrenderable where a side's program can't be rendered."""
        off, declared = [], {}
        for side, actual in ((self.baseline, found.baseline), (self.target, found.target)):
            wanted = _declared(side.program, found)
            environment = side.declared.name.environment
            declared[environment] = wanted
            if not _as_declared(actual, wanted):
                off.append(environment)
        # Where a side is off, it is drift whatever drives it: then the fields only serve the explanation.
        driving = self._driving(found, only_scaling=bool(off))
        return Cause(fields=driving, off=tuple(off), declared=declared)

    def _driving(self, found: Difference, *, only_scaling: bool) -> tuple[Field, ...]:
        """The fields that drive it: scaling ones if any do, else those of identity."""
        for scaling in (True,) if only_scaling else (True, False):
            # Swapped in the baseline a value nearly always shows what it drives; a bound may hide it there.
            for side, other in ((self.baseline, self.target), (self.target, self.baseline)):
                driving = tuple(
                    each
                    for each in self._varying
                    if each.scaling is scaling and _touches(self._footprint(each, side, other), found)
                )
                if driving and (only_scaling or self._explains(driving, side, other, found)):
                    return driving
        return ()

    def _explains(self, driving: tuple[Field, ...], side: Side, other: Side, found: Difference) -> bool:
        """Whether the values of these fields alone make one side's program declare what the other's does."""
        try:
            ours = _declared(side.with_values_of(other, driving), found)
        except Unrenderable:
            return False

        def neutral(value: Any) -> Any:
            return other.canonical(side.canonical(value))

        return bool(neutral(ours) == neutral(_declared(other.program, found)))

    @cached_property
    def _varying(self) -> tuple[Field, ...]:
        return varying(self.baseline.declared, self.target.declared)

    def _footprint(self, each: Field, side: Side, other: Side) -> Footprint:
        which = (each.key, side.declared.name.environment)
        if which not in self._footprints:
            # An environment's account or suffix is in nearly all it has. There `_explains` has the last word.
            moved = _moved if each.scaling else _moved_roughly
            try:
                self._footprints[which] = moved(side.asked({}), side.asked(side.values_of(other, (each,))))
            except Unrenderable:  # the value is no use to that environment: the other way round tells
                self._footprints[which] = frozenset()
        return self._footprints[which]


def _touches(footprint: Iterable[tuple[str, str]], found: Difference) -> bool:
    return any(
        key == found.key and (path == found.path or _within(path, found.path) or _within(found.path, path))
        for key, path in footprint
    )


def _within(inner: str, outer: str) -> bool:
    return outer == "" or inner.startswith((f"{outer}.", f"{outer}["))


def _declared(program: Properties, found: Difference) -> Any:
    if found.key not in program:
        return ABSENT
    return program[found.key] if found.path == "" else at(program[found.key], found.path)


def _as_declared(actual: Any, wanted: Any) -> bool:
    if actual == ABSENT or wanted == ABSENT:
        return bool(actual == wanted)
    return holds(actual, wanted)
