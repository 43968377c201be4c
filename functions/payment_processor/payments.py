"""What is decided about a payment, and which states it may take. No clock, no AWS, no environment."""

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
ITEM_VERSION = 2  # of stored items; those of version 1 have no such field, no chain and no index
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
    """What happened to a payment, when, and through which message, sender and invocation."""

    event: Event
    at: str
    messageId: str
    requestId: str
    senderId: str | None
    contentDigest: str  # in a CONFLICT, of the refused request
    reasons: list[str]
    differs: list[str]  # in a CONFLICT, the fields that set the two apart


Limits = Mapping[str, int]
"""Enabled currency → the largest amount of one payment, in minor units."""

REJECTIONS: Mapping[str, Callable[[PaymentRequest, Limits], bool]] = {
    "CURRENCY_NOT_ENABLED": lambda request, limits: request["currency"] not in limits,
    "AMOUNT_OVER_LIMIT": lambda request, limits: (
        request["amount"] > limits.get(request["currency"], math.inf)
    ),
    "DEBTOR_IS_CREDITOR": lambda request, _: meaning(request, "debtor") == meaning(request, "creditor"),
}
"""The business rules. A rejection is final: it is recorded and notified as an acceptance is."""


def decide(request: PaymentRequest, limits: Limits, now: str) -> Payment:
    """The payment that a request becomes if its id is new."""
    reasons = [reason for reason, applies in REJECTIONS.items() if applies(request, limits)]
    decision: Event = "REJECTED" if reasons else "ACCEPTED"
    return {
        **request,  # type: ignore[typeddict-item] # without expiresAt, which is the ledger's
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
    """SHA-256 (hex) of the canonical JSON."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


CHAINED = ("paymentId", "amount", "currency", "requestedAt", "contentDigest", "decision", "reasons",
           "recordedAt", "nearDuplicateOf")  # fmt: skip


def chain_start(payment: Payment) -> str:
    """The digest that a payment's first entry continues: of what never changes, accounts left out."""
    return content_digest({name: payment.get(name) for name in CHAINED})


def similarity(payment: Payment) -> str:
    """The digest that near-duplicates share: same accounts, amount and currency under another id."""
    return content_digest({name: meaning(payment, name) for name in ("amount", "currency", *ACCOUNTS)})


def differing_fields(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """The names of the request's fields in whose meaning two requests or payments differ."""
    return [name for name in FIELDS if meaning(one, name) != meaning(other, name)]


def meaning(content: Mapping[str, Any], field: str) -> object:
    """What a field's value is compared by: an instant however spelled; empty is absent."""
    value = content.get(field)
    return (MEANINGS[field](value) if field in MEANINGS else value) or None


ACCOUNTS = ("debtor", "creditor")
PSEUDONYM = "hmac-sha256 "  # with a space, which no account reference has


def pseudonymised(content: Mapping[str, Any], key: bytes) -> Any:
    """Return a request or payment with keyed digests for its account references; without a key, as it is."""
    plain = {name: content[name] for name in ACCOUNTS if key and not content[name].startswith(PSEUDONYM)}
    digest = {k: hmac.digest(key, normalize("NFKC", v).encode(), "sha256").hex() for k, v in plain.items()}
    return {**content, **{name: PSEUDONYM + value for name, value in digest.items()}}


MEANINGS: Mapping[str, Callable[[Any], object]] = {
    "schemaVersion": lambda version: version or 1,
    "requestedAt": instant,
    **dict.fromkeys(ACCOUNTS, lambda account: normalize("NFKC", account)),
}


def display(amount: int, currency: str) -> str:
    """Minor units as people write them: ``display(1234, "EUR") == "EUR 12.34"``."""
    digits = next((digits for digits in (0, 3, 4) if currency in DIGITS[f"minorDigits{digits}"]["enum"]), 2)
    units, rest = divmod(amount, 10**digits)
    return f"{currency} {units}.{rest:0{digits}d}" if digits else f"{currency} {units}"


DIGITS = SCHEMA["$defs"]


def masked(account: str) -> str:
    """The last four characters of a long account reference, and nothing of a short one."""
    return f"****{account[-4:]}" if len(account) >= 12 else "****"
