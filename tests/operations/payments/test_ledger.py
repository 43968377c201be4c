"""The reader finds what the function wrote, in as few calls as may be."""

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from functions.payment_processor.payments import Event
from operations.payments.ledger import KEYS_A_CALL, LedgerBusy, LedgerReader
from tests.operations.payments.records import TABLE, make_table, recorded


@pytest.fixture
def client() -> Iterator[Any]:
    with mock_aws():
        yield make_table()


def test_a_payment_is_read_with_its_trail_in_order(client: Any) -> None:
    conflicts: list[Event] = ["CONFLICT"] * 11
    events: list[Event] = [*conflicts, "NOTIFIED"]
    recorded(client, *events)
    recorded(client, paymentId="payment-0002")
    record = LedgerReader(client, TABLE).record("payment-0001")
    assert record
    assert [each["event"] for each in record.trail] == ["ACCEPTED", *events]
    assert record.problems == []


def test_a_payment_that_is_not_there_is_none(client: Any) -> None:
    assert LedgerReader(client, TABLE).record("payment-0001") is None


def test_where_many_payments_stand_is_asked_a_hundred_at_a_time(client: Any) -> None:
    done = recorded(client, "NOTIFIED")
    new = recorded(client, paymentId="payment-0150")
    calls = list[int]()
    client.meta.events.register(
        "provide-client-params.dynamodb.BatchGetItem",
        lambda params, **_: calls.append(len(params["RequestItems"][TABLE]["Keys"])),
    )
    ids = [f"payment-{number:04}" for number in range(KEYS_A_CALL + 100)]
    found = LedgerReader(client, TABLE).stored([*ids, *ids])
    assert {name: (each.state, each.content_digest) for name, each in found.items()} == {
        "payment-0001": ("NOTIFIED", done["contentDigest"]),
        "payment-0150": ("RECORDED", new["contentDigest"]),
    }
    assert calls == [100, 100]


class PuttingOff:
    """Answers one key a call, or none."""

    def __init__(self, client: Any, answered: int) -> None:
        self._client, self._answered = client, answered

    def batch_get_item(self, RequestItems: Any) -> Any:  # noqa: N803 # boto3's name
        asked = RequestItems[TABLE]
        now, later = asked["Keys"][: self._answered], asked["Keys"][self._answered :]
        answer: dict[str, Any] = {"Responses": {TABLE: []}}
        if now:
            answer = self._client.batch_get_item(RequestItems={TABLE: {**asked, "Keys": now}})
        return {**answer, "UnprocessedKeys": {TABLE: {**asked, "Keys": later}} if later else {}}


def test_keys_that_dynamodb_puts_off_are_asked_for_again(client: Any) -> None:
    for number in range(3):
        recorded(client, paymentId=f"payment-000{number}")
    reader = LedgerReader(PuttingOff(client, 1), TABLE)
    assert len(reader.stored(f"payment-000{number}" for number in range(3))) == 3


def test_keys_that_are_always_put_off_are_given_up_on(client: Any) -> None:
    with pytest.raises(LedgerBusy, match="try again later"):
        LedgerReader(PuttingOff(client, 0), TABLE).stored(["payment-0001"])
