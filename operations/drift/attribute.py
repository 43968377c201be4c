"""Tells why two stacks of a project differ: by a scaling setting, an identity value, or nothing declared.

What a setting moves is found by rendering the program with one value swapped between the two: that is its
footprint. There is no list of properties to keep.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from operations.drift.canonical import Canonical, same_but_for_identity
from operations.drift.compare import ORDERED, Difference, differences, type_of
from operations.drift.declared import Field
from operations.drift.deviation import deviates
from operations.drift.identity_text import contains
from operations.drift.normal_form import identical
from operations.drift.program import Footprint, Pair, Properties
from operations.drift.report import ABSENT, Classification, Kind
from operations.drift.stack import Stack
from operations.drift.stack_differences import View

CORE = frozenset({"accountId", "region", "environmentSuffix"})
"""Identity settings that canonicalisation takes out of all text."""


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Why a pair of values differs."""

    classification: Classification
    fields: tuple[Field, ...] = ()
    """The settings that drive it; empty where none does."""
    off: tuple[str, ...] = ()
    """Environments that do not hold what their own program declares."""
    special: tuple[str, ...] = ()
    """Environments that the program treats otherwise than their settings say."""
    declared: Mapping[str, Any]
    """Environment to the value that its settings give."""


@dataclass(frozen=True, kw_only=True)
class Attribution:
    """Tells the causes of the differences between two stacks of a project. Raises Unrenderable."""

    stacks: tuple[Stack, Stack]
    canonical: tuple[Canonical, Canonical]
    pair: Pair

    @property
    def environments(self) -> tuple[str, str]:
        """The names of the two."""
        return self.stacks[0].name.environment, self.stacks[1].name.environment

    def cause(self, found: Difference, views: tuple[View, View]) -> Cause | None:
        """Why the two differ there, as `views` show them; None where the two mean the same."""
        wanted = {
            environment: _value(self._expected[side], found, side)
            for side, environment in enumerate(self.environments)
        }
        off = self._deviating(found, views, self._own)
        deviating = self._deviating(found, views, self._expected)
        drift = Cause(
            classification=Classification.DRIFT,
            fields=self._driving(found),
            off=off,
            special=tuple(each for each in deviating if each not in off),
            declared=wanted,
        )
        if len(deviating) == 1 or (deviating and drift.fields):
            return drift
        if deviating:
            return None if self._equal(found) else drift
        return self._of_settings(found, wanted)

    def not_shown(self, views: tuple[View, View]) -> Iterator[Difference]:
        """Where the two hold the same value though their settings give different ones."""
        for generic in self._generic_differences:
            resources = tuple(view.get(generic.key) for view in views)
            if generic.path == "" or resources[0] is None or resources[1] is None:
                continue
            held = tuple(
                _at(resource, steps) for resource, steps in zip(resources, generic.steps, strict=True)
            )
            if held[0] != ABSENT and identical(*held):
                yield Difference(
                    key=generic.key,
                    path=generic.path,
                    kind=Kind.CHANGED,
                    baseline=held[0],
                    target=held[1],
                    steps=generic.steps,
                )

    def without_effect(self) -> Iterator[Field]:
        """The scaling settings that the two declare differently, and that move nothing."""
        for each in self.pair.scaling:
            if not self.pair.has_effect(each):
                yield each

    def _of_settings(self, found: Difference, wanted: Mapping[str, Any]) -> Cause | None:
        """Both hold what their settings give: which of the settings differ?"""
        if driving := self._driving(found):
            return Cause(classification=Classification.CONTROLLED, fields=driving, declared=wanted)
        if self._equal(found):
            return None  # a literal, or text in which the account, the region or a name stands
        standing = tuple(each for each in self._people if self._stands_in(each, found))
        if standing:
            return Cause(classification=Classification.IDENTITY, fields=standing, declared=wanted)
        if found.path == "" or self._touches(self._differing, found):
            # Identity moves more than the text in which it stands, and the length of lists of people.
            return Cause(classification=Classification.DRIFT, special=self.environments, declared=wanted)
        return None

    def _driving(self, found: Difference) -> tuple[Field, ...]:
        if not self._touches(self._differing, found):
            return ()
        for side in (0, 1):  # a bound may hide in one program what shows in the other
            driving = tuple(
                each for each in self.pair.scaling if self._touches(self.pair.footprint(each, side), found)
            )
            if driving:
                return driving
        return ()

    def _stands_in(self, each: Field, found: Difference) -> bool:
        """Whether a value of an identity setting stands in all of the text that differs."""
        sides = zip(self.pair.programs, self.canonical, (found.baseline, found.target), strict=True)
        return all(
            contains(canonical.original(value), program.declared.values.get(each.key, ""))
            for program, canonical, value in sides
            if value != ABSENT
        )

    def _deviating(
        self, found: Difference, views: tuple[View, View], programs: tuple[Properties, Properties]
    ) -> tuple[str, ...]:
        values = found.baseline, found.target
        deviating = []
        for side, environment in enumerate(self.environments):
            member = values[side] if values[side] != ABSENT else values[1 - side]
            if deviates(
                type_of(found.key),
                views[side].get(found.key, ABSENT),
                programs[side].get(found.key, ABSENT),
                found.steps[side],
                member,
            ):
                deviating.append(environment)
        return tuple(deviating)

    def _equal(self, found: Difference) -> bool:
        """Whether the two values are the same to the letter, or but for accounts, regions and names."""
        ours = self.canonical[0].original(found.baseline)
        theirs = self.canonical[1].original(found.target)
        return same_but_for_identity(ours, theirs, (self.canonical[0].identity, self.canonical[1].identity))

    @cached_property
    def _own(self) -> tuple[Properties, Properties]:
        one, other = (
            {key: canonical(properties) for key, properties in program.own.items()}
            for canonical, program in zip(self.canonical, self.pair.programs, strict=True)
        )
        return one, other

    @cached_property
    def _expected(self) -> tuple[Properties, Properties]:
        one, other = (
            {key: canonical(properties) for key, properties in expected.items()}
            for canonical, expected in zip(self.canonical, self.pair.expected, strict=True)
        )
        return one, other

    @cached_property
    def _generic_differences(self) -> tuple[Difference, ...]:
        """What scaling, and the length of lists, make the two programs differ in."""
        one, other = (
            canonical.named(generic, invention.disguised)
            for canonical, generic, invention in zip(
                self.canonical, self.pair.generic, self.pair.inventions, strict=True
            )
        )
        return tuple(differences(one, other))

    @cached_property
    def _differing(self) -> Footprint:
        return frozenset((each.key, each.path) for each in self._generic_differences)

    @cached_property
    def _people(self) -> tuple[Field, ...]:
        """The identity settings that say who and where, beyond account, region and names."""
        return tuple(each for each in self.pair.identity if each.key.partition(":")[2] not in CORE)

    @staticmethod
    def _touches(footprint: Iterable[tuple[str, str]], found: Difference) -> bool:
        place = _anywhere(found.path)
        return any(
            key == found.key and (_within(_anywhere(path), place) or _within(place, _anywhere(path)))
            for key, path in footprint
        )


def _anywhere(path: str) -> str:
    """A path without the positions in its lists where they mean nothing."""
    return path if path.startswith(ORDERED) else re.sub(r"\[\d+\]", "[]", path)


def _within(inner: str, outer: str) -> bool:
    return outer in ("", inner) or inner.startswith((f"{outer}.", f"{outer}["))


def _value(programs: Properties, found: Difference, side: int) -> Any:
    properties = programs.get(found.key)
    return ABSENT if properties is None else _at(properties, found.steps[side])


def _at(value: Any, steps: Iterable[str | int]) -> Any:
    """The value at a place, or ABSENT."""
    for step in steps:
        if isinstance(step, int):
            if not isinstance(value, list) or step >= len(value):
                return ABSENT
        elif not isinstance(value, Mapping) or step not in value:
            return ABSENT
        value = value[step]
    return value
