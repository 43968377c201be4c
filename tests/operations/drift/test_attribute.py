"""Why the two networks differ, asked of their own program."""

from typing import Any

import pytest

from operations import REPOSITORY
from operations.drift.attribute import Attribution, Cause
from operations.drift.canonical import canonical_pair
from operations.drift.compare import Difference
from operations.drift.declared import declared
from operations.drift.held import Held
from operations.drift.program import Pair, Program
from operations.drift.report import ABSENT, Classification, Kind
from operations.drift.sources import Code
from operations.drift.stack import Stack
from operations.engine.failure import StackName

PROJECTS = REPOSITORY / "projects"
FLOW_LOG = "vpc-flow-log"


@pytest.fixture(scope="module")
def attribution() -> Attribution:
    names = [StackName(project="network", environment=environment) for environment in ("staging", "prod")]
    one, other = (Code(projects=PROJECTS).read(name) for name in names)
    settings = [declared(name, PROJECTS) for name in names]
    return Attribution(
        stacks=(one, other),
        canonical=canonical_pair(one, other, (settings[0].identity, settings[1].identity)),
        pair=Pair(
            baseline=Program(declared=settings[0], stack=one),
            target=Program(declared=settings[1], stack=other),
        ),
    )


def key(stack: Stack, name: str) -> str:
    (found,) = [each.key for each in stack.resources.values() if each.name == name]
    return found


def cause(attribution: Attribution, key: str, path: str, ours: Any, theirs: Any) -> Cause | None:
    """Of two values at a place of both stacks, or of a resource that only one of them has."""
    views = tuple(
        {key: {**dict(held.get(key, {})), path: value}} if value != ABSENT and path else {}
        for held, value in zip(
            map(Held, attribution.stacks, attribution.canonical), (ours, theirs), strict=True
        )
    )
    if path == "":
        views = tuple({} if value == ABSENT else {key: value} for value in (ours, theirs))
    steps = ((path,), (path,)) if path else ((), ())
    kind = Kind.EXTRA if ours == ABSENT else Kind.CHANGED
    found = Difference(key=key, path=path, kind=kind, baseline=ours, target=theirs, steps=steps)
    return attribution.cause(found, (views[0], views[1]))


def test_a_scaling_field_drives_what_moves_with_it(attribution: Attribution) -> None:
    group = key(attribution.stacks[0], "flow-log-group")
    found = cause(attribution, group, "retentionInDays", 30, 365)
    assert found
    assert [each.key for each in found.fields] == ["network:flowLogRetentionDays"]
    assert (found.classification, found.off, found.special) == (Classification.CONTROLLED, (), ())
    assert found.declared == {"staging": 30, "prod": 365}


@pytest.mark.parametrize(
    ("ours", "theirs", "off"),
    [
        (30, 366, ("prod",)),
        (7, 365, ("staging",)),
        (7, 8, ("staging", "prod")),
        (30, 30, ("prod",)),
        (365, 365, ("staging",)),
        (7, 7, ("staging", "prod")),
    ],
)
def test_a_side_that_does_not_hold_what_it_declares_is_off(
    attribution: Attribution, ours: int, theirs: int, off: tuple[str, ...]
) -> None:
    group = key(attribution.stacks[0], "flow-log-group")
    found = cause(attribution, group, "retentionInDays", ours, theirs)
    assert found
    assert (found.classification, found.off) == (Classification.DRIFT, off)
    assert [each.key for each in found.fields] == ["network:flowLogRetentionDays"]


def test_a_field_of_identity_explains_text_in_which_its_value_stands(attribution: Attribution) -> None:
    vpc = key(attribution.stacks[0], "vpc")
    found = cause(attribution, vpc, "cidrBlock", "10.20.0.0/20", "10.30.0.0/20")
    assert found
    assert [each.key for each in found.fields] == ["network:vpcCidr"]
    assert found.classification is Classification.IDENTITY


def test_what_no_field_moves_has_no_cause(attribution: Attribution) -> None:
    flow_log = key(attribution.stacks[0], FLOW_LOG)
    found = cause(attribution, flow_log, "trafficType", "ALL", "REJECT")
    assert found
    assert (found.classification, found.fields, found.off) == (Classification.DRIFT, (), ("prod",))


def test_a_resource_that_no_program_declares_is_off_where_it_is(attribution: Attribution) -> None:
    found = cause(attribution, "a:b/c:D::another", "", ABSENT, {"a": 1})
    assert found
    assert found.off == ("prod",)
