"""A record is what the function wrote; whatever else the table holds shows as a problem."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto import mock_aws

from operations.payments.record import Item, record_of
from tests.operations.payments.records import items, make_table, recorded


@pytest.fixture
def written() -> Iterator[list[Item]]:
    """A payment that was accepted, met a conflict, and was notified."""
    with mock_aws():
        client = make_table()
        recorded(client, "CONFLICT", "NOTIFIED")
        yield sorted(items(client), key=lambda item: str(item["sk"]["S"]))


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


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (_drop("NOTIFIED"), "counts 3 audit entries, there are 2"),
        (_drop("NOTIFIED"), "by its audit trail the payment is RECORDED, the payment says NOTIFIED"),
        (_drop("ACCEPTED"), "audit entry 1, CONFLICT, can't follow"),
        (_change(amount={"N": "999999"}), "its digest differs"),
        (_change(state={"S": "RECORDED"}), "the payment says RECORDED"),
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
