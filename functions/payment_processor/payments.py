"""What is decided about a payment, and which states it may take. No clock, no AWS, no environment.

Requests, payments and audit entries are typed dicts in the very form in which they are sent and stored.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypedDict

from .contract import SCHEMA, PaymentRequest

Event = Literal["ACCEPTED", "REJECTED", "NOTIFIED", "CONFLICT"]
State = Literal["RECORDED", "NOTIFIED"]

TRANSITIONS: Mapping[tuple[State | None, Event], State] = {
    (None, "ACCEPTED"): "RECORDED",
    (None, "REJECTED"): "RECORDED",
    ("RECORDED", "NOTIFIED"): "NOTIFIED",
    ("RECORDED", "CONFLICT"): "RECORDED",
    ("NOTIFIED", "CONFLICT"): "NOTIFIED",
}
"""State, event → next state: all that may happen. A second NOTIFIED may not, it is no news."""


class Payment(PaymentRequest, TypedDict):
    """A payment as the ledger holds it. ``entries`` counts its audit entries; instants are RFC 3339, UTC."""

    contentDigest: str
    decision: Event
    reasons: list[str]
    state: State
    entries: int
    recordedAt: str
    notifiedAt: str | None


class AuditEntry(TypedDict):
    """What happened to a payment, when, and through which message and invocation.

    The digest of a CONFLICT is the refused request's; ``differs`` names the fields that set the two apart.
    """

    event: Event
    at: str
    messageId: str
    requestId: str
    contentDigest: str
    reasons: list[str]
    differs: list[str]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What this deployment pays: its currencies, and the largest amount in minor units of any of them."""

    enabled_currencies: frozenset[str]
    maximum_amount: int


REJECTIONS: Mapping[str, Callable[[PaymentRequest, Limits], bool]] = {
    "CURRENCY_NOT_ENABLED": lambda request, limits: request["currency"] not in limits.enabled_currencies,
    "AMOUNT_OVER_LIMIT": lambda request, limits: request["amount"] > limits.maximum_amount,
    "DEBTOR_IS_CREDITOR": lambda request, _: request["debtor"] == request["creditor"],
}
"""The business rules. A rejection is final: it is recorded and notified as an acceptance is."""


def decide(request: PaymentRequest, limits: Limits, now: str) -> Payment:
    """The payment that a request becomes if its id is new."""
    reasons = [reason for reason, applies in REJECTIONS.items() if applies(request, limits)]
    decision: Event = "REJECTED" if reasons else "ACCEPTED"
    return {
        **request,
        "contentDigest": content_digest(request),
        "decision": decision,
        "reasons": reasons,
        "state": TRANSITIONS[None, decision],
        "entries": 1,
        "recordedAt": now,
        "notifiedAt": None,
    }


def content_digest(request: PaymentRequest) -> str:
    """SHA-256 (hex) of the canonical JSON. One ``paymentId`` and one digest are one payment."""
    return hashlib.sha256(json.dumps(request, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def differing_fields(one: Mapping[str, object], other: Mapping[str, object]) -> list[str]:
    """The names of the request's fields in which two requests or payments differ."""
    return [name for name in SCHEMA["properties"] if one.get(name) != other.get(name)]


def display(amount: int, currency: str) -> str:
    """Minor units as people write them: ``display(1234, "EUR") == "EUR 12.34"``."""
    digits = SCHEMA["properties"]["currency"]["x-minorDigits"].get(currency, 2)
    units, rest = divmod(amount, 10**digits)
    return f"{currency} {units}.{rest:0{digits}d}" if digits else f"{currency} {units}"


def masked(account: str) -> str:
    """The last four characters of a long account reference, and nothing of a short one."""
    return f"****{account[-4:]}" if len(account) >= 12 else "****"
