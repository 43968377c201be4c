"""Payments that a verification sends: one kind for each way that a request may take through the processor.

Their ids begin with `verify-`. That range is reserved: no producer may use it, and subscribers that act on
payments leave it aside.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from components.promotion_gate import timestamp

RESERVED = "verify-"
"""What the ids of synthetic payments begin with; nobody else's do."""


class Kind(StrEnum):
    """What is to become of a probe."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    POISON = "poison"


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A synthetic payment, and the messages that ask for it."""

    kind: Kind
    payment_id: str
    bodies: tuple[str, ...]


def probes(run: str, now: datetime) -> tuple[Probe, ...]:
    """A probe of each kind. `run` sets this verification's ids apart: letters and digits, 40 at most."""
    return tuple(_probe(kind, f"{RESERVED}{run}-{kind}", now) for kind in Kind)


def _probe(kind: Kind, payment_id: str, now: datetime) -> Probe:
    request = {
        "paymentId": payment_id,
        "amount": 1,
        "currency": "EUR",
        "debtor": "verification-debtor",
        "creditor": "verification-creditor",
        "requestedAt": timestamp(now),
        "reference": "synthetic: no money moves",
    }
    match kind:
        case Kind.ACCEPTED:
            requests: tuple[dict[str, object], ...] = (request,)
        case Kind.DUPLICATE:
            requests = (request, request)
        case Kind.REJECTED:
            requests = ({**request, "creditor": request["debtor"]},)  # refused whatever the limits are
        case Kind.POISON:
            requests = ({**request, "amount": "no number"},)
    return Probe(kind=kind, payment_id=payment_id, bodies=tuple(map(json.dumps, requests)))


def is_reserved(body: str) -> bool:
    """Whether a message asks for a synthetic payment, of this verification or of another."""
    try:
        content = json.loads(body)
    except ValueError:
        return False
    payment_id = content.get("paymentId") if isinstance(content, dict) else None
    return isinstance(payment_id, str) and payment_id.startswith(RESERVED)
