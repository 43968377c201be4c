"""What a million payments cost: measured use times public prices. No measuring here, and no clock."""

from collections.abc import Mapping
from dataclasses import dataclass

PAYMENTS = 1_000_000
FULL_CORE_MB = 1769
"""At this memory a function has one whole processor; below it, a share.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
"""
PRICES_AS_OF = "2025-07-21"


@dataclass(frozen=True, kw_only=True)
class Prices:
    """US dollars of a region, without taxes, free tiers and discounts.

    https://aws.amazon.com/{dynamodb,lambda,sns,sqs,cloudwatch}/pricing/
    """

    write_units: float
    """Of DynamoDB on demand, a million."""
    table_gb_month: float
    recovery_gb_month: float
    log_gb: float
    gb_seconds: float = 0.0000133334
    """Of an arm64 function."""
    invocations: float = 0.20
    """A million; so are the next ones."""
    sns_requests: float = 0.50
    sqs_requests: float = 0.40
    emails: float = 20.0


UNITED_STATES = Prices(write_units=0.625, table_gb_month=0.25, recovery_gb_month=0.20, log_gb=0.50)
IRELAND = Prices(write_units=0.705, table_gb_month=0.283, recovery_gb_month=0.2264, log_gb=0.57)
PRICES: Mapping[str, Prices] = {"us-east-1": UNITED_STATES, "us-west-2": UNITED_STATES, "eu-west-1": IRELAND}


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What one batch of new payments takes. Times are in milliseconds, sizes in bytes."""

    payments: int
    transactions: int
    publishes: int
    write_units: int
    """Of DynamoDB: two for each KB begun of each item in a transaction."""
    stored_bytes: int
    logged_bytes: int
    waiting_ms: float
    """For AWS, one call after the other."""
    processor_ms: float
    """Of a whole core."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """What of an environment the cost depends on."""

    environment: str
    region: str
    memory_mb: int
    point_in_time_recovery: bool


def billed_ms(measured: Measured, memory_mb: int) -> float:
    """How long a batch runs: it waits for AWS, and computes with its share of a core."""
    share = min(1.0, memory_mb / FULL_CORE_MB)
    return measured.waiting_ms + measured.processor_ms / share


def cost(measured: Measured, place: Place) -> dict[str, float]:
    """Dollars for a million payments in batches like the measured one, by what they are paid for."""
    prices, batches = PRICES[place.region], 1 / measured.payments
    seconds = billed_ms(measured, place.memory_mb) / 1000
    gigabytes = PAYMENTS / 10**9
    kept = prices.table_gb_month + (prices.recovery_gb_month if place.point_in_time_recovery else 0)
    return {
        "SQS: send, receive, delete": (1 + 2 * batches) * prices.sqs_requests,
        "Lambda: invocations": batches * prices.invocations,
        "Lambda: time": PAYMENTS * batches * seconds * place.memory_mb / 1024 * prices.gb_seconds,
        "DynamoDB: writes": measured.write_units * batches * prices.write_units,
        "DynamoDB: a month of storage": measured.stored_bytes * batches * gigabytes * kept,
        "SNS: publishes": measured.publishes * batches * prices.sns_requests,
        "CloudWatch: logs": measured.logged_bytes * batches * gigabytes * prices.log_gb,
    }
