"""Payments to send through a deployed queue: one kind for each thing that may become of a request.

The contract is functions/payment_processor/payment_request.schema.json.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

BEYOND_EVERY_LIMIT = 999_999_999_999
"""Minor units: allowed by the contract, and above what any environment pays."""


class Kind(StrEnum):
    """What is to become of a payment."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REJECTED = "rejected"
    MALFORMED = "malformed"


EXPLANATIONS: Mapping[Kind, str] = {
    Kind.ACCEPTED: "stored once, and published",
    Kind.DUPLICATE: "the same payment twice: stored once, published once",
    Kind.CONFLICT: "the id of an earlier payment with another amount: to the dead-letter queue",
    Kind.REJECTED: "refused by a rule: stored as rejected, and published",
    Kind.MALFORMED: "no payment at all: to the dead-letter queue",
}


@dataclass(frozen=True, kw_only=True)
class Payment:
    """A payment and the messages that ask for it."""

    kind: Kind
    payment_id: str
    bodies: tuple[str, ...]


def payment(kind: Kind, payment_id: str, now: datetime | None = None) -> Payment:
    """A payment of a kind. `payment_id` is 8 to 64 letters, digits, `-` and `_`."""
    request = {
        "paymentId": payment_id,
        "amount": 1999,
        "currency": "EUR",
        "debtor": "DE02120300000000202051",
        "creditor": "NL02ABNA0123456789",
        "requestedAt": (now or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "reference": f"sandbox {kind}",
    }
    return Payment(kind=kind, payment_id=payment_id, bodies=tuple(map(_text, _requests(kind, request))))


def _requests(kind: Kind, request: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    match kind:
        case Kind.ACCEPTED:
            return (request,)
        case Kind.DUPLICATE:
            return (request, request)
        case Kind.CONFLICT:
            return (request, {**request, "amount": request["amount"] + 1})
        case Kind.REJECTED:
            return ({**request, "amount": BEYOND_EVERY_LIMIT},)
        case Kind.MALFORMED:
            return ({**request, "amount": "nineteen ninety-nine"},)


def _text(request: dict[str, Any]) -> str:
    return json.dumps(request)
