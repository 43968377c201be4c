"""Counts belong to a payment's id and a content, and survive a busy table."""

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from operations.dead_letters.redrive_counts import Content, RedriveCounts
from operations.engine.failure import OperationFailed
from tests.operations.payments.records import TABLE, items, make_table


@pytest.fixture
def client() -> Iterator[Any]:
    with mock_aws():
        yield make_table()


def test_what_was_put_is_got_and_the_rest_is_left_out(client: Any) -> None:
    counts = RedriveCounts(client, TABLE)
    contents: list[Content] = [(f"payment-{n:04}", "0a") for n in range(150)]
    for start in range(0, 150, 25):
        counts.put(dict.fromkeys(contents[start : start + 25], start + 1))
    counts.put({})
    found = counts.get([*contents, ("payment-0001", "0b"), ("payment-9999", "0a")])
    assert len(found) == 150
    assert (found["payment-0000", "0a"], found["payment-0149", "0a"]) == (1, 126)
    assert {item["pk"]["S"].partition("#")[0] for item in items(client)} == {"REDRIVE"}


class PuttingOff:
    """Takes nothing of a batch."""

    def batch_get_item(self, RequestItems: Any) -> Any:  # noqa: N803 # boto3's name
        return {"Responses": {}, "UnprocessedKeys": RequestItems}

    def batch_write_item(self, RequestItems: Any) -> Any:  # noqa: N803
        return {"UnprocessedItems": RequestItems}


def test_a_table_that_stays_busy_is_given_up_on() -> None:
    counts = RedriveCounts(PuttingOff(), TABLE)
    with pytest.raises(OperationFailed, match="too busy to be written"):
        counts.put({("payment-0001", "0a"): 1})
    with pytest.raises(OperationFailed, match="too busy to be read"):
        counts.get([("payment-0001", "0a")])
