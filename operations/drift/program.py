"""What the program of a stack declares: with the stack's own configuration, or with another one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from components.configuration import InvalidConfiguration
from operations.drift.compare import differences
from operations.drift.declared import Declared, Field, varying
from operations.drift.invention import ENVIRONMENT, Invention, invent, texts
from operations.drift.plain import plain
from operations.drift.stack import PROVIDERS, RECORDS, STACK, Resource, Stack, is_identifier, options_of
from operations.engine.failure import StackName
from operations.rendering import Known, Unrenderable, render

Properties = Mapping[str, Mapping[str, Any]]
"""Resource key to its properties. The stack's outputs stand under `(stack)`."""
Footprint = frozenset[tuple[str, str]]
"""Resource and path of everything that moves."""
Version = tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """All that a rendering depends on."""

    name: StackName
    projects: Path
    version: Version
    config: tuple[tuple[str, str], ...]
    answers: str
    """Of the stack's own resources and of those upstream, as JSON."""
    environment: str = ""
    """An invented one to render in, with the upstream environments of the stack's own."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """The program of one stack."""

    declared: Declared
    stack: Stack

    @cached_property
    def own(self) -> Properties:
        """What it declares with the stack's own configuration. Raises Unrenderable."""
        return _rendered(self.asked(None, {}))

    def invented(self, invention: Invention) -> Properties:
        """What it declares with an invented identity. Raises Unrenderable."""
        return _rendered(self.asked(invention, {}))

    def asked(self, invention: Invention | None, changed: Mapping[str, str]) -> Asked:
        """What to render for an identity, some values changed."""
        answers, identity = self._answers, invention.values if invention else {}
        return Asked(
            name=self.declared.name,
            projects=self.declared.projects,
            version=_version(self.declared.projects / self.declared.name.project),
            config=tuple(sorted({**self.declared.values, **identity, **changed}.items())),
            answers=json.dumps(_in_another(answers, invention) if invention else answers, sort_keys=True),
            environment=invention.environment if invention else "",
        )

    @cached_property
    def _answers(self) -> list[Any]:
        """What the program is answered by the resources of the stack and by those upstream."""
        known = [
            [each.type, each.name, each.id, _identifiers(each)]
            for each in self.stack.resources.values()
            if each.id
        ]
        return [self.stack.references, known]


def _in_another(answers: list[Any], invention: Invention) -> list[Any]:
    """The same answers in an invented environment."""
    references, known = answers
    own = invention.own.name.environment
    moved = {
        name.removesuffix(f"/{own}") + f"/{invention.environment or own}"
        if name.endswith(f"/{own}")
        else name: (invention.disguised(outputs) if name.endswith(f"/{own}") else outputs)
        for name, outputs in references.items()
    }
    return [
        moved,
        [[type_, name, *invention.disguised([id_, outputs])] for type_, name, id_, outputs in known],
    ]


@lru_cache(maxsize=512)
def moved(one: Asked, other: Asked) -> Footprint:
    """What two renderings differ in. Raises Unrenderable."""
    return frozenset((each.key, each.path) for each in differences(_rendered(one), _rendered(other)))


@lru_cache(maxsize=512)
def _rendered(asked: Asked) -> Properties:
    """What a program declares. Kept, because runs and pairs of environments ask for the same again."""
    references, known = json.loads(asked.answers)
    recorder = render(
        asked.name.project,
        asked.environment or asked.name.environment,
        projects=asked.projects,
        config=dict(asked.config),
        references=references,
        known={(type_, own): Known(id=id_, outputs=outputs) for type_, own, id_, outputs in known},
        in_place_of=asked.name.environment if asked.environment else None,
    )
    found: dict[str, Mapping[str, Any]] = {
        each.urn.split("::", 2)[2]: {
            **declared_properties(each.type, each.inputs),
            **options_of(
                protect=each.protect,
                retain_on_delete=each.retain_on_delete,
                ignore_changes=each.ignore_changes,
            ),
        }
        for each in recorder.resources
    }
    return {
        **found,
        STACK: {
            f"outputs.{name}": plain(value)
            for name, value in recorder.outputs.items()
            if name not in RECORDS  # a digest of the settings follows each of them, used or not
        },
    }


