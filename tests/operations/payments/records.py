"""Payments as the ledger holds them, written there by the function itself."""

from typing import Any

import boto3

from functions.payment_processor.ledger import Ledger
from functions.payment_processor.payments import AuditEntry, Event, Limits, Payment, decide
from operations.payments.record import Item

TABLE = "payments-table-dev-acme"
LIMITS = Limits(enabled_currencies=frozenset({"EUR"}), maximum_amount=10_000)
AT = "2026-01-31T09:30:01.000Z"


def request(**changes: Any) -> Any:
    """A valid request."""
    return {
        "paymentId": "payment-0001",
        "amount": 1234,
        "currency": "EUR",
        "debtor": "DE89370400440532013000",
        "creditor": "FR1420041010050500013M02606",
        "requestedAt": "2026-01-31T09:30:00Z",
        "reference": "Invoice of Jane Doe",
        "metadata": {"order": "4711-private"},
    } | changes


def entry(event: Event, about: Payment, at: str = AT, **changes: Any) -> AuditEntry:
    """An audit entry."""
    fields: Any = {
        "event": event,
        "at": at,
        "messageId": "message-1",
        "requestId": "invocation-1",
        "contentDigest": about["contentDigest"],
        "reasons": about["reasons"] if event == "REJECTED" else [],
        "differs": [],
    } | changes
    return fields  # type: ignore[no-any-return] # an entry, but for what a test changes


def make_table() -> Any:
    """A client of an empty ledger table, in moto."""
    client = boto3.client("dynamodb", region_name="us-east-1")
    keys = {"pk": "HASH", "sk": "RANGE"}
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
    )
    return client


def recorded(client: Any, *events: Event, **changes: Any) -> Payment:
    """Record a payment, and what happened to it next."""
    ledger, payment = Ledger(client, TABLE), decide(request(**changes), LIMITS, AT)
    ledger.open(payment, entry(payment["decision"], payment))
    for number, event in enumerate(events, 2):
        other = decide(request(**changes) | {"amount": 9}, LIMITS, AT)
        differs = (
            {"contentDigest": other["contentDigest"], "differs": ["amount"]} if event == "CONFLICT" else {}
        )
        at = f"2026-01-31T09:30:0{number}.500Z"
        payment = ledger.append(payment, entry(event, payment, at, **differs))
    return payment


def items(client: Any) -> list[Item]:
    """All of the table."""
    return list(client.scan(TableName=TABLE)["Items"])
