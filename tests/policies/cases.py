"""What a rule must say of what: tables of cases, each run through the pack's real servicer.

`about(rule, kind)` begins with one compliant resource, which must pass. `broken` spoils one property and
gives the exact messages; `fine` changes one and must still pass; `reads` names a property that the rule reads
and makes the four cases that every property has: missing, null, of a wrong type, and unknown.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from policies.adapter import Servicer
from tests.policies.compliant import resource
from tests.policies.engine import UNKNOWN, Made, analyze, analyze_stack, servicer, whole_pack

MISSING = object()
"""As a value: take the property away."""
WRONG: Mapping[str, Any] = {
    "a string": ["list"],
    "a number": {"an": "object"},
    "true or false": 7,
    "an object": "text",
    "a list": "text",
    "a list of strings": [{"an": "object"}],
    "a list of objects": ["text"],
    "a JSON object": "no JSON",
    "a JSON policy document": "no JSON",
}
"""A value that a property of the expected type can't have, by the words of the message."""
DESCRIBED: Mapping[str, str] = {
    "a string": "a list",
    "a number": "an object",
    "true or false": "a number",
    "an object": "a string",
    "a list": "a string",
    "a list of strings": "an object",
    "a list of objects": "a string",
    "a JSON object": "a string",
    "a JSON policy document": "a string",
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """Resources (the first is asked about), and what a rule must say of them."""

    rule: str
    name: str
    resources: tuple[Made, ...]
    messages: tuple[str, ...] = ()
    not_evaluated: str = ""
    environment: str = "dev"
    config: Mapping[str, str] | None = None
    whole_stack: bool = False

    def __str__(self) -> str:
        return f"{self.rule}: {self.name}"

    def run(self, pack: Servicer | None = None) -> None:
        """Ask the pack (all of it by default) and compare what this rule says, word for word."""
        if pack is None:
            pack = (
                whole_pack(self.environment)
                if self.config is None
                else servicer(self.environment, config=self.config, project=self.resources[0].project)
            )
        given = analyze_stack(pack, self.resources) if self.whole_stack else analyze(pack, self.resources[0])
        answers = [answer for answer in given if answer.rule == self.rule]
        said = [answer.message.partition(" Fix: ")[0] for answer in answers if not answer.not_evaluated]
        brief = [message.partition(" Its condition ")[0] for message in said]
        assert list(self.messages) in (said, brief), said  # why a condition does not count may be left out
        unknown = [answer.message for answer in answers if answer.not_evaluated]
        assert bool(unknown) == bool(self.not_evaluated), unknown
        assert all(self.not_evaluated in message for message in unknown), unknown


class Cases:
    """A module's table of cases."""

    def __init__(self) -> None:
        self.all: list[Case] = []

    def about(
        self,
        rule: str,
        kind: str | Made,
        *,
        environment: str = "dev",
        project: str = "payments",
        config: Mapping[str, str] | None = None,
    ) -> "About":
        """Begin with a compliant resource of a type, or with one that is given."""
        made = resource(kind, environment) if isinstance(kind, str) else kind
        return About(self, rule, (made.but(project=project),), environment=environment, config=config)

    def about_stack(self, rule: str, *resources: Made, environment: str = "dev") -> "About":
        """Begin with a compliant stack; paths begin with a resource's name."""
        return About(self, rule, resources, environment=environment, whole_stack=True)

    def forbidden(self, rule: str, kind: str, message: str, props: Mapping[str, Any] | None = None) -> None:
        """A type that the rule forbids as such: there is no compliant one."""
        made = Made(type=kind, name="subject", props=dict(props or {}))
        self.all.append(Case(rule=rule, name=f"{kind} is forbidden", resources=(made,), messages=(message,)))


class About:
    """Cases about one rule, all beginning with the same compliant resources."""

    def __init__(
        self,
        table: Cases,
        rule: str,
        resources: Sequence[Made],
        *,
        environment: str,
        whole_stack: bool = False,
        config: Mapping[str, str] | None = None,
    ) -> None:
        self._table = table
        self._start = Case(
            rule=rule,
            name=f"a compliant {resources[0].type.rpartition(':')[2]} in {environment}",
            resources=tuple(resources),
            environment=environment,
            whole_stack=whole_stack,
            config=config,
        )
        self._add(self._start)

    def broken(self, changes: Mapping[str, Any], *messages: str) -> "About":
        """Spoiled properties, by path, and the exact messages."""
        return self._add(replace(self._changed(changes), messages=messages))

    def fine(self, changes: Mapping[str, Any]) -> "About":
        """Changed properties that break nothing."""
        return self._add(self._changed(changes))

    def unknown(self, changes: Mapping[str, Any], path: str, *messages: str) -> "About":
        """Properties that can't be known yet: the rule says so, and what it found before."""
        return self._add(replace(self._changed(changes), not_evaluated=path, messages=messages))

    def without(self, name: str, *messages: str) -> "About":
        """A stack that lacks one resource."""
        kept = tuple(made for made in self._start.resources if made.name != name)
        assert len(kept) < len(self._start.resources)
        return self._add(replace(self._start, name=f"without {name}", resources=kept, messages=messages))

    def having(self, name: str, *more: Made, messages: Sequence[str] = ()) -> "About":
        """A stack that has further resources."""
        return self._add(
            replace(
                self._start, name=name, resources=(*self._start.resources, *more), messages=tuple(messages)
            )
        )

    def made(self, name: str, *messages: str, **fields: Any) -> "About":
        """The subject with other options or another provider."""
        first, *others = self._start.resources
        changed = (first.but(**fields), *others)
        return self._add(replace(self._start, name=name, resources=changed, messages=messages))

    def declaring(self, name: str, config: Mapping[str, str], *messages: str) -> "About":
        """A stack that declares something else."""
        return self._add(replace(self._start, name=name, config=config, messages=messages))

    def reads(self, path: str, expected: str, *absent: str, key: str | None = None) -> "About":
        """A property that the rule reads: `expected` as the message says it, `absent` the messages without
        it.

        `key` is what messages call it, its last segment by default.
        """
        called = key or path.rpartition(".")[2]
        wrong, described = WRONG[expected], DESCRIBED[expected]
        self.broken({path: MISSING}, *absent)
        self.broken({path: None}, *absent)
        self.broken({path: wrong}, f"{called} must be {expected}, but it is {described}.")
        return self.unknown({path: UNKNOWN}, called)

    def reads_nothing_without(self, path: str, expected: str) -> "About":
        """A property that the rule reads and a compliant resource lacks: missing and null are fine."""
        called = path.rpartition(".")[2]
        self.fine({path: None})
        self.broken({path: WRONG[expected]}, f"{called} must be {expected}, but it is {DESCRIBED[expected]}.")
        return self.unknown({path: UNKNOWN}, called)

    def _changed(self, changes: Mapping[str, Any]) -> Case:
        resources = list(self._start.resources)
        for path, value in changes.items():
            position, keys = self._split(path)
            props = copy.deepcopy(dict(resources[position].props))
            _set(props, keys, value)
            resources[position] = resources[position].but(props=props)
        return replace(self._start, name=", ".join(_shown(changes)), resources=tuple(resources))

    def _split(self, path: str) -> tuple[int, list[str]]:
        keys = path.split(".")
        if not self._start.whole_stack:
            return 0, keys
        names = [made.name for made in self._start.resources]
        return names.index(keys[0]), keys[1:]

    def _add(self, case: Case) -> "About":
        self._table.all.append(case)
        return self


def _shown(changes: Mapping[str, Any]) -> Iterator[str]:
    for path, value in changes.items():
        shown = "missing" if value is MISSING else "unknown" if value == UNKNOWN else repr(value)
        yield f"{path} {shown}"[:160]


def _set(props: Any, keys: Sequence[str], value: Any) -> None:
    for key in keys[:-1]:
        props = props[int(key)] if isinstance(props, list) else props.setdefault(key, {})
    if value is MISSING:
        del props[keys[-1]]
    elif isinstance(props, list):
        props[int(keys[-1])] = value
    else:
        props[keys[-1]] = value
