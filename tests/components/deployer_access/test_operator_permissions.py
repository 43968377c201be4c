"""The operator reads payments and redrives dead letters of its own environment, and can do nothing else."""

from dataclasses import replace

import pytest

from tests.components.deployer_access.documents import documents_of
from tests.components.deployer_access.evaluator import Call, decide

ACCOUNT, REGION = "111111111111", "us-east-1"
DOCUMENTS = documents_of("operator-role", "dev")


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def call(action: str, resource: str, **conditions: str) -> Call:
    return Call(action=action, resource=arn(action.partition(":")[0], resource), conditions=conditions)


def with_key(action: str, service: str, suffix: str = "acme") -> Call:
    conditions = {
        "aws:ResourceTag/Environment": "dev",
        "aws:ResourceTag/EnvironmentSuffix": suffix,
        "kms:ViaService": f"{service}.{REGION}.amazonaws.com",
    }
    return call(action, "key/0b0e", **conditions)


def counting(*keys: str) -> Call:
    """A batch of writes to the ledger's items of these partition keys."""
    return replace(call("dynamodb:BatchWriteItem", TABLE), conditions={"dynamodb:LeadingKeys": list(keys)})


TABLE = "table/payments-table-dev-acme"
QUEUE, DEAD_LETTERS = "payments-queue-dev-acme", "payments-dead-letter-queue-dev-acme"

ALLOWED = [
    *(call(f"dynamodb:{action}", TABLE) for action in ("BatchGetItem", "GetItem", "Query", "Scan")),
    call("dynamodb:Query", f"{TABLE}/index/by-day"),
    counting("REDRIVE#payment-0001"),
    Call(action="cloudwatch:PutMetricData", resource="*", conditions={"cloudwatch:namespace": "Payments"}),
    *(
        call(f"sqs:{action}", DEAD_LETTERS)
        for action in ("ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility")
    ),
    call("sqs:SendMessage", QUEUE),
    with_key("kms:Decrypt", "dynamodb"),
    with_key("kms:Decrypt", "sqs"),
    with_key("kms:GenerateDataKey", "sqs"),
]
DENIED = [
    call("sqs:SendMessage", DEAD_LETTERS),
    call("sqs:SendMessage", "payments-verification-queue-dev-acme"),
    call("sqs:ReceiveMessage", "payments-verification-dead-letter-queue-dev-acme"),
    call("sqs:ReceiveMessage", "planted-dead-letter-queue-dev-acme"),
    # what is the function's alone
    *(call(f"dynamodb:{action}", TABLE) for action in ("PutItem", "UpdateItem", "DeleteItem")),
    *(call(f"sqs:{action}", QUEUE) for action in ("ReceiveMessage", "DeleteMessage", "PurgeQueue")),
    counting("PAYMENT#payment-0001"),
    counting("REDRIVE#a", "PAYMENT#a"),
    Call(action="cloudwatch:PutMetricData", resource="*", conditions={"cloudwatch:namespace": "AWS/SQS"}),
    call("dynamodb:Scan", "table/payments-table-prod-acme", **{"dynamodb:Select": "COUNT"}),
    call("sqs:PurgeQueue", DEAD_LETTERS),
    call("sns:Publish", "payments-notification-topic-dev-acme"),
    # what is the deployer's
    call("sqs:SetQueueAttributes", QUEUE),
    call("dynamodb:DeleteTable", TABLE),
    call("lambda:UpdateFunctionCode", "function:payments-function-dev-acme"),
    Call(action="sts:AssumeRole", resource=f"arn:aws:iam::{ACCOUNT}:role/deployer-role-dev-acme"),
    # other deployments'
    call("dynamodb:Query", "table/payments-table-dev-blue"),
    call("dynamodb:Query", "table/payments-table-prod-acme"),
    call("sqs:ReceiveMessage", "payments-dead-letter-queue-dev-blue"),
    call("sqs:SendMessage", "payments-queue-prod-acme"),
    with_key("kms:Decrypt", "sqs", suffix="blue"),
    # keys without a service in between
    with_key("kms:Decrypt", "s3"),
    with_key("kms:GenerateDataKey", "dynamodb"),
]


def _named(each: Call) -> str:
    return f"{each.action}-{each.resource.rpartition(':')[2]}"


@pytest.mark.parametrize("each", ALLOWED, ids=_named)
def test_the_operator_can(each: Call) -> None:
    assert decide(DOCUMENTS, each) == "allowed"


@pytest.mark.parametrize("each", DENIED, ids=_named)
def test_the_operator_cannot(each: Call) -> None:
    assert decide(DOCUMENTS, each) == "not allowed"
