"""What is wrong with what became of the probes: pure, and asked again until nothing is, or time is up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from operations.verification.probes import Kind, Probe


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What became of a probe so far."""

    probe: Probe
    decision: str | None
    """As the ledger has it; None where the payment is not there."""
    audit: tuple[str, ...]
    """The events of its audit trail, in order."""
    dead_letters: int
    """How many of its messages came to the dead-letter queue."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that is not as it should be; `final` where waiting can't mend it."""

    reason: str
    final: bool


DECISIONS = {Kind.ACCEPTED: "ACCEPTED", Kind.DUPLICATE: "ACCEPTED", Kind.REJECTED: "REJECTED"}
NOTIFIED = "NOTIFIED"
"""The audit event that is written once SNS has taken the notification."""


def findings(seen: Sequence[Seen]) -> tuple[Finding, ...]:
    """Everything that is not as it should be, in the probes' order; nothing where the processor works."""
    return tuple(finding for each in seen for finding in _of(each))


def _of(seen: Seen) -> Iterator[Finding]:
    kind = seen.probe.kind
    if kind is Kind.POISON:
        if seen.decision is not None:
            yield _final(kind, "a request that breaks the contract is in the ledger")
        if seen.dead_letters == 0:
            yield _pending(kind, "the message has not come to the dead-letter queue")
        return
    decision = DECISIONS[kind]
    if seen.dead_letters:
        yield _final(kind, f"{seen.dead_letters} messages of a valid payment came to the dead-letter queue")
    if seen.decision is None:
        yield _pending(kind, "the payment is not in the ledger")
    elif seen.decision != decision:
        yield _final(kind, f"the ledger has it as {seen.decision}, not {decision}")
    elif seen.audit == (decision,):
        yield _pending(kind, "the ledger does not show that subscribers were notified")
    elif seen.audit != (decision, NOTIFIED):
        trail = ", ".join(seen.audit) or "nothing"
        yield _final(kind, f"its audit trail has {trail}, not {decision}, {NOTIFIED}")


def _final(kind: Kind, what: str) -> Finding:
    return Finding(reason=f"{kind}: {what}", final=True)


def _pending(kind: Kind, what: str) -> Finding:
    return Finding(reason=f"{kind}: {what}", final=False)
