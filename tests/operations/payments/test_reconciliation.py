"""A day's books balance, or each difference is named."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from moto import mock_aws

from functions.payment_processor.payments import Payment
from operations.payments.ledger import LedgerReader, ListedPayment
from operations.payments.reconciliation import (
    Reconciliation,
    Total,
    as_json,
    as_text,
    metric_data,
    reconcile,
)
from tests.operations.payments.records import TABLE, make_table, recorded

NOW = datetime(2026, 1, 31, 9, 40, tzinfo=UTC)
Books = tuple[list[ListedPayment], dict[str, Payment]]


@pytest.fixture
def books() -> Books:
    with mock_aws():
        client = make_table()
        recorded(client, "NOTIFIED")
        recorded(client, "NOTIFIED", paymentId="payment-0002", amount=1)
        recorded(client, "NOTIFIED", paymentId="payment-0003", currency="USD")
        recorded(client, paymentId="payment-0004")
        rows = list(LedgerReader(client, TABLE).listed(date(2026, 1, 31)))
        return rows, LedgerReader(client, TABLE).payments(row.payment_id for row in rows)


def balance(books: Books, **changes: Any) -> Reconciliation:
    given: dict[str, Any] = {"dead_letters": 0, "now": NOW, "overdue": timedelta(minutes=15)} | changes
    return reconcile("2026-01-31", *books, **given)


def test_books_that_balance(books: Books) -> None:
    found = balance(books)
    assert found.balanced
    assert (found.indexed, found.stored, found.notified, found.pending) == (4, 4, 3, 1)
    assert (found.accepted, found.rejected) == (3, 1)
    assert found.totals == (Total(currency="EUR", payments=3, amount=1234 + 1 + 1234),)
    assert found.oldest_pending_seconds == 10 * 60 - 1


def test_each_difference_is_named(books: Books) -> None:
    rows, stored = books
    by_id = {row.payment_id: row for row in rows}
    first = by_id["payment-0001"]

    assert balance(books, overdue=timedelta(minutes=5)).differences == (
        "payment-0004 is recorded for 10 min, and not notified",
    )
    assert balance(books, dead_letters=2).differences == ("2 message(s) in the dead-letter queue",)
    assert balance(books, unindexed=["payment-0009"]).differences == (
        "payment-0009 is stored, and not in the index",
    )
    without = {name: payment for name, payment in stored.items() if name != "payment-0001"}
    assert balance((rows, without)).differences == ("payment-0001 is in the index, and not stored",)
    others = [row for row in rows if row is not first]
    assert balance(([*others, replace(first, amount=9)], stored)).differences == (
        "payment-0001 has another amount in the index",
    )
    early = replace(by_id["payment-0004"], state="NOTIFIED")
    rest = [row for row in rows if row.payment_id != "payment-0004"]
    assert balance(([*rest, early], stored)).differences == (
        "payment-0004 is NOTIFIED in the index, and RECORDED in the table",
    )
    behind = replace(first, state="RECORDED")
    assert balance(([*others, behind], stored)).balanced, "an index may be behind"


def test_synthetic_payments_are_in_no_books(books: Books) -> None:
    rows, stored = books
    synthetic = replace(rows[0], payment_id="verification:0a1b2c3d4e5f:accepted")
    assert balance(([*rows, synthetic], stored)) == balance(books)


def test_machines_people_and_the_alarm_get_the_same(books: Books) -> None:
    found = balance(books, dead_letters=1)
    data = json.loads(as_json(found))
    assert (data["balanced"], data["pending"], data["totals"]["EUR"]) == (
        False,
        1,
        {"payments": 3, "amount": 2469},
    )
    assert "4 stored = 3 notified + 1 pending = 3 accepted + 1 rejected" in as_text(found)
    assert "EUR 24.69 in 3 payment(s)" in as_text(found)
    (metric,) = metric_data(found, "prod")
    assert (metric["MetricName"], metric["Value"]) == ("UnnotifiedPaymentAge", 599.0)
    assert {each["Name"]: each["Value"] for each in metric["Dimensions"]} == {
        "environment": "prod",
        "service": "payments",
    }
