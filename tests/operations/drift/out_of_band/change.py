"""A change that somebody makes past the engine: what it does to which property, and what must be found."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from operations.drift.compare import at
from operations.drift.plain import plain
from operations.drift.report import ABSENT


@dataclass(frozen=True, kw_only=True)
class Place:
    """A resource in an environment's account."""

    client: Callable[[str], Any]
    """Service to its client in the account."""
    states: Mapping[str, Mapping[str, Any]]
    """Logical name of each resource of the environment to its outputs as the state has them."""
    resource: str

    @property
    def outputs(self) -> Mapping[str, Any]:
        """The resource's own."""
        return self.states[self.resource]

    @property
    def id(self) -> str:
        """What the provider knows the resource by."""
        return str(self.outputs["id"])

    def held(self, path: str) -> Any:
        """What the state has there: all of a resource's tags are its `tags`."""
        properties = plain(dict(self.outputs))
        return at({**properties, "tags": properties.get("tagsAll", {})}, path)

    def document(self, name: str) -> Any:
        """A property that is JSON text."""
        return json.loads(self.outputs[name])


class Shown(dict[str, Any]):
    """Path to what the account shows after a change, where that is not just the drawn value."""


Apply = Callable[[Place, Any], object]
Draw = Callable[[Random, Any], Any]
"""Another value than the one that is there."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One entry of the catalogue."""

    resource: str
    path: str
    """Empty where the whole resource goes."""
    apply: Apply
    """Makes the change; may say what is shown then."""
    draw: Draw
    takes: frozenset[str] = frozenset()
    """Logical names of all resources that are gone afterwards."""
    last: bool = False
    """Whether what it leaves would refuse another change."""

    def __str__(self) -> str:
        return f"{self.resource}.{self.path or '(gone)'}"

    def conflicts(self, other: "Change") -> bool:
        """Whether the two can't be told apart in one account."""
        if self.takes or other.takes:
            return bool((self.takes | {self.resource}) & (other.takes | {other.resource}))
        paths = sorted((self.path, other.path))
        same = paths[0] == paths[1] or paths[1].startswith((f"{paths[0]}.", f"{paths[0]}["))
        return self.resource == other.resource and same


def changed(resource: str, path: str, draw: Draw, apply: Apply, *, last: bool = False) -> Change:
    """A property that gets another value."""
    return Change(resource=resource, path=path, draw=draw, apply=apply, last=last)


def removed(resource: str, apply: Callable[[Place], object], *with_it: str) -> Change:
    """A resource that is deleted, and those that go with it."""
    return Change(
        resource=resource,
        path="",
        draw=gone,
        apply=lambda place, _: apply(place),
        takes=frozenset({resource, *with_it}),
        last=True,
    )


def tagged(
    resource: str,
    put: Callable[[Place, dict[str, str]], object],
    drop: Callable[[Place, list[str]], object],
) -> tuple[Change, ...]:
    """A tag that is added, one that gets another value, and one that is removed."""
    return (
        changed(resource, "tags.Rogue", text, lambda place, value: put(place, {"Rogue": value})),
        changed(resource, "tags.Environment", text, lambda place, value: put(place, {"Environment": value})),
        changed(resource, "tags.Project", gone, lambda place, _: drop(place, ["Project"])),
    )


def listed(tags: Mapping[str, str], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Tags as most services take them."""
    return [{key: name, value: each} for name, each in tags.items()]


def one_of(*values: Any) -> Draw:
    """One of a few."""
    return lambda random, present: random.choice([value for value in values if value != present])


def whole(least: int, most: int) -> Draw:
    """A whole number."""

    def draw(random: Random, present: Any) -> int:
        found = random.randrange(least, most)
        return most if found == present else found

    return draw


def flipped(_: Random, present: Any) -> bool:
    """The other truth; what the state leaves out is false."""
    return present is not True


def text(random: Random, _: Any) -> str:
    """A text that nothing holds yet."""
    return f"changed-{random.randrange(10**9)}"


def gone(_: Random, __: Any) -> str:
    """Nothing."""
    return ABSENT


def statement(random: Random, _: Any) -> dict[str, Any]:
    """A statement for a policy on identities."""
    return {
        "Sid": f"Changed{random.randrange(10**9)}",
        "Effect": random.choice(["Allow", "Deny"]),
        "Action": random.choice(["sqs:SendMessage", "sns:Publish", "kms:Decrypt"]),
        "Resource": "*",
    }


def let_in(action: str) -> Draw:
    """A statement for a policy on resources: another account may do something."""
    return lambda random, _: {
        "Sid": f"Changed{random.randrange(10**9)}",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{random.randrange(10**11, 10**12)}:root"},
        "Action": action,
    }


Put = Callable[[Place, str], object]
"""Writes a document, given as text."""


EFFECT, EFFECTS = ("Statement", 0, "Effect"), one_of("Allow", "Deny")


def policy(
    resource: str,
    name: str,
    put: Put,
    another: Draw,
    *,
    part: Sequence[str | int] = EFFECT,
    draw: Draw = EFFECTS,
) -> tuple[Change, ...]:
    """Another value in a statement of a policy, and another statement."""

    def turned(place: Place, value: str) -> None:
        document = inner = place.document(name)
        for step in part[:-1]:
            inner = inner[step]
        inner[part[-1]] = value
        put(place, json.dumps(document))

    def added(place: Place, value: dict[str, Any]) -> Shown:
        document = place.document(name)
        document["Statement"].append(value)
        put(place, json.dumps(document))
        return Shown({f"{name}.Statement[{len(document['Statement']) - 1}]": value})

    # Each writes the whole document: one path for both keeps them out of one another's account.
    path = name + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in part)
    return (changed(resource, path, draw, turned), changed(resource, path, another, added))
