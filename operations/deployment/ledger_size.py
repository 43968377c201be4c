"""Counts an environment's payments, for a person who is about to destroy them."""

from collections.abc import Callable, Mapping
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from operations.engine.failure import OperationFailed, StackMissing

PAGES = 50
"""Pages of 1 MB that are counted: some 50,000 payments in a few seconds. Beyond that, `at least` will do."""

Session = Callable[[str], boto3.Session]
"""Returns a session of one of the environment's roles (`operator`, `deployer`)."""


def ledger_size(outputs: Callable[[], Mapping[str, Any]], session: Session) -> str:
    """Describe how many payments the ledger holds, in words; also where that could not be found out.

    The operator counts them one by one (it may count, and read single payments). Where the caller cannot
    assume the operator role, DynamoDB's own figure has to do: of all items, and up to six hours old.
    """
    try:
        table = outputs().get("tableName")
    except StackMissing:
        table = None
    except OperationFailed as failure:
        return f"an unknown number of payments ({_first_line(failure)})"
    if not table:
        return "no ledger"
    try:
        return _counted(session("operator").client("dynamodb"), table)
    except (OperationFailed, ClientError, BotoCoreError) as reason:
        counted = reason
    try:
        described = session("deployer").client("dynamodb").describe_table(TableName=table)["Table"]
    except (OperationFailed, ClientError, BotoCoreError):
        return f"an unknown number of payments ({_first_line(counted)})"
    return f"about {described['ItemCount']} items, audit trail included, as counted up to 6 hours ago"


def _counted(client: Any, table: str) -> str:
    pages = client.get_paginator("scan").paginate(
        TableName=table,
        Select="COUNT",
        FilterExpression="sk = :payment",
        ExpressionAttributeValues={":payment": {"S": "PAYMENT"}},
    )
    count = 0
    for number, page in enumerate(pages, start=1):
        count += page["Count"]
        if number == PAGES and "LastEvaluatedKey" in page:
            return f"at least {count} payments"
    return f"{count} payment{'' if count == 1 else 's'}"


def _first_line(reason: Exception) -> str:
    return str(reason).partition("\n")[0]
