"""What the function says of a batch: a JSON log line for each message, and one record of EMF metrics.

The fields of a line are listed here. Account references are masked; reference and metadata are never logged.
"""

import time
from collections.abc import Sequence
from typing import get_args

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit

from .payments import masked
from .worker import ACKNOWLEDGED, Outcome, Result


def report(outcomes: Sequence[Outcome], logger: Logger, metrics: Metrics) -> None:
    """Log each outcome, count them by result, and measure the time since each settled message was queued."""
    for outcome in outcomes:
        log = logger.info if outcome.result in ACKNOWLEDGED else logger.warning
        log(f"payment {outcome.result}", extra=fields(outcome))
        if outcome.result in ACKNOWLEDGED and outcome.message.sent_at:
            latency = max(0.0, time.time() - outcome.message.sent_at) * 1000
            metrics.add_metric("PaymentLatency", MetricUnit.Milliseconds, latency)
    for result in get_args(Result):
        count = sum(outcome.result == result for outcome in outcomes)
        metrics.add_metric(f"Payments{result.capitalize()}", MetricUnit.Count, count)
    metrics.flush_metrics()


def fields(outcome: Outcome) -> dict[str, object]:
    """The log line of an outcome, but for what is the same in all lines."""
    line: dict[str, object] = {
        "result": outcome.result,
        "paymentId": outcome.payment_id,
        "messageId": outcome.message.message_id,
        "requestId": outcome.message.request_id,
        "deliveries": outcome.message.deliveries,
        "problems": outcome.problems or None,
    }
    if payment := outcome.payment:
        line |= {name: payment[name] for name in ("amount", "currency", "reasons")}
        line |= {name: masked(payment[name]) for name in ("debtor", "creditor")}
    return line
