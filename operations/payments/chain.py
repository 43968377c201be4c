"""Proves the chains of digests of payments, a day or the whole ledger, and exports a day with its proof.

An export holds what the chain covers and no account reference: the unchanging fields of each payment, its
audit entries, and a digest over all chain heads of the day. Kept where the ledger's writers have no access,
it shows what was removed or rewritten later: a chain alone cannot show that a whole payment is gone.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from functions.payment_processor.payments import CHAINED, chain_start, content_digest
from operations.payments.record import PaymentRecord, entry_digest

EXPORTED = (*CHAINED, "state", "notifiedAt", "entries", "chainHead")


@dataclass(frozen=True, kw_only=True)
class ChainProblem:
    """Something in the ledger that the function did not write so."""

    payment_id: str
    problem: str


@dataclass(kw_only=True)
class ChainReport:
    """What a verification of chains found so far."""

    payments: int = 0
    entries: int = 0
    unchained: int = 0
    """Payments with entries of version 1, which have no digest."""
    problems: list[ChainProblem] = field(default_factory=list)
    heads: list[tuple[str, int, str]] = field(default_factory=list, repr=False)

    def add(self, record: PaymentRecord) -> None:
        """Verify one payment."""
        payment = record.payment
        self.payments += 1
        self.entries += len(record.trail)
        self.unchained += not record.is_chained
        self.heads.append((payment["paymentId"], payment["entries"], payment.get("chainHead", "")))
        self.problems += [
            ChainProblem(payment_id=payment["paymentId"], problem=problem) for problem in record.problems
        ]

    def fail(self, payment_id: str, problem: str) -> None:
        """Add a problem that is not in the record itself."""
        self.problems.append(ChainProblem(payment_id=payment_id, problem=problem))

    @property
    def digest(self) -> str:
        """SHA-256 over all chain heads, in the order of the payments' ids."""
        return heads_digest(self.heads)


def heads_digest(heads: Iterable[tuple[str, int, str]]) -> str:
    """Return the digest of chain heads: payment id, number of entries, head."""
    return content_digest({"heads": [list(head) for head in sorted(heads)]})


def exported_line(record: PaymentRecord) -> str:
    """Return a payment's line of an export: its chain, without account references and free text."""
    payment = {name: value for name, value in record.payment.items() if name in EXPORTED}
    return json.dumps({"payment": payment, "trail": list(record.trail)}, sort_keys=True)


def closing_line(day: str, report: ChainReport) -> str:
    """Return the last line of an export: what it has to hold, and the digest over it."""
    return json.dumps({"day": day, "payments": report.payments, "digest": report.digest}, sort_keys=True)


class ExportError(Exception):
    """A file is not an export."""


def exported(lines: Iterable[str]) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    """Return the closing line and the payments of an export. Raises ExportError."""
    try:
        contents = [json.loads(line) for line in lines if line.strip()]
        payments, closing = contents[:-1], contents[-1]
        if not {"day", "payments", "digest"} <= closing.keys() or not all(
            "payment" in each for each in payments
        ):
            raise ExportError("its last line must hold day, payments and digest, every other one a payment")
    except (ValueError, AttributeError, IndexError, TypeError) as error:
        raise ExportError(f"it is not an export of payment.py: {error}") from error
    return closing, payments


def export_problems(
    closing: Mapping[str, Any], payments: Sequence[Mapping[str, Any]]
) -> Iterator[ChainProblem]:
    """Yield where an export contradicts itself: a chain that breaks, or the wrong digest of the day."""
    heads = []
    for each in payments:
        payment, name = each["payment"], str(each["payment"].get("paymentId"))
        heads.append((name, payment.get("entries", 0), payment.get("chainHead", "")))
        expected = chain_start(payment)
        for number, entry in enumerate(each["trail"], 1):
            if "previousDigest" in entry and entry["previousDigest"] != expected:
                yield ChainProblem(payment_id=name, problem=f"entry {number} of the file breaks the chain")
            expected = entry_digest(entry)
        if payment.get("chainHead", expected) != expected:
            yield ChainProblem(payment_id=name, problem="the file's last entry is not the chain's head")
    if len(payments) != closing["payments"] or heads_digest(heads) != closing["digest"]:
        yield ChainProblem(payment_id="*", problem="the file's payments are not those of its digest")


def compared_with_ledger(exported_payment: Mapping[str, Any], record: PaymentRecord | None) -> Iterator[str]:
    """Yield how the ledger's payment contradicts an exported one: entries may have been added since."""
    if record is None:
        yield "it was exported, and is no longer in the ledger"
        return
    before, now = exported_payment["trail"], list(record.trail)
    if [*before] != now[: len(before)]:
        yield "its audit trail does not continue the exported one"
    changed = [
        name for name in (*CHAINED,) if exported_payment["payment"].get(name) != record.payment.get(name)
    ]
    if changed:
        yield f"{', '.join(changed)} changed since the export"