def declared_properties(kind: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """A rendered resource's inputs as plain data."""
    found: dict[str, Any] = plain(dict(inputs))
    if kind.startswith(PROVIDERS):
        found.pop("version", None)
    return found


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


@dataclass(frozen=True, kw_only=True)
class Pair:
    """The programs of two stacks of a project, and what their settings move. Raises Unrenderable."""

    baseline: Program
    target: Program
    _footprints: dict[tuple[str, int, bool], Footprint] = field(default_factory=dict)

    @property
    def programs(self) -> tuple[Program, Program]:
        """Both."""
        return self.baseline, self.target

    @cached_property
    def varying(self) -> tuple[Field, ...]:
        """The fields in which the two declare different values."""
        return varying(self.baseline.declared, self.target.declared)

    @cached_property
    def scaling(self) -> tuple[Field, ...]:
        """The scaling fields among them."""
        return tuple(each for each in self.varying if each.scaling)

    @cached_property
    def identity(self) -> tuple[Field, ...]:
        """The identity fields among them."""
        return tuple(each for each in self.varying if not each.scaling)

    @cached_property
    def inventions(self) -> tuple[Invention, Invention]:
        """An invented identity for each. What the programs take no other value for keeps its own."""
        without = self._not_invented(frozenset())
        while not self._renders(without, environment=ENVIRONMENT):
            # A program may look its region or its account up: it is rendered with the stack's own, then.
            rest = [each.key for each in self.identity if each.key not in without]
            fitting = (
                without | {key} for key in rest if self._renders(without | {key}, environment=ENVIRONMENT)
            )
            if (found := next(fitting, None)) is None and not rest:
                return self._invent(without, environment="")
            without = found or without | {*rest}
        return self._invent(without, environment=ENVIRONMENT)

    def _not_invented(self, without: frozenset[str]) -> frozenset[str]:
        """The keys for which the settings refuse an invented value."""
        for program, invention in zip(self.programs, self._invent(without, ENVIRONMENT), strict=True):
            try:
                program.invented(invention)
            except Unrenderable as error:
                if new := _refused(error) & {each.key for each in self.identity} - without:
                    return self._not_invented(without | new)
        return without

    def _renders(self, without: frozenset[str], environment: str) -> bool:
        try:
            for program, invention in zip(self.programs, self._invent(without, environment), strict=True):
                program.invented(invention)
        except Unrenderable:
            return False
        return True

    def _invent(self, without: frozenset[str], environment: str) -> tuple[Invention, Invention]:
        return invent(
            (self.baseline.declared, self.target.declared),
            self.identity,
            self._text,
            without=without,
            environment=environment,
        )

    @cached_property
    def _text(self) -> str:
        return "\n".join(each for program in self.programs for each in texts(program.own))

    @cached_property
    def generic(self) -> tuple[Properties, Properties]:
        """What both declare with the invented identity: they differ by scaling, and by lengths of lists."""
        one, other = (
            program.invented(invention)
            for program, invention in zip(self.programs, self.inventions, strict=True)
        )
        return one, other

    @cached_property
    def expected(self) -> tuple[Properties, Properties]:
        """What each declares if its program treats no identity specially."""
        one, other = (
            invention.own_again(properties)
            for invention, properties in zip(self.inventions, self.generic, strict=True)
        )
        return one, other

    def footprint(self, each: Field, side: int, *, invented: bool = True) -> Footprint:
        """What moves in one program (0: the baseline's) with the other stack's value of a scaling field."""
        place = each.key, side, invented
        if place not in self._footprints:
            value = self.programs[1 - side].declared.values.get(each.key)
            invention = self.inventions[side] if invented else None
            self._footprints[place] = (
                frozenset()
                if value is None
                else _moved_or_nothing(self.programs[side], invention, {each.key: value})
            )
        return self._footprints[place]

    def has_effect(self, each: Field) -> bool:
        """Whether a scaling field moves anything, in either program, whatever the identity."""
        return any(
            self.footprint(each, side, invented=invented) for invented in (True, False) for side in (0, 1)
        )


def _moved_or_nothing(program: Program, invention: Invention | None, changed: Mapping[str, str]) -> Footprint:
    try:
        return moved(program.asked(invention, {}), program.asked(invention, changed))
    except Unrenderable:  # the value is no use to that environment: the other way round tells
        return frozenset()


def _refused(error: Unrenderable) -> frozenset[str]:
    cause = error.__cause__
    return (
        frozenset(each.key for each in cause.mistakes)
        if isinstance(cause, InvalidConfiguration)
        else frozenset()
    )
