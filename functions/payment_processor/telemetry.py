"""Reports a batch: a JSON log line per message with masked accounts, and one record of EMF metrics."""

import time
from collections.abc import Sequence
from typing import get_args

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit

from .payments import masked
from .worker import ACKNOWLEDGED, Outcome, Result


def report(outcomes: Sequence[Outcome], logger: Logger, metrics: Metrics) -> None:
    """Log each outcome, count it once per message, and measure the time since the message was queued."""
    for outcome in outcomes:
        log = logger.info if outcome.result in ACKNOWLEDGED else logger.warning
        log(f"payment {outcome.result}", extra=fields(outcome))
        age = max(0.0, time.time() - outcome.message.sent_at) if outcome.message.sent_at else 0.0
        if outcome.result in ACKNOWLEDGED and age:
            metrics.add_metric("PaymentLatency", MetricUnit.Milliseconds, age * 1000)
        if outcome.result == "failed":  # only these are retried; SQS's own metric includes the others
            metrics.add_metric("FailedPaymentAge", MetricUnit.Seconds, age)
    for result in get_args(Result):
        count = sum(outcome.result == result and not outcome.repeated for outcome in outcomes)
        metrics.add_metric(f"Payments{result.capitalize()}", MetricUnit.Count, count)
    new = [outcome.payment for outcome in outcomes if outcome.result == "accepted" and outcome.payment]
    similar = [payment for payment in new if payment.get("nearDuplicateOf")]
    metrics.add_metric("PaymentsNearDuplicate", MetricUnit.Count, len(similar))
    metrics.flush_metrics()


def fields(outcome: Outcome) -> dict[str, object]:
    """Return the fields of an outcome's log line."""
    line: dict[str, object] = {"result": outcome.result, "paymentId": outcome.payment_id}
    line |= {"messageId": outcome.message.message_id, "requestId": outcome.message.request_id}
    line |= {"deliveries": outcome.message.deliveries, "problems": outcome.problems or None}
    if payment := outcome.payment:
        line |= {name: payment[name] for name in ("amount", "currency", "reasons")}
        line["nearDuplicateOf"] = payment.get("nearDuplicateOf")
        line |= {name: masked(payment[name]) for name in ("debtor", "creditor")}
    return line
