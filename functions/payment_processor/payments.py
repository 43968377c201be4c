"""Decisions about payments and their states, as pure functions: no clock, no AWS, no environment."""

import hashlib
import hmac
import json
import math
from collections.abc import Callable, Mapping
from typing import Any, Literal, NotRequired, TypedDict
from unicodedata import normalize

from .contract import FIELDS, SCHEMA, PaymentRequest, instant

Event = Literal["ACCEPTED", "REJECTED", "NOTIFIED", "CONFLICT"]
State = Literal["RECORDED", "NOTIFIED"]
ITEM_VERSION = 2  # of stored items; version 1 has no such field, no chain and no index
TRANSITIONS: Mapping[tuple[State | None, Event], State] = {
    (None, "ACCEPTED"): "RECORDED",
    (None, "REJECTED"): "RECORDED",
    ("RECORDED", "NOTIFIED"): "NOTIFIED",
    ("RECORDED", "CONFLICT"): "RECORDED",
    ("NOTIFIED", "CONFLICT"): "NOTIFIED",
}
"""State and event → next state. No other transition is allowed, such as a second NOTIFIED."""


class Payment(PaymentRequest, TypedDict):
    """A payment in the ledger. ``entries`` counts its audit entries; instants are RFC 3339 in UTC."""

    itemVersion: int
    contentDigest: str
    decision: Event
    reasons: list[str]
    state: State
    entries: int
    recordedAt: str
    notifiedAt: str | None
    nearDuplicateOf: str | None  # another payment's id
    chainHead: str  # the digest of the last audit entry
    expiresAt: NotRequired[int]


class AuditEntry(TypedDict):
    """An event of a payment: when, and by which message, sender and invocation."""

    event: Event
    at: str
    messageId: str
    requestId: str
    senderId: str | None
    contentDigest: str  # in a CONFLICT, that of the refused request
    reasons: list[str]
    differs: list[str]  # in a CONFLICT, the fields that differ


Limits = Mapping[str, int]
"""Enabled currency → the largest amount of one payment, in minor units."""

REJECTIONS: Mapping[str, Callable[[PaymentRequest, Limits], bool]] = {
    "CURRENCY_NOT_ENABLED": lambda request, limits: request["currency"] not in limits,
    "AMOUNT_OVER_LIMIT": lambda request, limits: (
        request["amount"] > limits.get(request["currency"], math.inf)
    ),
    "DEBTOR_IS_CREDITOR": lambda request, _: meaning(request, "debtor") == meaning(request, "creditor"),
}
"""The business rules. A rejection is final, and is recorded and notified like an acceptance."""


def decide(request: PaymentRequest, limits: Limits, now: str) -> Payment:
    """Return the payment to record for a request with a new id."""
    reasons = [reason for reason, applies in REJECTIONS.items() if applies(request, limits)]
    decision: Event = "REJECTED" if reasons else "ACCEPTED"
    return {
        **request,  # type: ignore[typeddict-item] # expiresAt is added by the ledger
        "itemVersion": ITEM_VERSION,
        "contentDigest": content_digest(request),
        "decision": decision,
        "reasons": reasons,
        "state": TRANSITIONS[None, decision],
        "entries": 1,
        "recordedAt": now,
        "notifiedAt": None,
        "nearDuplicateOf": None,
        "chainHead": "",
    }


def content_digest(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 digest (hex) of the canonical JSON."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


CHAINED = ("paymentId", "amount", "currency", "requestedAt", "contentDigest", "decision", "reasons",
           "recordedAt", "nearDuplicateOf")  # fmt: skip


def chain_start(payment: Payment) -> str:
    """Return the digest that a payment's first entry continues: of its constant fields except accounts."""
    return content_digest({name: payment.get(name) for name in CHAINED})


def similarity(payment: Payment) -> str:
    """Return the digest that near-duplicates share: of accounts, amount and currency."""
    return content_digest({name: meaning(payment, name) for name in ("amount", "currency", *ACCOUNTS)})


def differing_fields(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Return the names of the request fields whose meaning differs between two requests or payments."""
    return [name for name in FIELDS if meaning(one, name) != meaning(other, name)]


def meaning(content: Mapping[str, Any], field: str) -> object:
    """Return the meaning by which a field is compared: equal instants are equal, and empty is absent."""
    value = content.get(field)
    return (MEANINGS[field](value) if field in MEANINGS else value) or None


ACCOUNTS = ("debtor", "creditor")
PSEUDONYM = "hmac-sha256 "  # the space tells it from every account reference


def pseudonymised(content: Mapping[str, Any], key: bytes) -> Any:
    """Replace account references by keyed digests. Without a key, return the content unchanged."""
    plain = {name: content[name] for name in ACCOUNTS if key and not content[name].startswith(PSEUDONYM)}
    digest = {k: hmac.digest(key, normalize("NFKC", v).encode(), "sha256").hex() for k, v in plain.items()}
    return {**content, **{name: PSEUDONYM + value for name, value in digest.items()}}


MEANINGS: Mapping[str, Callable[[Any], object]] = {
    "schemaVersion": lambda version: version or 1,
    "requestedAt": instant,
    **dict.fromkeys(ACCOUNTS, lambda account: normalize("NFKC", account)),
}


def display(amount: int, currency: str) -> str:
    """Format minor units for people: ``display(1234, "EUR") == "EUR 12.34"``."""
    digits = next((digits for digits in (0, 3, 4) if currency in DIGITS[f"minorDigits{digits}"]["enum"]), 2)
    units, rest = divmod(amount, 10**digits)
    return f"{currency} {units}.{rest:0{digits}d}" if digits else f"{currency} {units}"


DIGITS = SCHEMA["$defs"]


def masked(account: str) -> str:
    """Mask an account reference except the last four characters of a long one."""
    return f"****{account[-4:]}" if len(account) >= 12 else "****"
