from typing import Any

import pytest
from pulumi.automation import OpType
from pulumi.automation.events import StepEventMetadata, StepEventStateMetadata

from operations.deployment.changes import changes
from operations.engine.failure import StackName

PAYMENTS = StackName(project="payments", environment="prod")
TABLE = "urn:pulumi:prod::payments::aws:dynamodb/table:Table::payments-table"


def state(**inputs: Any) -> StepEventStateMetadata:
    return StepEventStateMetadata(
        type="aws:dynamodb/table:Table", urn=TABLE, id="", parent="", provider="", inputs=inputs
    )


def step(op: str, **changed: Any) -> StepEventMetadata:
    valid: dict[str, Any] = {
        "op": OpType(op),
        "urn": TABLE,
        "type": "aws:dynamodb/table:Table",
        "provider": "",
        "old": state(name="before"),
        "new": state(name="after"),
        "diffs": ["name"],
    }
    return StepEventMetadata(**{**valid, **changed})


def test_an_update_is_told_with_its_properties_and_both_sides() -> None:
    (found,) = changes(PAYMENTS, [step("update")])

    assert (found.name, found.operation, found.properties) == ("payments-table", "update", ("name",))
    assert (found.before, found.after) == ({"name": "before"}, {"name": "after"})


@pytest.mark.parametrize("op", ["same", "read", "refresh"])
def test_what_stays_is_no_change(op: str) -> None:
    assert changes(PAYMENTS, [step(op)]) == ()


def test_the_engines_own_resources_are_left_out() -> None:
    assert (
        changes(
            PAYMENTS,
            [step("update", type="pulumi:providers:aws"), step("create", type="pulumi:pulumi:Stack")],
        )
        == ()
    )


@pytest.mark.parametrize(
    "steps",
    [
        ["create-replacement", "replace", "delete-replaced"],
        ["delete-replaced", "replace", "create-replacement"],
    ],
)
def test_a_replacement_is_one_change_with_both_sides_in_whatever_order_its_steps_come(
    steps: list[str],
) -> None:
    sides: dict[str, dict[str, Any]] = {
        "create-replacement": {"old": None},
        "replace": {},
        "delete-replaced": {"new": None, "diffs": None},
    }
    (found,) = changes(PAYMENTS, [step(op, **sides[op]) for op in steps])

    assert (found.operation, found.properties) == ("replace", ("name",))
    assert (found.before, found.after) == ({"name": "before"}, {"name": "after"})


def test_a_deletion_has_nothing_after_and_a_creation_nothing_before() -> None:
    (deleted,) = changes(PAYMENTS, [step("delete", new=None)])
    (created,) = changes(PAYMENTS, [step("create", old=None, diffs=None)])

    assert (deleted.before, deleted.after) == ({"name": "before"}, {})
    assert (created.before, created.after, created.properties) == ({}, {"name": "after"}, ())


@pytest.mark.parametrize("steps", [["delete", "update"], ["update", "delete"], ["delete-replaced", "update"]])
def test_a_resource_that_one_step_ends_is_reported_as_ended(steps: list[str]) -> None:
    (found,) = changes(PAYMENTS, [step(op) for op in steps])

    assert found.ends
