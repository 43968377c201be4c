"""Shows a payment and its audit trail: as a timeline for people, as JSON for machines.

Account references are masked; reference and metadata are left out.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from functions.payment_processor.payments import AuditEntry, Payment, display, masked
from operations.payments.record import PaymentRecord

SHOWN = (
    "paymentId",
    "amount",
    "currency",
    "requestedAt",
    "decision",
    "reasons",
    "state",
    "recordedAt",
    "notifiedAt",
    "contentDigest",
    "nearDuplicateOf",
    "chainHead",
)
STYLES = {"ACCEPTED": "green", "NOTIFIED": "green", "REJECTED": "yellow", "CONFLICT": "bold red"}


def as_json(record: PaymentRecord) -> str:
    """The payment, its trail, and the problems of both."""
    payment: dict[str, Any] = {name: value for name, value in record.payment.items() if name in SHOWN}
    payment |= {name: _account(record.payment[name]) for name in ("debtor", "creditor")}
    return json.dumps(
        {"payment": payment, "trail": list(record.trail), "problems": record.problems}, indent=2
    )


def as_timeline(record: PaymentRecord) -> Group:
    """The payment in a few lines, then two lines an entry: what happened, and through what."""
    first = record.trail[0]["at"] if record.trail else ""
    events = [line for entry in record.trail for line in _event(entry, first)]
    problems = [Text(f"PROBLEM: {problem}", "bold red") for problem in record.problems]
    return Group(_head(record.payment), Text(), *events, *problems)


def _head(payment: Payment) -> Table:
    head = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    decision = payment["decision"].lower()
    for name, value in (
        ("payment", payment["paymentId"]),
        ("amount", display(payment["amount"], payment["currency"])),
        ("from, to", f"{_account(payment['debtor'])} → {_account(payment['creditor'])}"),
        ("requested", payment["requestedAt"]),
        ("decision", f"{decision}: {', '.join(payment['reasons'])}" if payment["reasons"] else decision),
        ("state", payment["state"].lower()),
        ("similar to", payment.get("nearDuplicateOf")),
    ):
        if value is None:
            continue
        head.add_row(Text(name, "dim"), Text(value))
    return head


def _event(entry: AuditEntry, first: str) -> Iterator[Text]:
    event = Text(entry["event"].lower(), STYLES[entry["event"]])
    yield Text.assemble(f"{entry['at']}  {_since(first, entry['at']):>10}  ", event, _what(entry))
    sender = entry.get("senderId")
    by = f" by {sender}" if sender else ""
    yield Text(f"  message {entry['messageId']}{by}, invocation {entry['requestId']}", "dim")


def _what(entry: AuditEntry) -> str:
    if entry["event"] == "CONFLICT":
        return f": other content was refused, it differs in {', '.join(entry['differs'])}"
    return f": {', '.join(entry['reasons'])}" if entry["reasons"] else ""


def _since(first: str, at: str) -> str:
    seconds = (datetime.fromisoformat(at) - datetime.fromisoformat(first)).total_seconds()
    return f"{seconds:+.3f} s" if abs(seconds) < 60 else f"{seconds / 60:+.0f} min"


def _account(reference: str) -> str:
    """Mask an account reference. Older ones may hold characters that a terminal would act on."""
    return "".join(character if character.isprintable() else "?" for character in masked(reference))
