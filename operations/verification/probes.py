"""Payments that a verification sends: one kind for each way that a request may take through the processor.

Their ids are `verification:RUN:KIND`. A producer's contract has no colon in an id, so no producer can send
one, and the function takes them from the verification queue alone. Subscribers that act on payments ignore
them.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from components.promotion_gate import timestamp

RESERVED = "verification:"
"""Prefix of the ids of synthetic payments."""


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


@dataclass(frozen=True, kw_only=True)
class SentProbes:
    """The messages that a verification sent: their ids, each with the SHA-256 of its body."""

    run: str
    digests: Mapping[str, str]

    def includes(self, message_id: str, body: str) -> bool:
        """Return whether this verification sent the message, by its id and its content."""
        return self.digests.get(message_id) == body_digest(body)


def probes(run: str, now: datetime) -> tuple[Probe, ...]:
    """Return a probe of each kind. `run` sets this verification's ids apart: 12 hexadecimal digits."""
    return tuple(_probe(kind, run, now) for kind in Kind)


def payment_ids(run: str) -> Iterator[str]:
    """The ids of all payments of a verification."""
    return (f"{RESERVED}{run}:{kind}" for kind in Kind)


def run_of(body: str) -> str | None:
    """Return the run that a message's id names; None for a message that is no probe's."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    payment_id = content.get("paymentId") if isinstance(content, dict) else None
    if not isinstance(payment_id, str) or not payment_id.startswith(RESERVED):
        return None
    return payment_id.removeprefix(RESERVED).partition(":")[0]


def body_digest(body: str) -> str:
    """SHA-256 of a message's body, hexadecimal."""
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()


def _probe(kind: Kind, run: str, now: datetime) -> Probe:
    payment_id = f"{RESERVED}{run}:{kind}"
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
