"""What a real AWS plugin writes is judged as what the sandbox's provider writes."""

from dataclasses import replace

import pytest

from operations.drift import against_engine
from operations.drift.engine import Seen
from operations.drift.expectation import Asked
from operations.drift.report import ABSENT, Classification
from operations.engine.failure import StackName
from tests.operations.drift.recordings import recorded, refreshed
from tests.operations.drift.runs import drift, of_class, parity


@pytest.mark.parametrize("project", ["bootstrap-iam", "network", "payments"])
def test_an_unchanged_account_shows_no_drift(project: str) -> None:
    name = StackName(project=project, environment="staging")
    assert [*against_engine.cloud(name, refreshed(project, "clean"))] == []


def test_each_of_six_changes_in_the_account_is_found_and_nothing_else() -> None:
    found = {
        (each.resource, each.path): (each.baseline, each.target)
        for project in ("network", "payments")
        for each in against_engine.cloud(
            StackName(project=project, environment="staging"), refreshed(project, "changed")
        )
    }
    backdoor = found.pop(("payments-function-role", "inlinePolicies[0]"))
    assert backdoor[0] == ABSENT
    assert backdoor[1]["name"] == "backdoor"
    opened = found.pop(("function-security-group", "ingress[0]"))
    assert opened[0] == ABSENT
    assert (opened[1]["fromPort"], opened[1]["source"]) == (22, "0.0.0.0/0")
    code = found.pop(("payments-function", "sourceCodeHash"))
    assert code[0] != code[1]
    assert found == {
        ("payments-table", "ttl.enabled"): (False, True),
        ("payments-table", "ttl.attributeName"): (ABSENT, "expires"),
        ("payments-queue", "delaySeconds"): (0, 9),
        ("payments-function", "timeout"): (30, 77),
    }


@pytest.mark.parametrize(
    ("project", "places"),
    [
        ("network", {("function-security-group", "ingress[0]")}),
        (
            "payments",
            {
                ("payments-function-role", "inlinePolicies[0]"),
                ("payments-table", "ttl"),
                ("payments-queue", "delaySeconds"),
                ("payments-function", "sourceCodeHash"),
                ("payments-function", "timeout"),
            },
        ),
    ],
)
def test_what_a_refresh_took_into_the_state_is_found_still(
    project: str, places: set[tuple[str, str]]
) -> None:
    name = StackName(project=project, environment="staging")
    steps = refreshed(project, "changed")
    asked = Asked(inputs={step.key: step.old.inputs for step in steps if step.old})
    # The plugin may take a change into the outputs alone: the inputs stay what was asked for.
    laundered = [
        replace(step, operation="same", old=Seen(inputs=step.old.inputs, outputs=step.new.outputs))
        for step in steps
        if step.old and step.new
    ]
    found = {(each.resource, each.path) for each in against_engine.cloud(name, laundered, asked)}
    assert found == places


def test_dev_and_staging_differ_in_controlled_variations_alone() -> None:
    report = parity({**recorded("dev"), **recorded("staging")}, baseline="dev", target="staging")
    assert drift(report) == []
    assert report.not_checked == ()
    assert {
        ("payments-function", "memorySize"): (512, 1024),
        ("payments-queue", "redrivePolicy.maxReceiveCount"): (2, 3),
        ("payments-table", "pointInTimeRecovery.enabled"): (False, True),
    }.items() <= {
        (each.resource, each.path): (each.baseline, each.target)
        for each in of_class(report, Classification.CONTROLLED)
    }.items()
