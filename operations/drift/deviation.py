"""Whether a stack holds, at one place, what is expected of it.

Lists are sets where their order means nothing: a member is looked for among the members that are expected,
wherever it stands.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from operations.drift.compare import ORDERED, Steps
from operations.drift.normal_form import identical, means_the_same, normal
from operations.drift.plain import holds
from operations.drift.report import ABSENT


def deviates(type_: str, actual: Any, expected: Any, steps: Steps, member: Any) -> bool:
    """Return whether the value at a place of a resource is another one than what is expected there.

    Args:
        type_: the resource's type.
        actual: its properties, or ABSENT.
        expected: the properties that are expected, or ABSENT.
        steps: the place in `actual`; none for the whole resource.
        member: what stands there in this stack or, where nothing does, in the other one.
    """
    if ABSENT in (actual, expected) or not steps:
        return (actual == ABSENT) is not (expected == ABSENT)
    top = str(steps[0])
    return _at(
        type_, normal(dict(actual)), normal(dict(expected)), steps, member, top, ordered=top in ORDERED
    )


def _at(
    type_: str, actual: Any, expected: Any, steps: Steps, member: Any, path: str, *, ordered: bool
) -> bool:
    if not steps:
        return not is_held(type_, path, actual, expected)
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        if not isinstance(actual, list) or not isinstance(expected, list):
            return not is_held(type_, path, actual, expected)
        if ordered:
            return _at(type_, _item(actual, step), _item(expected, step), rest, member, path, ordered=True)
        return _of_set(type_, actual, expected, steps, member, path)
    if not isinstance(actual, Mapping) or not isinstance(expected, Mapping):
        return not is_held(type_, path, actual, expected)
    inner = str(step) if path == str(step) else f"{path}.{step}"
    return _at(
        type_, actual.get(step, ABSENT), expected.get(step, ABSENT), rest, member, inner, ordered=ordered
    )


def _of_set(
    type_: str, actual: Sequence[Any], expected: Sequence[Any], steps: Steps, member: Any, path: str
) -> bool:
    position, rest = int(steps[0]), steps[1:]
    # At the end of the path the member may be one that only the other stack has.
    one = normal(member) if not rest and member != ABSENT else _item(actual, position)
    held = sum(identical(each, one) for each in actual)
    wanted = sum(holds(one, each) for each in expected)
    if not rest:
        return held != wanted
    if held == wanted:
        # The account may add to a member, but not at the very place that is asked about.
        same = next((each for each in expected if holds(one, each)), ABSENT)
        return same != ABSENT and _at(type_, one, same, rest, member, f"{path}[]", ordered=False)
    counterpart = _most_alike(one, [each for each in expected if not any(holds(own, each) for own in actual)])
    return counterpart == ABSENT or _at(type_, one, counterpart, rest, member, f"{path}[]", ordered=False)


def is_held(type_: str, path: str, actual: Any, expected: Any) -> bool:
    """Return whether a value is what is expected; an account adds members of its own to mappings."""
    if means_the_same(type_, path, actual, expected):
        return True
    if actual == ABSENT or expected == ABSENT:
        return False
    return holds(actual, expected)


def _item(members: Any, position: int) -> Any:
    return members[position] if isinstance(members, list) and position < len(members) else ABSENT


def _most_alike(one: Any, others: Sequence[Any]) -> Any:
    """The one among others that shares the most members with it, or ABSENT."""
    if not isinstance(one, Mapping):
        return ABSENT
    candidates = [each for each in others if isinstance(each, Mapping)]
    return max(
        candidates,
        key=lambda each: sum(identical(each.get(key), item) for key, item in one.items()),
        default=ABSENT,
    )
