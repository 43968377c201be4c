"""The timeline tells everything that happened, and nothing private."""

import json
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from moto import mock_aws
from rich.console import Console

from operations.payments.ledger import LedgerReader
from operations.payments.record import PaymentRecord
from operations.payments.timeline import as_json, as_timeline
from tests.operations.payments.records import TABLE, make_table, recorded

PRIVATE = ("DE89370400440532013000", "FR1420041010050500013M02606", "Jane Doe", "4711-private")


@pytest.fixture
def record() -> Iterator[PaymentRecord]:
    with mock_aws():
        client = make_table()
        recorded(client, "CONFLICT", "NOTIFIED")
        found = LedgerReader(client, TABLE).record("payment-0001")
        assert found
        yield found


def shown(record: PaymentRecord, width: int = 100) -> str:
    console = Console(width=width, file=StringIO())
    console.print(as_timeline(record))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_people_read_what_happened_when_and_through_what(record: PaymentRecord) -> None:
    lines = [line.rstrip() for line in shown(record).splitlines()]
    assert "amount     EUR 12.34" in lines
    assert "from, to   ****3000 → ****2606" in lines
    assert lines[lines.index("") + 1 :] == [
        "2026-01-31T09:30:01.000Z    +0.000 s  accepted",
        "  message message-1 by AIDAIENQZJOLO23YVJ4VO, invocation invocation-1",
        "2026-01-31T09:30:02.500Z    +1.500 s  conflict: other content was refused, it differs in amount",
        "  message message-2 by AIDAIENQZJOLO23YVJ4VO, invocation invocation-1",
        "2026-01-31T09:30:03.500Z    +2.500 s  notified",
        "  message message-1 by AIDAIENQZJOLO23YVJ4VO, invocation invocation-1",
    ]


def test_machines_read_the_same(record: PaymentRecord) -> None:
    data = json.loads(as_json(record))
    assert data["payment"]["debtor"] == "****3000"
    assert (data["payment"]["amount"], data["payment"]["state"]) == (1234, "NOTIFIED")
    assert [each["event"] for each in data["trail"]] == ["ACCEPTED", "CONFLICT", "NOTIFIED"]
    assert data["problems"] == []


def test_a_rejection_gives_its_reasons() -> None:
    with mock_aws():
        client = make_table()
        recorded(client, currency="USD")
        found = LedgerReader(client, TABLE).record("payment-0001")
    assert found
    assert "decision   rejected: CURRENCY_NOT_ENABLED" in shown(found)


def test_a_problem_is_loud(record: PaymentRecord) -> None:
    broken = replace(record, trail=record.trail[:2])
    assert "PROBLEM: the payment counts 3 audit entries, there are 2" in shown(broken)
    assert len(json.loads(as_json(broken))["problems"]) == 3


def test_nothing_private_is_shown(record: PaymentRecord) -> None:
    for text in (shown(record), as_json(record)):
        assert not [private for private in PRIVATE if private in text]


@pytest.mark.parametrize(
    ("at", "text"),
    [
        ("2026-01-31T09:30:00.500Z", "-0.500 s"),
        ("2026-01-31T09:30:01.000Z", "+0.000 s"),
        ("2026-01-31T09:28:01.000Z", "-2 min"),
        ("2026-01-31T10:30:01.000Z", "+60 min"),
    ],
)
def test_an_entry_before_the_first_has_one_sign(record: PaymentRecord, at: str, text: str) -> None:
    """Clocks of two workers may differ."""
    trail: Any = [record.trail[0], {**record.trail[1], "at": at}]
    out = shown(replace(record, trail=trail))
    assert text in out
    assert "+-" not in out


def test_what_an_older_contract_let_into_an_account_does_not_reach_the_terminal(
    record: PaymentRecord,
) -> None:
    payment: Any = {**record.payment, "debtor": "DE8937040044053\u009b2J\u202e\u200b"}
    out = shown(replace(record, payment=payment))
    assert not [each for each in "\u009b\u202e\u200b" if each in out]
