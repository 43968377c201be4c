"""Reconciles a day: what was accepted, what is stored, what was notified, and what is still to come.

index rows = stored payments = notified + pending, and accepted + rejected; no letters wait
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.payment_processor.payments import Payment, display
from operations.payments.ledger import ListedPayment

COMPARED = ("decision", "currency", "amount", "recordedAt")


@dataclass(frozen=True, kw_only=True)
class Total:
    """The accepted payments of one currency."""

    currency: str
    payments: int
    amount: int
    """In minor units."""


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """A day's books."""

    day: str
    indexed: int
    stored: int
    accepted: int
    rejected: int
    notified: int
    pending: int
    near_duplicates: int
    dead_letters: int
    oldest_pending_seconds: float
    """Of a payment that is recorded and not notified; 0 where there is none."""
    totals: tuple[Total, ...]
    differences: tuple[str, ...] = field(default=())

    @property
    def balanced(self) -> bool:
        """Whether nothing is missing, contradictory or overdue."""
        return not self.differences


def reconcile(
    day: str,
    rows: Iterable[ListedPayment],
    stored: Mapping[str, Payment],
    *,
    dead_letters: int,
    now: datetime,
    overdue: timedelta,
    unindexed: Sequence[str] = (),
) -> Reconciliation:
    """Compare the index of a day with the table.

    Args:
        day: such as 2026-01-31.
        rows: the day's payments as the index holds them. Synthetic ones are left out.
        stored: the same payments as the table holds them, by id.
        dead_letters: how many messages wait in the dead-letter queue, of any day.
        now: the time of the comparison.
        overdue: how long a payment may be recorded and not notified.
        unindexed: ids of payments of the day that the table holds and the index does not.
    """
    listed = {row.payment_id: row for row in rows if not row.is_synthetic}
    payments = {name: payment for name, payment in stored.items() if name in listed}
    differences = [
        f"{name} is in the index, and not stored" for name in sorted(listed.keys() - payments.keys())
    ]
    differences += [f"{name} is stored, and not in the index" for name in sorted(unindexed)]
    for name, payment in sorted(payments.items()):
        row: Mapping[str, Any] = _fields(listed[name])
        wrong = [key for key in COMPARED if row[key] != payment.get(key)]
        if wrong:
            differences.append(f"{name} has another {', '.join(wrong)} in the index")
        if row["state"] == "NOTIFIED" and payment["state"] != "NOTIFIED":  # the index is behind, never ahead
            differences.append(f"{name} is NOTIFIED in the index, and {payment['state']} in the table")
    states = Counter(payment["state"] for payment in payments.values())
    decisions = Counter(payment["decision"] for payment in payments.values())
    ages = {
        name: now - datetime.fromisoformat(payment["recordedAt"])
        for name, payment in payments.items()
        if payment["state"] == "RECORDED"
    }
    differences += [
        f"{name} is recorded for {age.total_seconds() / 60:.0f} min, and not notified"
        for name, age in sorted(ages.items())
        if age > overdue
    ]
    if dead_letters:
        differences.append(f"{dead_letters} message(s) in the dead-letter queue")
    return Reconciliation(
        day=day,
        indexed=len(listed),
        stored=len(payments) + len(unindexed),
        accepted=decisions["ACCEPTED"],
        rejected=decisions["REJECTED"],
        notified=states["NOTIFIED"],
        pending=states["RECORDED"],
        near_duplicates=sum(payment.get("nearDuplicateOf") is not None for payment in payments.values()),
        dead_letters=dead_letters,
        oldest_pending_seconds=max((age.total_seconds() for age in ages.values()), default=0.0),
        totals=_totals(payments.values()),
        differences=tuple(differences),
    )


def _fields(row: ListedPayment) -> dict[str, Any]:
    return {
        "state": row.state,
        "decision": row.decision,
        "currency": row.currency,
        "amount": row.amount,
        "recordedAt": row.recorded_at,
    }


def _totals(payments: Iterable[Payment]) -> tuple[Total, ...]:
    counts, amounts = Counter[str](), Counter[str]()
    for payment in payments:
        if payment["decision"] == "ACCEPTED":
            counts[payment["currency"]] += 1
            amounts[payment["currency"]] += payment["amount"]
    return tuple(
        Total(currency=currency, payments=counts[currency], amount=amounts[currency])
        for currency in sorted(counts)
    )


def as_json(found: Reconciliation) -> str:
    """Return the reconciliation for machines."""
    data = {
        "day": found.day,
        "balanced": found.balanced,
        "indexed": found.indexed,
        "stored": found.stored,
        "accepted": found.accepted,
        "rejected": found.rejected,
        "notified": found.notified,
        "pending": found.pending,
        "nearDuplicates": found.near_duplicates,
        "deadLetters": found.dead_letters,
        "oldestPendingSeconds": round(found.oldest_pending_seconds),
        "totals": {
            total.currency: {"payments": total.payments, "amount": total.amount} for total in found.totals
        },
        "differences": list(found.differences),
    }
    return json.dumps(data, indent=2)


def as_text(found: Reconciliation) -> str:
    """Return the reconciliation for people."""
    lines = [
        f"{found.day}: {found.stored} stored = {found.notified} notified + {found.pending} pending "
        f"= {found.accepted} accepted + {found.rejected} rejected",
        *(
            f"  {display(total.amount, total.currency)} in {total.payments} payment(s)"
            for total in found.totals
        ),
        f"{found.near_duplicates} near-duplicate(s), {found.dead_letters} dead letter(s)",
        *(f"DIFFERENCE: {difference}" for difference in found.differences),
    ]
    return "\n".join(lines)


def metric_data(found: Reconciliation, environment: str) -> list[dict[str, Any]]:
    """Return what CloudWatch's PutMetricData takes: what the alarm on unnotified payments reads."""
    dimensions = [{"Name": "environment", "Value": environment}, {"Name": "service", "Value": "payments"}]
    return [
        {
            "MetricName": "UnnotifiedPaymentAge",
            "Dimensions": dimensions,
            "Unit": "Seconds",
            "Value": found.oldest_pending_seconds,
            "Timestamp": datetime.now(UTC),
        }
    ]
