"""The fakes behave as moto does, wherever moto can show it; and as AWS does where it can't."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .builders import ENVIRONMENT
from .conftest import Backend
from .fakes import FakeTable

TABLE = ENVIRONMENT["TABLE_NAME"]


def put(sort_key: str, value: str = "1", **more: Any) -> dict[str, Any]:
    item = {"pk": {"S": "p"}, "sk": {"S": sort_key}, "v": {"N": value}}
    return {"Put": {"TableName": TABLE, "Item": item, **more}}


def update(sort_key: str, before: str, **more: Any) -> dict[str, Any]:
    change = {
        "TableName": TABLE,
        "Key": {"pk": {"S": "p"}, "sk": {"S": sort_key}},
        "UpdateExpression": "SET v = :v, #w = :w",
        "ConditionExpression": "v = :before",
        "ExpressionAttributeNames": {"#w": "state"},
        "ExpressionAttributeValues": {":v": {"N": "9"}, ":w": {"S": "x"}, ":before": {"N": before}},
    }
    return {"Update": change | more}


ABSENT = {"ConditionExpression": "attribute_not_exists(pk)"}
OLD = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def codes(backend: Backend, *operations: dict[str, Any]) -> list[tuple[str, bool]]:
    """What a transaction was cancelled for: a code for each operation, and whether it came with the item."""
    try:
        backend.dynamodb.transact_write_items(TransactItems=list(operations))
    except ClientError as failure:
        return [(reason["Code"], "Item" in reason) for reason in failure.response["CancellationReasons"]]
    return []


def test_a_transaction_writes_all_its_items(backend: Backend) -> None:
    assert codes(backend, put("a", **ABSENT), put("b", **ABSENT)) == []
    assert set(backend.items()) == {("p", "a"), ("p", "b")}


def test_a_put_replaces_what_is_there_unless_a_condition_forbids_it(backend: Backend) -> None:
    assert codes(backend, put("a", "1")) == codes(backend, put("a", "2")) == []
    assert backend.items()["p", "a"]["v"] == {"N": "2"}
    assert codes(backend, put("a", "3", **ABSENT)) == [("ConditionalCheckFailed", False)]
    assert backend.items()["p", "a"]["v"] == {"N": "2"}


def test_a_cancelled_transaction_writes_nothing_and_shows_the_item_if_asked(backend: Backend) -> None:
    codes(backend, put("a"))
    assert codes(backend, put("a", "2", **ABSENT, **OLD), put("b", **ABSENT)) == [
        ("ConditionalCheckFailed", True),
        ("None", False),
    ]
    assert backend.items()["p", "a"]["v"] == {"N": "1"}
    assert ("p", "b") not in backend.items()


def test_an_update_is_made_if_its_condition_holds(backend: Backend) -> None:
    codes(backend, put("a"))
    assert codes(backend, update("a", "1"), put("b", **ABSENT)) == []
    assert backend.items()["p", "a"] == {
        "pk": {"S": "p"},
        "sk": {"S": "a"},
        "v": {"N": "9"},
        "state": {"S": "x"},
    }
    assert codes(backend, update("a", "1", **OLD)) == [("ConditionalCheckFailed", True)]


def test_a_condition_on_an_item_that_is_not_there_fails_without_an_item(backend: Backend) -> None:
    assert codes(backend, update("a", "1", **OLD)) == [("ConditionalCheckFailed", False)]


def test_no_item_may_occur_twice_in_a_transaction(backend: Backend) -> None:
    with pytest.raises(ClientError, match="Validation"):
        backend.dynamodb.transact_write_items(TransactItems=[put("a"), put("a")])


def test_transactions_that_meet_on_an_item_conflict_and_one_of_them_writes() -> None:
    table = FakeTable(seconds=0.02)

    def write(number: int) -> str:
        try:
            table.client().transact_write_items(TransactItems=[put("a", str(number), **ABSENT)])
        except ClientError as failure:
            return str(failure.response["CancellationReasons"][0]["Code"])
        return "written"

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(write, range(8)))
    assert results.count("written") == 1
    assert set(results) <= {"written", "TransactionConflict", "ConditionalCheckFailed"}
    assert len(table.history["p", "a"]) == 1
