"""The Lambda entry point: events in, partial batch responses out. Clients are created once, at import."""

import os
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics

from . import clients, settings
from .ledger import Ledger, account_key
from .notifications import Notifier
from .telemetry import report
from .worker import ACKNOWLEDGED, Message, Outcome, Worker

RESERVE = 1.0  # seconds of an invocation reserved for logs and the response


class UnreadableEventError(Exception):
    """The event is neither a batch of SQS messages nor a payment request."""


class ProcessingError(Exception):
    """No message could be processed; raised so that the function's Errors metric counts it."""


_settings = settings.read(os.environ)
_dynamodb, _sns = clients.make()
_worker = Worker(
    Ledger(_dynamodb, _settings.table_name, **_settings.ledger),  # type: ignore[arg-type] # its integers
    Notifier(_sns, _settings.topic_arn),
    _settings.limits,
    ThreadPoolExecutor(clients.CONNECTIONS),
    account_key(_dynamodb, _settings.account_key_table),
)
_logger = Logger(level=_settings.log_level)
_metrics = Metrics()
_metrics.set_default_dimensions(environment=_settings.environment)


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Process a batch of SQS messages or one direct request. Lambda retries an invocation that raises."""
    is_batch = isinstance(event, dict) and "Records" in event
    messages = (read_batch if is_batch else read_direct)(event, context.aws_request_id)
    outcomes = _worker.process(messages, lambda: context.get_remaining_time_in_millis() / 1000 - RESERVE)
    report(outcomes, _logger, _metrics)
    return answer_batch(outcomes) if is_batch else answer_direct(outcomes[0])


def read_batch(event: Mapping[str, Any], request_id: str) -> list[Message]:
    """Return the messages of an SQS event. Raises UnreadableEventError if one has no messageId."""
    records: list[Any] = event["Records"] if isinstance(event["Records"], list) else [None]
    names = [isinstance(record, dict) and record.get("messageId") for record in records]
    if not all(isinstance(name, str) and name for name in names):
        raise UnreadableEventError("Records must be SQS messages, each with a messageId")
    return [_message(record, request_id) for record in records]


def _message(record: Mapping[str, Any], request_id: str) -> Message:
    attributes = record["attributes"] if isinstance(record.get("attributes"), dict) else {}
    sent, deliveries = (
        int(value) if isinstance(value, str) and re.fullmatch("[0-9]{1,15}", value) else None
        for value in map(attributes.get, ("SentTimestamp", "ApproximateReceiveCount"))
    )
    return Message(
        body=record.get("body"),
        message_id=record["messageId"],
        sender_id=attributes.get("SenderId"),
        verification=record.get("eventSourceARN") == _settings.verification_queue_arn,
        request_id=request_id,
        deliveries=deliveries or 1,
        sent_at=sent and sent / 1000,
    )


def read_direct(event: object, request_id: str) -> list[Message]:
    """Return a direct request: JSON text in a JSON string, since Lambda would round numbers in an object."""
    if not isinstance(event, str):
        raise UnreadableEventError("invoke directly with the request's JSON text, as a JSON string")
    return [Message(body=event, message_id=request_id, request_id=request_id)]


def answer_batch(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the messages that SQS keeps. Raises ProcessingError if every message failed."""
    if outcomes and all(outcome.result == "failed" for outcome in outcomes):
        problems = {problem for outcome in outcomes for problem in outcome.problems}
        raise ProcessingError(", ".join(sorted(problems)))
    kept = [outcome.message.message_id for outcome in outcomes if outcome.result not in ACKNOWLEDGED]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in kept]}


def answer_direct(outcome: Outcome) -> dict[str, Any]:
    """Return the result of a direct request. Raises if it is not processed, as Lambda expects."""
    if outcome.result == "malformed":
        raise UnreadableEventError("; ".join(outcome.problems))
    if outcome.result not in ACKNOWLEDGED:
        raise ProcessingError(f"{outcome.payment_id}: {outcome.result} {', '.join(outcome.problems)}".strip())
    return {"paymentId": outcome.payment_id, "result": outcome.result}
