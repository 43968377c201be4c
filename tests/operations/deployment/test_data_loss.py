from typing import Any

import pytest

from operations.deployment.changes import Change
from operations.deployment.data_loss import (
    EROSIONS,
    HOLDS_DATA,
    DataWouldBeLostError,
    losses,
    require_data_kept,
)
from operations.engine.failure import StackName

PAYMENTS = StackName(project="payments", environment="prod")
TABLE = "aws:dynamodb/table:Table"
GROUP = "aws:cloudwatch/logGroup:LogGroup"
QUEUE = "aws:sqs/queue:Queue"


def change(type_: str = TABLE, operation: str = "update", **changed: Any) -> Change:
    return Change(
        stack=PAYMENTS,
        urn=f"urn:pulumi:prod::payments::{type_}::it",
        type=type_,
        operation=operation,
        **{"before": {"name": "it"}, **changed},
    )


@pytest.mark.parametrize("type_", HOLDS_DATA)
@pytest.mark.parametrize("operation", ["replace", "delete", "discard"])
def test_the_end_of_a_resource_that_holds_data_is_a_loss(type_: str, operation: str) -> None:
    (loss,) = losses([change(type_, operation)])

    assert loss.loses == HOLDS_DATA[type_]


@pytest.mark.parametrize("operation", ["create", "update", "import"])
@pytest.mark.parametrize("type_", HOLDS_DATA)
def test_what_stays_loses_nothing(type_: str, operation: str) -> None:
    assert losses([change(type_, operation)]) == ()


def test_the_end_of_what_holds_no_data_is_no_loss() -> None:
    assert losses([change("aws:lambda/function:Function", "replace")]) == ()


@pytest.mark.parametrize(
    ("type_", "before", "after"),
    [
        (GROUP, {"retentionInDays": 365}, {"retentionInDays": 30}),
        (GROUP, {}, {"retentionInDays": 3653}),
        (GROUP, {"retentionInDays": 0}, {"retentionInDays": 30}),
        (TABLE, {"pointInTimeRecovery": {"enabled": True}}, {"pointInTimeRecovery": {"enabled": False}}),
        (TABLE, {"pointInTimeRecovery": {"enabled": True}}, {}),
        (TABLE, {}, {"ttl": {"enabled": True, "attributeName": "at"}}),
        ("aws:kms/key:Key", {"isEnabled": True}, {"isEnabled": False}),
        ("aws:kms/key:Key", {"description": "a key"}, {"isEnabled": False}),
        (QUEUE, {"messageRetentionSeconds": 1_209_600}, {"messageRetentionSeconds": 60}),
        (QUEUE, {"messageRetentionSeconds": 1_209_600}, {}),
        ("aws:kinesis/stream:Stream", {"retentionPeriod": 48}, {}),
    ],
)
def test_a_setting_that_deletes_data_is_a_loss_and_its_reversal_is_none(
    type_: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    named = {"name": "it"}
    assert len(losses([change(type_, before=before | named, after=after | named)])) == 1
    assert losses([change(type_, before=after | named, after=before | named)]) == ()
    assert losses([change(type_, "create", before={}, after=after)]) == ()


def test_every_setting_that_deletes_data_has_a_case_above() -> None:
    assert {erosion.type for erosion in EROSIONS} <= {GROUP, TABLE, QUEUE, "aws:kms/key:Key"} | {
        "aws:kinesis/stream:Stream"
    }


def test_all_losses_are_in_one_message_with_the_options_that_allow_them() -> None:
    lost = [change(operation="replace", properties=("hashKey",)), change(QUEUE, "delete")]

    with pytest.raises(DataWouldBeLostError) as refused:
        require_data_kept(PAYMENTS, lost)

    assert str(refused.value).splitlines() == [
        "payments/prod would lose data, so it was not changed:",
        f"  replace of it (hashKey) loses {HOLDS_DATA[TABLE]}",
        f"  delete of it loses {HOLDS_DATA[QUEUE]}",
        "If that is meant, and the data is safe: "
        f"--allow-replace '{lost[0].urn}' --allow-replace '{lost[1].urn}'",
    ]


def test_permission_for_one_resource_is_none_for_another() -> None:
    lost = [change(operation="replace"), change(QUEUE, "delete")]
    require_data_kept(PAYMENTS, lost, {each.urn for each in lost})

    with pytest.raises(DataWouldBeLostError, match="delete of it") as refused:
        require_data_kept(PAYMENTS, lost, {lost[0].urn})

    assert lost[0].urn not in str(refused.value)
