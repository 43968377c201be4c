"""Payments as the ledger holds them, written there by the function itself."""

from typing import Any

import boto3

from components.payment_processor.ledger import INDEX, INDEXED
from functions.payment_processor.ledger import Ledger
from functions.payment_processor.payments import AuditEntry, Event, Payment, decide
from operations.payments.record import Item

TABLE = "payments-table-dev-acme"
LIMITS = {"EUR": 10_000}
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
        "senderId": "AIDAIENQZJOLO23YVJ4VO",
        "contentDigest": about["contentDigest"],
        "reasons": about["reasons"] if event == "REJECTED" else [],
        "differs": [],
    } | changes
    return fields  # type: ignore[no-any-return] # an entry, but for what a test changes


def make_table() -> Any:
    """A client of an empty ledger table, in moto."""
    client = boto3.client("dynamodb", region_name="us-east-1")
    client.create_table(**table_description(TABLE))
    return client


def table_description(name: str) -> dict[str, Any]:
    """What CreateTable takes for a ledger table."""

    def schema(hash_key: str, range_key: str) -> list[dict[str, str]]:
        keys = {hash_key: "HASH", range_key: "RANGE"}
        return [{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()]

    names = ("pk", "sk", "indexDay", "indexState")
    projection = {"ProjectionType": "INCLUDE", "NonKeyAttributes": INDEXED}
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": schema("pk", "sk"),
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in names],
        "GlobalSecondaryIndexes": [
            {"IndexName": INDEX, "KeySchema": schema("indexDay", "indexState"), "Projection": projection}
        ],
    }


def recorded(client: Any, *events: Event, recorded_at: str = AT, **changes: Any) -> Payment:
    """Record a payment, and what happened to it next."""
    ledger, payment = Ledger(client, TABLE), decide(request(**changes), LIMITS, recorded_at)
    payment = ledger.record(payment, entry(payment["decision"], payment, recorded_at))
    for number, event in enumerate(events, 2):
        other = decide(request(**changes) | {"amount": 9}, LIMITS, AT)
        differs = (
            {"contentDigest": other["contentDigest"], "differs": ["amount"], "messageId": f"message-{number}"}
            if event == "CONFLICT"
            else {}
        )
        at = f"2026-01-31T09:30:0{number}.500Z"
        payment, _ = ledger.append(payment, entry(event, payment, at, **differs))
    return payment


def items(client: Any) -> list[Item]:
    """All of the table."""
    return list(client.scan(TableName=TABLE)["Items"])
