"""A payment with its audit trail, as the ledger holds them, and whether they agree with each other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from functions.payment_processor.contract import FIELDS
from functions.payment_processor.ledger import payment_from_item
from functions.payment_processor.payments import (
    TRANSITIONS,
    AuditEntry,
    Payment,
    State,
    chain_start,
    content_digest,
)

Item = Mapping[str, Any]
"""An item as boto3's DynamoDB client returns it."""


@dataclass(frozen=True, kw_only=True)
class PaymentRecord:
    """A payment, and what happened to it, oldest first. Not to be printed: it holds account references."""

    payment: Payment = field(repr=False)
    trail: Sequence[AuditEntry]
    index_keys: tuple[str, str] = ("", "")
    """The item's keys in the index; empty for an item of version 1."""

    @property
    def problems(self) -> list[str]:
        """What is not possible if only the function wrote to the ledger; empty if all is well."""
        return list(_problems(self))

    @property
    def is_chained(self) -> bool:
        """Whether the chain of digests covers every entry; items of version 1 have none."""
        return all("previousDigest" in entry for entry in self.trail)


def record_of(items: Sequence[Item]) -> PaymentRecord | None:
    """Return the record of all items of one payment, sorted by range key; None if there is no payment."""
    payments = [item for item in items if item["sk"]["S"] == "PAYMENT"]
    if not payments:
        return None
    trail = [
        cast("AuditEntry", {**payment_from_item(dict(item))})
        for item in items
        if item["sk"]["S"].startswith("AUDIT#")
    ]
    keys = tuple(str(payments[0].get(name, {}).get("S", "")) for name in ("indexDay", "indexState"))
    return PaymentRecord(
        payment=payment_from_item(dict(payments[0])), trail=tuple(trail), index_keys=(keys[0], keys[1])
    )


def _problems(record: PaymentRecord) -> Iterator[str]:
    payment, trail = record.payment, record.trail
    if len(trail) != payment["entries"]:
        yield f"the payment counts {payment['entries']} audit entries, there are {len(trail)}"
    fields = {name: value for name, value in payment.items() if name in FIELDS}
    if content_digest(fields) != payment["contentDigest"]:
        yield "the stored content is not the one that was decided on: its digest differs"
    yield from _chain_problems(payment, trail)
    if "chainHead" in payment:
        expected = (
            f"{payment['recordedAt'][:10]}#{payment['contentDigest'][0]}",
            f"{payment['state']}#{payment['recordedAt']}",
        )
        if record.index_keys != expected:
            yield f"the index holds the payment as {record.index_keys}, not as {expected}"
    state: State | None = None
    for number, entry in enumerate(trail, 1):
        after = TRANSITIONS.get((state, entry["event"]))
        if after is None:
            yield f"audit entry {number}, {entry['event']}, can't follow on the one before it"
            return
        state = after
    if trail and state != payment["state"]:
        yield f"by its audit trail the payment is {state}, the payment says {payment['state']}"


def _chain_problems(payment: Payment, trail: Sequence[AuditEntry]) -> Iterator[str]:
    """Yield where the chain breaks. It begins at the first entry of version 2; none before may be missing."""
    chained = [number for number, entry in enumerate(trail) if "previousDigest" in entry]
    if "chainHead" not in payment:
        if chained:
            yield "audit entries are chained, and the payment does not hold the chain's head"
        return
    if chained != list(range(len(trail) - len(chained), len(trail))):
        yield "an audit entry without a digest follows on one with a digest"
        return
    expected = chain_start(payment)
    for number in chained:
        entry: Mapping[str, Any] = trail[number]
        if entry["previousDigest"] != expected:
            broken = "the payment's unchanging fields are" if number == chained[0] else f"entry {number} is"
            yield f"audit entry {number + 1} does not continue the chain: {broken} not what was recorded"
        expected = entry_digest(entry)
    if expected != payment["chainHead"]:
        yield "the last audit entry is not the one that the payment's chainHead names"


def entry_digest(entry: Mapping[str, Any]) -> str:
    """Return the digest of an audit entry, by which the next one continues the chain."""
    return content_digest({name: value for name, value in entry.items() if name != "expiresAt"})
