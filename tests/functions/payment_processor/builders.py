"""Valid requests, SQS events and contexts, to be spoiled one field at a time."""

import importlib
import json
import os
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from unittest import mock

ENVIRONMENT = {
    "TABLE_NAME": "payments-table-dev-acme",
    "TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:payments-notification-topic-dev-acme",
    "VERIFICATION_QUEUE_ARN": "arn:aws:sqs:us-east-1:123456789012:payments-verification-queue-dev-acme",
    "MAXIMUM_AMOUNTS": "EUR:1000000,JPY:1000000,USD:1000000",
    "NEAR_DUPLICATE_SECONDS": "3600",
    "RETENTION_DAYS": "0",
    "ENVIRONMENT": "dev",
    "LOG_LEVEL": "INFO",
    "POWERTOOLS_SERVICE_NAME": "payments",
    "POWERTOOLS_METRICS_NAMESPACE": "Payments",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
}


def request(**changes: Any) -> Any:
    """A valid request; ``reference=None`` leaves a field out."""
    fields = {
        "paymentId": "payment-0001",
        "amount": 1234,
        "currency": "EUR",
        "debtor": "DE89370400440532013000",
        "creditor": "FR1420041010050500013M02606",
        "requestedAt": "2026-01-31T09:30:00Z",
        "reference": "Invoice 4711",
        "metadata": {"order": "4711"},
    } | changes
    return {name: value for name, value in fields.items() if value is not None}


def record(body: object, message_id: str = "message-1", **changes: Any) -> dict[str, Any]:
    """An SQS record, as the event source mapping delivers it."""
    return {
        "messageId": message_id,
        "receiptHandle": f"receipt-{message_id}",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1769851800000",
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": "1769851800005",
        },
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:payments-queue-dev-acme",
        "awsRegion": "us-east-1",
    } | changes


def event(*records: dict[str, Any]) -> dict[str, Any]:
    """An SQS event."""
    return {"Records": list(records)}


def batch(*bodies: object) -> dict[str, Any]:
    """An SQS event of these bodies, with the message ids ``message-0``, ``message-1``, …"""
    return event(*(record(body, f"message-{index}") for index, body in enumerate(bodies)))


@dataclass
class Context:
    """What Lambda tells of an invocation. ``milliseconds`` are left for it, at any time it asks."""

    aws_request_id: str = "request-1"
    milliseconds: int = 30_000

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


def load_handler() -> ModuleType:
    """The handler module, which reads its environment once, at import."""
    with mock.patch.dict(os.environ, ENVIRONMENT):
        return importlib.import_module("functions.payment_processor.handler")
