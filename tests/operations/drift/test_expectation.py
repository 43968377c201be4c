"""What an account should hold is decided by the program; the state counts where AWS chooses the value."""

from typing import Any

import pytest

from operations.drift.engine import Seen, Step
from operations.drift.expectation import Asked, expected_properties

QUEUE, ROLE, TABLE, FUNCTION = (
    "aws:sqs/queue:Queue",
    "aws:iam/role:Role",
    "aws:dynamodb/table:Table",
    "aws:lambda/function:Function",
)


def judged(
    type_: str,
    *,
    inputs: dict[str, Any],
    recorded: dict[str, Any],
    held: dict[str, Any],
    asked: Asked | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    step = Step(
        operation="same",
        key="one",
        type=type_,
        old=Seen(inputs=inputs, outputs=recorded),
        new=Seen(inputs=inputs, outputs=held),
    )
    return expected_properties(step, asked or Asked(), recorded, held)


def test_a_property_that_the_program_sets_is_measured_by_the_program_and_not_by_the_state() -> None:
    expected, actual = judged(
        QUEUE, inputs={"delaySeconds": 0}, recorded={"delaySeconds": 9}, held={"delaySeconds": 9}
    )
    assert (expected, actual) == ({"delaySeconds": 0}, {"delaySeconds": 9})


def test_a_property_that_nobody_asks_for_is_expected_to_be_absent_whatever_the_state_says() -> None:
    policies = [{"name": "backdoor"}]
    expected, actual = judged(
        ROLE, inputs={}, recorded={"inlinePolicies": policies}, held={"inlinePolicies": policies}
    )
    assert (expected, actual) == ({"inlinePolicies": []}, {"inlinePolicies": policies})


@pytest.mark.parametrize(
    ("type_", "held"),
    [
        (QUEUE, {"sqsManagedSseEnabled": True, "maxMessageSize": 1_048_576}),
        (QUEUE, {"arn": "arn:aws:sqs:…", "url": "https://…"}),
        (FUNCTION, {"lastModified": "today", "version": "7"}),
    ],
)
def test_what_aws_fills_in_is_measured_by_the_state(type_: str, held: dict[str, Any]) -> None:
    expected, actual = judged(type_, inputs={}, recorded=held, held=held)
    assert expected == actual


def test_members_that_aws_fills_into_a_block_are_measured_by_the_state() -> None:
    recovery = {"enabled": True, "recoveryPeriodInDays": 35}
    expected, actual = judged(
        TABLE,
        inputs={"pointInTimeRecovery": {"enabled": True}},
        recorded={"pointInTimeRecovery": recovery},
        held={"pointInTimeRecovery": {**recovery, "recoveryPeriodInDays": 1}},
    )
    assert expected["pointInTimeRecovery"] == recovery
    assert actual["pointInTimeRecovery"]["recoveryPeriodInDays"] == 1


def test_a_switched_off_block_says_nothing_else() -> None:
    expected, actual = judged(
        TABLE,
        inputs={"ttl": {"attributeName": "expiresAt", "enabled": False}},
        recorded={"ttl": {"attributeName": "", "enabled": False}},
        held={"ttl": {"attributeName": "", "enabled": False}},
    )
    assert expected == actual == {"ttl": {"enabled": False}}


def test_what_the_program_is_about_to_change_is_measured_by_the_state() -> None:
    expected, _ = judged(
        QUEUE,
        inputs={"delaySeconds": 0},
        recorded={"delaySeconds": 0},
        held={"delaySeconds": 0},
        asked=Asked(inputs={"one": {"delaySeconds": 5}}),
    )
    assert expected == {"delaySeconds": 0}


def test_tags_are_the_resources_and_the_providers() -> None:
    held = {"tags": {"Name": "q", "Rogue": "x"}, "tagsAll": {"Name": "q", "Project": "p", "Rogue": "x"}}
    expected, actual = judged(
        QUEUE,
        inputs={"tags": {"Name": "q"}},
        recorded=held,
        held=held,
        asked=Asked(stack_tags={"Project": "p"}),
    )
    assert expected["tags"] == {"Name": "q", "Project": "p"}
    assert actual["tags"] == held["tagsAll"]
