"""Tells why two stacks of a project differ, by rendering its program with one value swapped between them.

What moves when one field takes the other environment's value is that field's footprint. There is no list of
properties to keep, and a component that uses a field in a new place is understood at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from operations.drift.canonical import IDENTIFIER, Canonical
from operations.drift.compare import Difference, at, differences
from operations.drift.declared import Declared, Field, varying
from operations.drift.plain import holds, plain
from operations.drift.report import ABSENT
from operations.drift.stack import PROVIDERS, Resource, Stack
from operations.rendering import Known, Recorder, Unrenderable, render

Properties = Mapping[str, Mapping[str, Any]]
Footprint = frozenset[tuple[str, str]]
"""Resource and path of everything that moves."""


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

    def swapped(self, each: Field, other: "Side") -> Properties:
        """The same with one value of the other side's. Raises Unrenderable."""
        values = other.declared.values
        return self._properties({each.key: values[each.key]} if each.key in values else {})

    def render(self, changed: Mapping[str, str] | None = None) -> Recorder:
        """The program as it is answered by the resources of the stack."""
        name = self.declared.name
        return render(
            name.project,
            name.environment,
            projects=self.declared.projects,
            config={**self.declared.values, **(changed or {})},
            references=self.stack.references,
            known={
                (each.type, each.name): Known(id=each.id, outputs=_identifiers(each))
                for each in self.stack.resources.values()
                if each.id
            },
        )

    def _properties(self, changed: Mapping[str, str]) -> Properties:
        return {
            each.urn.split("::", 2)[2]: self.canonical(declared_properties(each.type, each.inputs))
            for each in self.render(changed).resources
        }


def _identifiers(resource: Resource) -> dict[str, str]:
    """What a program may need of an existing resource that it does not say itself."""
    return {
        name: value
        for name, value in resource.outputs.items()
        if isinstance(value, str) and IDENTIFIER.search(name)
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
        return Cause(fields=self._driving(found), off=tuple(off), declared=declared)

    def _driving(self, found: Difference) -> tuple[Field, ...]:
        """The fields that drive it: scaling ones if any do, else those of identity."""
        for scaling in (True, False):
            # Swapped in the baseline a value nearly always shows what it drives; a bound may hide it there.
            for side, other in ((self.baseline, self.target), (self.target, self.baseline)):
                driving = tuple(
                    each
                    for each in self._varying
                    if each.scaling is scaling and _touches(self._footprint(each, side, other), found)
                )
                if driving:
                    return driving
        return ()

    @cached_property
    def _varying(self) -> tuple[Field, ...]:
        return varying(self.baseline.declared, self.target.declared)

    def _footprint(self, each: Field, side: Side, other: Side) -> Footprint:
        which = (each.key, side.declared.name.environment)
        if which not in self._footprints:
            try:
                moved = differences(side.program, side.swapped(each, other))
                self._footprints[which] = frozenset((one.key, one.path) for one in moved)
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
