"""A record is what the function wrote; whatever else the table holds shows as a problem."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto import mock_aws

from functions.payment_processor.ledger import payment_from_item
from operations.payments.record import Item, entry_digest, record_of
from tests.operations.payments.records import items, make_table, recorded


@pytest.fixture
def written() -> Iterator[list[Item]]:
    """A payment that was accepted, met a conflict, and was notified."""
    with mock_aws():
        client = make_table()
        recorded(client, "CONFLICT", "NOTIFIED")
        found = sorted(items(client), key=lambda item: str(item["sk"]["S"]))
        yield [item for item in found if not item["sk"]["S"].startswith("MESSAGE#")]


def test_what_the_function_wrote_is_read_without_a_problem(written: list[Item]) -> None:
    record = record_of(written)
    assert record
    assert [each["event"] for each in record.trail] == ["ACCEPTED", "CONFLICT", "NOTIFIED"]
    assert (record.payment["amount"], record.payment["state"]) == (1234, "NOTIFIED")
    assert record.problems == []


def test_nothing_written_is_no_payment() -> None:
    assert record_of([]) is None


def _drop(kind: str) -> Callable[[list[Any]], None]:
    return lambda found: found.remove(next(item for item in found if item.get("event", {}).get("S") == kind))


def _change(**values: dict[str, str]) -> Callable[[list[Any]], None]:
    return lambda found: found[-1].update(values)


def _entry(number: int, **values: dict[str, str]) -> Callable[[list[Any]], None]:
    return lambda found: found[number - 1].update(values)


def _rewrite_entry_and_successors(found: list[Any]) -> None:
    """What somebody does who can write and knows the chain, but forgets the head."""
    found[1]["requestId"] = {"S": "another"}
    found[2]["previousDigest"] = {"S": entry_digest(payment_from_item(found[1]))}


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (_drop("NOTIFIED"), "counts 3 audit entries, there are 2"),
        (_drop("NOTIFIED"), "by its audit trail the payment is RECORDED, the payment says NOTIFIED"),
        (_drop("ACCEPTED"), "audit entry 1, CONFLICT, can't follow"),
        (_change(amount={"N": "999999"}), "its digest differs"),
        (_change(state={"S": "RECORDED"}), "the payment says RECORDED"),
        (_entry(1, at={"S": "2026-01-31T09:30:00.000Z"}), "audit entry 2 does not continue the chain"),
        (_entry(2, senderId={"S": "somebody"}), "audit entry 3 does not continue the chain: entry 2 is not"),
        (_entry(3, messageId={"S": "another"}), "the last audit entry is not the one"),
        (_entry(2, contentDigest={"S": "0" * 64}), "audit entry 3 does not continue the chain"),
        (_entry(2, previousDigest={"S": "0" * 64}), "audit entry 2 does not continue the chain"),
        (_rewrite_entry_and_successors, "the last audit entry is not the one"),
        (_change(chainHead={"S": "0" * 64}), "the last audit entry is not the one"),
        (_change(nearDuplicateOf={"S": "payment-0000"}), "the payment's unchanging fields are not what"),
        (_change(recordedAt={"S": "2026-01-30T09:30:01.000Z"}), "the payment's unchanging fields are not"),
        (_change(indexDay={"S": "2026-01-30#0"}), "the index holds the payment as"),
        (_change(indexState={"S": "RECORDED#2026-01-31T09:30:01.000Z"}), "the index holds the payment as"),
    ],
)
def test_what_was_changed_by_hand_is_a_problem(
    written: list[Item], spoil: Callable[[list[Any]], None], problem: str
) -> None:
    spoil(written)
    record = record_of(written)
    assert record
    assert problem in "\n".join(record.problems)


def test_a_record_does_not_show_accounts_where_it_is_printed(written: list[Item]) -> None:
    assert "DE89" not in repr(record_of(written))


def test_the_mark_of_a_message_is_no_audit_entry() -> None:
    with mock_aws():
        client = make_table()
        recorded(client, "CONFLICT")
        found = record_of(sorted(items(client), key=lambda item: str(item["sk"]["S"])))
    assert found
    assert (len(found.trail), found.problems) == (2, [])


def test_entries_of_version_1_need_no_chain_and_those_after_them_have_one(written: list[Any]) -> None:
    *entries, payment = written
    for item in entries:
        item.pop("previousDigest")
        item.pop("itemVersion")
    for name in ("chainHead", "itemVersion", "nearDuplicateOf", "indexDay", "indexState"):
        payment.pop(name)
    record = record_of(written)
    assert record
    assert (record.problems, record.is_chained) == ([], False)
