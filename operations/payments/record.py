"""A payment with its audit trail, as the ledger holds them, and whether they agree with each other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from functions.payment_processor.contract import SCHEMA, PaymentRequest
from functions.payment_processor.ledger import payment_from_item
from functions.payment_processor.payments import TRANSITIONS, AuditEntry, Payment, State, content_digest

Item = Mapping[str, Any]
"""An item as boto3's DynamoDB client returns it."""


@dataclass(frozen=True, kw_only=True)
class PaymentRecord:
    """A payment, and what happened to it, oldest first. Not to be printed: it holds account references."""

    payment: Payment = field(repr=False)
    trail: Sequence[AuditEntry]

    @property
    def problems(self) -> list[str]:
        """What can't be, if only the function wrote to the ledger; empty where all is well."""
        return list(_problems(self.payment, self.trail))


def record_of(items: Sequence[Item]) -> PaymentRecord | None:
    """The record of all items of one payment, sorted by their range key; None where there is no payment."""
    payments = [item for item in items if item["sk"]["S"] == "PAYMENT"]
    if not payments:
        return None
    trail = [cast("AuditEntry", payment_from_item(dict(item))) for item in items if item not in payments]
    return PaymentRecord(payment=payment_from_item(dict(payments[0])), trail=tuple(trail))


def _problems(payment: Payment, trail: Sequence[AuditEntry]) -> Iterator[str]:
    if len(trail) != payment["entries"]:
        yield f"the payment counts {payment['entries']} audit entries, there are {len(trail)}"
    fields = {name: value for name, value in payment.items() if name in SCHEMA["properties"]}
    if content_digest(cast("PaymentRequest", fields)) != payment["contentDigest"]:
        yield "the stored content is not the one that was decided on: its digest differs"
    state: State | None = None
    for number, entry in enumerate(trail, 1):
        after = TRANSITIONS.get((state, entry["event"]))
        if after is None:
            yield f"audit entry {number}, {entry['event']}, can't follow on the one before it"
            return
        state = after
    if trail and state != payment["state"]:
        yield f"by its audit trail the payment is {state}, the payment says {payment['state']}"
