"""Compares two sets of resources: DeepDiff explains the pairs of properties that differ, and no others."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deepdiff import DeepDiff
from deepdiff.model import DiffLevel
from deepdiff.operator import BaseOperator

from operations.drift.normal_form import identical, means_the_same, normal_members
from operations.drift.report import ABSENT, Kind

ORDERED = ("dashboardBody", "layers", "command", "entryPoints")
"""Properties in which the order of a list means something. All other lists are sets, as they are to AWS."""

_SCALAR = str | int | float
"""What needs no explanation where it differs."""


Steps = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Where two resources of one key differ."""

    key: str
    path: str
    """Empty where the whole resource is missing or extra."""
    kind: Kind
    baseline: Any
    target: Any
    steps: tuple[Steps, Steps] = ((), ())
    """The path in each of the two, key by key: the members of a set may stand in another order."""


def differences(
    baseline: Mapping[str, Mapping[str, Any]], target: Mapping[str, Mapping[str, Any]]
) -> Iterator[Difference]:
    """Every difference between resources, given as key to properties."""
    for key, ours in baseline.items():
        theirs = target.get(key)
        if theirs is None:
            yield Difference(key=key, path="", kind=Kind.MISSING, baseline=ours, target=ABSENT)
        elif not identical(ours, theirs):
            yield from _of_properties(key, normal_members(ours), normal_members(theirs))
    for key, theirs in target.items():
        if key not in baseline:
            yield Difference(key=key, path="", kind=Kind.EXTRA, baseline=ABSENT, target=theirs)


def type_of(key: str) -> str:
    """The type of the resource with this key."""
    return key.rpartition("::")[0].rpartition("$")[2]


def _of_properties(key: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[Difference]:
    type_ = type_of(key)
    for name in sorted(ours.keys() | theirs.keys()):
        if means_the_same(type_, name, ours.get(name, ABSENT), theirs.get(name, ABSENT)):
            continue
        here: tuple[Steps, Steps] = ((name,), (name,))
        if name not in theirs:
            yield Difference(
                key=key, path=name, kind=Kind.MISSING, baseline=ours[name], target=ABSENT, steps=here
            )
        elif name not in ours:
            yield Difference(
                key=key, path=name, kind=Kind.EXTRA, baseline=ABSENT, target=theirs[name], steps=here
            )
        elif _same(ours[name], theirs[name], ordered=name in ORDERED):
            continue
        elif isinstance(ours[name], _SCALAR) and isinstance(theirs[name], _SCALAR):
            yield Difference(
                key=key,
                path=name,
                kind=Kind.CHANGED,
                baseline=ours[name],
                target=theirs[name],
                steps=here,
            )
        else:
            yield from (
                each
                for each in _inside(key, name, ours[name], theirs[name])
                # Members that one list repeats more often are equal, and a difference all the same.
                if identical(each.baseline, each.target)
                or not means_the_same(type_, each.path, each.baseline, each.target)
            )


def _same(ours: Any, theirs: Any, *, ordered: bool) -> bool:
    return identical(ours, theirs) or (not ordered and identical(sorted_sets(ours), sorted_sets(theirs)))


def sorted_sets(value: Any) -> Any:
    """The value with the members of its lists in an order of their own."""
    if isinstance(value, Mapping):
        return {key: sorted_sets(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted(
            (sorted_sets(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True)
        )
    return value


class _Equal(BaseOperator):
    """Within a list whose order means something, DeepDiff goes through equal members too, at some cost."""

    def match(self, level: DiffLevel) -> bool:
        return isinstance(level.t1, dict | list) and identical(level.t1, level.t2)

    def give_up_diffing(self, level: DiffLevel, diff_instance: DeepDiff) -> bool:  # noqa: ARG002  DeepDiff's
        return True


def _inside(key: str, name: str, ours: Any, theirs: Any) -> Iterator[Difference]:
    found = DeepDiff(
        {name: ours},
        {name: theirs},
        ignore_order=name not in ORDERED,
        report_repetition=True,
        ignore_numeric_type_changes=False,
        view="tree",
        verbose_level=2,
        cutoff_intersection_for_pairs=1,
        cutoff_distance_for_pairs=1,
        custom_operators=[_Equal()] if name in ORDERED else None,
    )
    for category, levels in found.items():
        for level in levels:
            yield _difference(key, category, level)


def _difference(key: str, category: str, level: DiffLevel) -> Difference:
    kind = Kind.CHANGED
    if category.endswith("_added"):
        kind = Kind.EXTRA
    elif category.endswith("_removed"):
        kind = Kind.MISSING
    return Difference(
        key=key,
        path=spelled(level.path(output_format="list")),
        kind=kind,
        baseline=ABSENT if kind is Kind.EXTRA else level.t1,
        target=ABSENT if kind is Kind.MISSING else level.t2,
        steps=(
            tuple(level.path(output_format="list")),
            tuple(level.path(output_format="list", use_t2=True)),
        ),
    )


def spelled(steps: Iterable[str | int]) -> str:
    """A path as reports show it: `environment.variables.LOG_LEVEL`, `ingress[0].fromPort`."""
    path = ""
    for step in steps:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else str(step)
    return path


def at(properties: Mapping[str, Any], path: str) -> Any:
    """The value at a path of `differences`, or ABSENT."""
    value: Any = properties
    rest = path
    while rest:
        if rest.startswith("["):
            position, _, rest = rest[1:].partition("]")
            if not isinstance(value, list) or int(position) >= len(value):
                return ABSENT
            value = value[int(position)]
        elif isinstance(value, Mapping):
            # A key may itself hold dots and brackets: `aws:SourceArn`, `kms.amazonaws.com`.
            found = [name for name in value if rest == name or rest.startswith((f"{name}.", f"{name}["))]
            if not found:
                return ABSENT
            name = max(found, key=len)
            value, rest = value[name], rest[len(name) :]
        else:
            return ABSENT
        rest = rest.removeprefix(".")
    return value
