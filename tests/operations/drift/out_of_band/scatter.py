"""Which change is made in which environment, and to what value: drawn at random, each at least once."""

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

from operations.drift.report import ABSENT, Finding, Kind
from tests.operations.drift.out_of_band.change import Change, Place, Shown

Where = tuple[str, str, str]
"""Environment, resource, path."""
What = tuple[Kind, Any, Any]
"""What the state has, and what the account shows."""
WHOLE = "(all of it)"
"""Stands for the value of a resource that is gone."""


def scattered(
    catalogue: Sequence[Change], environments: Sequence[str], random: Random
) -> Mapping[str, Sequence[Change]]:
    """Environment to its changes, in the order in which they can be made; a quarter are made in two."""
    chosen: dict[str, list[Change]] = {each: [] for each in random.sample(environments, k=len(environments))}

    def free(change: Change) -> list[str]:
        return [each for each in chosen if not any(change.conflicts(other) for other in chosen[each])]

    mixed = random.sample(catalogue, k=len(catalogue))
    # What takes most with it first: all else goes round it.
    for change in sorted(mixed, key=lambda each: len(each.takes), reverse=True):
        # A stack is asked again for each layer of it that is gone: as much as can be goes in one environment.
        where = free(change)[0] if change.takes else random.choice(free(change))
        chosen[where].append(change)
    for change in mixed[: len(mixed) // 4]:
        if not change.takes and (left := free(change)):
            chosen[random.choice(left)].append(change)
    return {each: sorted(changes, key=lambda change: change.last) for each, changes in chosen.items()}


def made(change: Change, environment: str, place: Place, random: Random) -> Iterator[tuple[Where, What]]:
    """Makes a change; what must be found of it."""
    value = change.draw(random, place.held(change.path))
    shown = change.apply(place, value)
    if change.takes:
        for name in change.takes:
            yield (environment, name, ""), (Kind.MISSING, WHOLE, ABSENT)
    else:
        for path, after in (shown if isinstance(shown, Shown) else {change.path: value}).items():
            before = place.held(path)
            kind = Kind.EXTRA if before == ABSENT else Kind.MISSING if after == ABSENT else Kind.CHANGED
            yield (environment, change.resource, path), (kind, before, after)


def told(finding: Finding) -> tuple[Where, What]:
    """A finding in the same words."""
    before = WHOLE if finding.path == "" and finding.baseline else finding.baseline
    return (
        (finding.environment, finding.resource, finding.path),
        (finding.kind, before, finding.target),
    )
