"""The verifier sends synthetic payments and removes them, and touches no other payment of the ledger."""

import json

import pytest

from components.deployer_access.verifier_permissions import RESERVED_KEYS
from operations.verification.probes import RESERVED
from tests.components.deployer_access.documents import documents_of
from tests.components.deployer_access.evaluator import Call, decide
from tests.components.deployer_access.test_operator_permissions import (
    DEAD_LETTERS,
    QUEUE,
    TABLE,
    call,
    with_key,
)

DOCUMENTS = documents_of("verifier-role", "dev")

ALLOWED = [
    call("sqs:SendMessage", "payments-verification-queue-dev-acme"),
    call("sqs:GetQueueAttributes", QUEUE),
    *(
        call(f"sqs:{action}", "payments-verification-dead-letter-queue-dev-acme")
        for action in ("ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility")
    ),
    with_key("kms:Decrypt", "dynamodb"),
    with_key("kms:Decrypt", "sqs"),
    with_key("kms:GenerateDataKey", "sqs"),
    call("cloudwatch:DescribeAlarms", "alarm:*"),
]
DENIED = [
    *(call(f"dynamodb:{action}", TABLE) for action in ("PutItem", "UpdateItem", "GetItem", "Scan")),
    *(call(f"sqs:{action}", QUEUE) for action in ("ReceiveMessage", "SendMessage", "DeleteMessage")),
    *(call(f"sqs:{action}", DEAD_LETTERS) for action in ("ReceiveMessage", "SendMessage", "DeleteMessage")),
    call("sqs:ReceiveMessage", "payments-verification-queue-dev-acme"),
    call("sqs:SendMessage", "planted-verification-queue-dev-acme"),
    call("sqs:PurgeQueue", DEAD_LETTERS),
    call("sns:Publish", "payments-notification-topic-dev-acme"),
    call("cloudwatch:SetAlarmState", "alarm:payments-dead-letter-depth-alarm-dev-acme"),
    call("lambda:UpdateFunctionCode", "function:payments-function-dev-acme"),
    call("sqs:SendMessage", "payments-queue-prod-acme"),
    with_key("kms:Decrypt", "s3"),
    with_key("kms:Decrypt", "sqs", suffix="blue"),
]


def _named(each: Call) -> str:
    return f"{each.action}-{each.resource.rpartition(':')[2]}"


@pytest.mark.parametrize("each", ALLOWED, ids=_named)
def test_the_verifier_can(each: Call) -> None:
    assert decide(DOCUMENTS, each) == "allowed"


@pytest.mark.parametrize("each", DENIED, ids=_named)
def test_the_verifier_cannot(each: Call) -> None:
    assert decide(DOCUMENTS, each) == "not allowed"


def test_the_ledger_is_open_to_it_for_reserved_payments_alone() -> None:
    assert f"PAYMENT#{RESERVED}*" == RESERVED_KEYS
    statements = [each for document in DOCUMENTS for each in json.loads(document)["Statement"]]
    (on_tables,) = [each for each in statements if "dynamodb:Query" in each["Action"]]
    assert sorted(on_tables["Action"]) == ["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query"]
    assert on_tables["Resource"] == "arn:aws:dynamodb:us-east-1:111111111111:table/payments-table-dev-acme"
    assert on_tables["Condition"] == {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": [RESERVED_KEYS]},
        "Null": {"dynamodb:LeadingKeys": "false"},
    }
