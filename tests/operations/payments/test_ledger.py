"""The reader finds what the function wrote, in as few calls as may be."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from moto import mock_aws

from functions.payment_processor.payments import Event
from operations.dead_letters.redrive_counts import RedriveCounts
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
    found = LedgerReader(client, TABLE).payments([*ids, *ids])
    assert {name: (each["state"], each["contentDigest"]) for name, each in found.items()} == {
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
    assert len(reader.payments(f"payment-000{number}" for number in range(3))) == 3


def test_keys_that_are_always_put_off_are_given_up_on(client: Any) -> None:
    with pytest.raises(LedgerBusy, match="try again later"):
        LedgerReader(PuttingOff(client, 0), TABLE).payments(["payment-0001"])


def test_a_days_payments_are_listed_by_state_without_account_references(client: Any) -> None:
    for number in range(40):
        events: list[Event] = ["NOTIFIED"] if number % 4 else []
        recorded(client, *events, paymentId=f"payment-{number:04}")
    recorded(client, paymentId="payment-0099", recorded_at="2026-02-01T00:00:00.000Z")
    reader, day = LedgerReader(client, TABLE), date(2026, 1, 31)
    assert {row.payment_id for row in reader.listed(day)} == {f"payment-{n:04}" for n in range(40)}
    pending = list(reader.listed(day, state="RECORDED"))
    assert {row.payment_id for row in pending} == {f"payment-{n:04}" for n in range(0, 40, 4)}
    assert {(row.currency, row.amount, row.notified_at) for row in pending} == {("EUR", 1234, None)}
    assert "DE89" not in str(pending)
    assert [row.payment_id for row in reader.listed(date(2026, 2, 1))] == ["payment-0099"]


def test_a_scan_yields_every_payment_with_its_trail_and_nothing_else(client: Any) -> None:
    recorded(client, "CONFLICT", "NOTIFIED")
    recorded(client, paymentId="payment-0002")
    RedriveCounts(client, TABLE).put({("payment-0001", "0a"): 1})
    found = {record.payment["paymentId"]: record for record in LedgerReader(client, TABLE).scan()}
    assert {name: len(record.trail) for name, record in found.items()} == {
        "payment-0001": 3,
        "payment-0002": 1,
    }
    assert [record.problems for record in found.values()] == [[], []]


def test_a_conflict_is_found_in_the_trail_by_its_content_or_its_message(client: Any) -> None:
    recorded(client, "CONFLICT")
    reader = LedgerReader(client, TABLE)
    (conflict,) = (e for e in reader.record("payment-0001").trail if e["event"] == "CONFLICT")  # type: ignore[union-attr] # it is there
    digest, message = conflict["contentDigest"], conflict["messageId"]
    assert reader.has_conflict("payment-0001", digest, "another message")
    assert reader.has_conflict("payment-0001", "0" * 64, message)
    assert not reader.has_conflict("payment-0001", "0" * 64, "another message")
    assert not reader.has_conflict("payment-0002", digest, message)
