"""A message of the dead-letter queue, and why it is there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self

from functions.payment_processor.contract import Malformed, PaymentRequest, parse
from functions.payment_processor.payments import content_digest
from operations.payments.ledger import Stored

REDRIVES = "Redrives"
"""The message attribute that counts how often a message was redriven. A redriven message has a new id."""


class Reason(StrEnum):
    """Why a message is in the dead-letter queue, by its content and by what the ledger holds now."""

    UNRECORDED = "unrecorded"
    UNNOTIFIED = "unnotified"
    SETTLED = "settled"
    RETURNED = "returned"
    CONFLICT = "conflict"
    MALFORMED = "malformed"


EXPLANATIONS: Mapping[Reason, str] = {
    Reason.UNRECORDED: "a payment that the ledger has not: it failed every time, before it was recorded",
    Reason.UNNOTIFIED: "a payment that is recorded, and of which subscribers were not told",
    Reason.SETTLED: "a payment that was settled by another delivery meanwhile",
    Reason.RETURNED: "a payment that was redriven, and failed again",
    Reason.CONFLICT: "the id of a recorded payment, with other content: its producer has to decide",
    Reason.MALFORMED: "no payment request: its producer has to send it anew",
}
FINAL = frozenset({Reason.RETURNED, Reason.CONFLICT, Reason.MALFORMED})
"""What would only come back, for all that we know: it is never redriven."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A message as it was received. Its body is private, and so is whatever the parser made of it."""

    message_id: str
    sent_at: datetime
    """When the producer queued it: SQS keeps that when it moves a message."""
    redrives: int = 0
    content: PaymentRequest | Malformed = field(repr=False)

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> Self:
        """From a message as boto3's `receive_message` returns it, with all its attributes."""
        redrives = message.get("MessageAttributes", {}).get(REDRIVES, {}).get("StringValue", "0")
        return cls(
            message_id=message["MessageId"],
            sent_at=datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC),
            redrives=int(redrives) if redrives.isdecimal() and redrives.isascii() else 0,
            content=parse(message["Body"]),
        )

    @property
    def payment_id(self) -> str | None:
        """Of the payment that it asks for; None where it is malformed."""
        return None if isinstance(self.content, Malformed) else self.content["paymentId"]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A letter and why it is where it is."""

    letter: Letter
    reason: Reason

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with a malformed message: fields and rules, no values."""
        return tuple(self.letter.content.problems) if isinstance(self.letter.content, Malformed) else ()


def judge(letter: Letter, stored: Stored | None, *, most_redrives: int) -> Judged:
    """Why a letter is in the queue.

    Args:
        letter: the message.
        stored: what the ledger holds of its payment; None where it holds nothing.
        most_redrives: how often a message may be redriven before it counts as one that only comes back.
    """
    return Judged(letter=letter, reason=_reason(letter, stored, most_redrives))


def _reason(letter: Letter, stored: Stored | None, most_redrives: int) -> Reason:
    if isinstance(letter.content, Malformed):
        return Reason.MALFORMED
    if stored and stored.content_digest != content_digest(letter.content):
        return Reason.CONFLICT
    if stored and stored.state == "NOTIFIED":
        return Reason.SETTLED
    if letter.redrives >= most_redrives:
        return Reason.RETURNED
    return Reason.UNNOTIFIED if stored else Reason.UNRECORDED
