from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest
from moto import mock_aws

from operations.deployment import ledger_size as module
from operations.deployment.ledger_size import ledger_size
from operations.engine.failure import OperationFailed, StackMissing
from operations.workspace import AccessRefused

TABLE = "payments-table-prod-acme"


@pytest.fixture
def session() -> Iterator[boto3.Session]:
    with mock_aws():
        session = boto3.Session("testing", "testing", region_name="eu-west-1")
        session.client("dynamodb").create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
        )
        yield session


def pay(session: boto3.Session, count: int) -> None:
    client = session.client("dynamodb")
    for number in range(count):
        for sk in ("PAYMENT", "AUDIT#000001"):
            client.put_item(TableName=TABLE, Item={"pk": {"S": f"PAYMENT#{number}"}, "sk": {"S": sk}})


def outputs() -> Mapping[str, Any]:
    return {"tableName": TABLE}


@pytest.mark.parametrize(("count", "size"), [(0, "0 payments"), (1, "1 payment"), (3, "3 payments")])
def test_payments_are_counted_without_their_audit_trail(
    session: boto3.Session, count: int, size: str
) -> None:
    pay(session, count)

    assert ledger_size(outputs, lambda _: session) == size


def test_counting_ends_after_some_pages(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    class Client:
        def get_paginator(self, _: str) -> "Client":
            return self

        def paginate(self, **_: Any) -> Iterator[dict[str, Any]]:
            while True:
                yield {"Count": 10, "LastEvaluatedKey": {}}

    class Session:
        def client(self, _: str) -> Client:
            return Client()

    monkeypatch.setattr(module, "PAGES", 2)

    assert ledger_size(outputs, lambda _: Session()) == "at least 20 payments"


def test_who_may_not_become_operator_sees_dynamodbs_own_figure(session: boto3.Session) -> None:
    pay(session, 2)

    def only_deployer(role: str) -> boto3.Session:
        if role == "operator":
            raise AccessRefused("operator-role can't be assumed")
        return session

    assert ledger_size(outputs, only_deployer) == (
        "about 4 items, audit trail included, as counted up to 6 hours ago"
    )


def test_what_could_not_be_counted_is_said_with_the_reason() -> None:
    def refused(_: str) -> boto3.Session:
        raise AccessRefused("operator-role can't be assumed\nUse other credentials.")

    def unreadable() -> Mapping[str, Any]:
        raise OperationFailed("payments/prod: locked")

    assert ledger_size(outputs, refused) == "an unknown number of payments (operator-role can't be assumed)"
    assert ledger_size(unreadable, refused) == "an unknown number of payments (payments/prod: locked)"


def test_a_stack_that_is_not_deployed_has_no_ledger() -> None:
    def missing() -> Mapping[str, Any]:
        raise StackMissing("no stack")

    def refused(_: str) -> boto3.Session:
        raise AssertionError

    assert ledger_size(missing, refused) == "no ledger"
    assert ledger_size(dict, refused) == "no ledger"
