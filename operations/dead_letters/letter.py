"""A message of the dead-letter queue, and why it is there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self

from functions.payment_processor.contract import Malformed, PaymentRequest, parse
from functions.payment_processor.payments import (
    ACCOUNTS,
    PSEUDONYM,
    Payment,
    content_digest,
    differing_fields,
)


class Reason(StrEnum):
    """Why a message is in the dead-letter queue, by its content and by what the ledger holds now."""

    UNRECORDED = "unrecorded"
    UNNOTIFIED = "unnotified"
    SETTLED = "settled"
    UNAUDITED = "unaudited"
    RETURNED = "returned"
    CONFLICT = "conflict"
    MALFORMED = "malformed"


EXPLANATIONS: Mapping[Reason, str] = {
    Reason.UNRECORDED: "a payment that is not in the ledger: it failed every time, before it was recorded",
    Reason.UNNOTIFIED: "a payment that is recorded, and of which subscribers were not notified",
    Reason.SETTLED: "a payment that was settled by another delivery meanwhile",
    Reason.UNAUDITED: "the id of a recorded payment, with other content; its audit trail has no entry of it",
    Reason.RETURNED: "a payment that was redriven, and failed again",
    Reason.CONFLICT: "the id of a recorded payment, with other content: its producer has to decide",
    Reason.MALFORMED: "no payment request: its producer has to send a correct one",
}
FINAL = frozenset({Reason.RETURNED, Reason.CONFLICT, Reason.MALFORMED})
"""What would only come back: it is never redriven."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A message as it was received. Its content is private, and dropped once the letter is classified."""

    message_id: str
    sent_at: datetime
    """When the producer queued it: SQS keeps that when it moves a message."""
    payment_id: str | None
    """Of the payment that it asks for; None for a malformed message."""
    content_digest: str | None = None
    problems: tuple[str, ...] = ()
    """What is wrong with a malformed message: fields and rules, no values."""
    request: PaymentRequest | None = field(default=None, repr=False)

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> Self:
        """From a message as boto3's `receive_message` returns it, with all its attributes."""
        content = parse(request_text(message["Body"]))
        malformed = isinstance(content, Malformed)
        return cls(
            message_id=message["MessageId"],
            sent_at=datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC),
            payment_id=None if isinstance(content, Malformed) else content["paymentId"],
            content_digest=None if isinstance(content, Malformed) else content_digest(content),
            problems=tuple(content.problems) if isinstance(content, Malformed) else (),
            request=None if malformed else content,  # type: ignore[arg-type] # not Malformed
        )


def request_text(body: str) -> str:
    """Return the request of a message.

    Lambda parks a failed direct invocation as its event: the request's text as a JSON string.
    """
    if not body.lstrip().startswith('"'):
        return body
    try:
        content = json.loads(body)
    except ValueError:
        return body
    return content if isinstance(content, str) else body


@dataclass(frozen=True, kw_only=True)
class LedgerFacts:
    """What the ledger holds about a letter."""

    payment: Payment | None = field(default=None, repr=False)
    """The payment of its id; None where there is none."""
    conflict_recorded: bool = False
    """Whether the audit trail holds a CONFLICT entry of the letter's content."""
    redrives: int = 0
    """How often a letter of this id and content was redriven."""


@dataclass(frozen=True, kw_only=True)
class ClassifiedLetter:
    """A letter, why it is where it is, and how often it was redriven."""

    letter: Letter
    reason: Reason
    redrives: int = 0

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with a malformed message."""
        return self.letter.problems


def may_conflict(letter: Letter, payment: Payment | None) -> bool:
    """Return whether a letter may ask for something else than the payment that its id has."""
    return is_conflict(letter, payment) or (payment is not None and is_pseudonymised(payment))


def is_conflict(letter: Letter, payment: Payment | None) -> bool:
    """Return whether a letter asks for something else than the payment that its id has.

    Pseudonymised account references cannot be compared here; the function compares them after a redrive.
    """
    if payment is None or letter.request is None:
        return False
    hidden = ACCOUNTS if is_pseudonymised(payment) else ()
    return any(name not in hidden for name in differing_fields(payment, letter.request))


def is_pseudonymised(payment: Payment) -> bool:
    """Return whether the ledger holds keyed digests in place of a payment's account references."""
    return payment["debtor"].startswith(PSEUDONYM)


def classify(letter: Letter, facts: LedgerFacts, *, most_redrives: int) -> ClassifiedLetter:
    """Return why a letter is in the queue.

    Args:
        letter: the message.
        facts: what the ledger holds about it.
        most_redrives: how often a message may be redriven before it counts as one that only comes back.
    """
    reason = _reason(letter, facts, most_redrives)
    return ClassifiedLetter(letter=letter, reason=reason, redrives=facts.redrives)


def _reason(letter: Letter, facts: LedgerFacts, most_redrives: int) -> Reason:
    if letter.request is None:
        return Reason.MALFORMED
    conflict = is_conflict(letter, facts.payment) or facts.conflict_recorded
    if conflict and facts.conflict_recorded:
        return Reason.CONFLICT
    if facts.payment and not conflict and facts.payment["state"] == "NOTIFIED":
        return Reason.SETTLED
    if facts.redrives >= most_redrives:
        return Reason.RETURNED
    if conflict:
        return Reason.UNAUDITED
    return Reason.UNNOTIFIED if facts.payment else Reason.UNRECORDED
