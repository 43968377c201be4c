from collections import defaultdict

import pytest

from components.environment import LADDER
from tests.builders import SECTIONS
from tests.recorder import render


@pytest.mark.parametrize("environment", LADDER)
@pytest.mark.parametrize("project", SECTIONS)
def test_every_role_owns_exactly_the_policies_that_the_program_attaches(
    project: str, environment: str
) -> None:
    recorder = render(project, environment)
    attached: dict[str, set[str]] = {each.inputs["name"]: set() for each in recorder.of_type("iam/role:Role")}
    for each in recorder.of_type("RolePolicyAttachment"):
        attached[each.inputs["role"]].add(each.inputs["policyArn"])
    exclusive: dict[str, set[str]] = defaultdict(set)
    for each in recorder.of_type("RolePolicyAttachmentsExclusive"):
        exclusive[each.inputs["roleName"]] |= set(each.inputs["policyArns"])
    assert exclusive == attached
    inline = {
        each.inputs["roleName"]: each.inputs["policyNames"]
        for each in recorder.of_type("RolePoliciesExclusive")
    }
    assert inline == {name: [] for name in attached}
