"""Why the two networks differ, asked of their own program."""

from dataclasses import replace
from typing import Any

import pytest

from operations import REPOSITORY
from operations.drift.attribute import Attribution, Side
from operations.drift.canonical import canonical_pair
from operations.drift.compare import Difference
from operations.drift.declared import declared
from operations.drift.report import ABSENT, Kind
from operations.drift.sources import Code
from operations.drift.stack import Stack
from operations.engine.failure import StackName

PROJECTS = REPOSITORY / "projects"
GROUP, FLOW_LOG = "aws:cloudwatch/logGroup:LogGroup::flow-log-group", "vpc-flow-log"


@pytest.fixture(scope="module")
def attribution() -> Attribution:
    names = [StackName(project="network", environment=environment) for environment in ("staging", "prod")]
    stacks = [Code(projects=PROJECTS).read(name) for name in names]
    settings = [declared(name, PROJECTS) for name in names]
    canonical = canonical_pair(stacks[0], stacks[1], (settings[0].identity, settings[1].identity))
    sides = [
        Side(declared=own, stack=stack, canonical=each)
        for own, stack, each in zip(settings, stacks, canonical, strict=True)
    ]
    return Attribution(baseline=sides[0], target=sides[1])


def key(stack: Stack, name: str) -> str:
    (found,) = [each.key for each in stack.resources.values() if each.name == name]
    return found


def difference(attribution: Attribution, name: str, path: str, ours: Any, theirs: Any) -> Difference:
    at = key(attribution.baseline.stack, name)
    return Difference(key=at, path=path, kind=Kind.CHANGED, baseline=ours, target=theirs)


def test_a_scaling_field_drives_what_moves_with_it(attribution: Attribution) -> None:
    cause = attribution.cause(difference(attribution, "flow-log-group", "retentionInDays", 30, 365))
    assert [each.key for each in cause.scaling] == ["network:flowLogRetentionDays"]
    assert cause.off == ()
    assert cause.declared == {"staging": 30, "prod": 365}


@pytest.mark.parametrize(
    ("ours", "theirs", "off"), [(30, 366, ("prod",)), (7, 365, ("staging",)), (7, 8, ("staging", "prod"))]
)
def test_a_side_that_does_not_hold_what_it_declares_is_off(
    attribution: Attribution, ours: int, theirs: int, off: tuple[str, ...]
) -> None:
    cause = attribution.cause(difference(attribution, "flow-log-group", "retentionInDays", ours, theirs))
    assert cause.off == off
    assert [each.key for each in cause.fields] == ["network:flowLogRetentionDays"]


def test_a_field_of_identity_explains_and_is_no_variation(attribution: Attribution) -> None:
    blocks = [side.declared.values["network:vpcCidr"] for side in (attribution.baseline, attribution.target)]
    cause = attribution.cause(difference(attribution, "vpc", "cidrBlock", *blocks))
    assert [each.key for each in cause.fields] == ["network:vpcCidr"]
    assert cause.scaling == ()
    assert cause.off == ()


def test_what_no_field_moves_has_no_cause(attribution: Attribution) -> None:
    cause = attribution.cause(difference(attribution, FLOW_LOG, "trafficType", "ALL", "REJECT"))
    assert (cause.fields, cause.off) == ((), ("prod",))


def test_a_resource_that_no_program_declares_is_off_where_it_is(attribution: Attribution) -> None:
    found = replace(difference(attribution, "vpc", "", ABSENT, {"a": 1}), key="another", kind=Kind.EXTRA)
    assert attribution.cause(found).off == ("prod",)
