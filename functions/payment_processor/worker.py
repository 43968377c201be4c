"""Processes a batch of messages: parse, decide, record, publish, mark as notified.

The queue is the outbox. A message is acknowledged once its payment is recorded *and* published; after a crash
before, it goes on from where the ledger says the payment stands. Publishing precedes marking: a crash between
the two repeats a notification, where the other order would lose it.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal, TypeVar

from botocore.exceptions import ClientError

from .contract import Malformed, PaymentRequest, parse
from .ledger import Ledger
from .notifications import ENTRIES_PER_CALL, Notifier
from .payments import AuditEntry, Event, Limits, Payment, decide, differing_fields, pseudonymised

Result = Literal["accepted", "rejected", "duplicate", "conflict", "malformed", "failed"]
ACKNOWLEDGED = frozenset({"accepted", "rejected", "duplicate"})
"""Results that acknowledge the message. The others return it to the queue: ``failed`` for another try,
``conflict`` and ``malformed`` until it reaches the dead-letter queue, where a person decides."""

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, kw_only=True)
class Message:
    """One delivery of a request."""

    body: object = field(repr=False)
    message_id: str
    request_id: str
    deliveries: int = 1
    sent_at: float | None = None  # when the producer queued it, in seconds since 1970
    sender_id: str | None = None
    verification: bool = False  # from the queue that only the verifier may send to


@dataclass(frozen=True)
class Outcome:
    """The result of a message and its payment. ``problems`` hold no values, since they are logged."""

    message: Message
    result: Result
    payment_id: str | None = None
    payment: Payment | None = field(default=None, repr=False)
    problems: Sequence[str] = ()
    repeated: bool = False  # an earlier delivery reported this conflict or malformed message


class Worker:
    """Processes messages, several payments at a time on the threads of ``pool``."""

    def __init__(
        self, ledger: Ledger, notifier: Notifier, limits: Limits, pool: Executor, account_key: bytes = b""
    ) -> None:
        self._ledger, self._notifier, self._pool = ledger, notifier, pool
        self._limits, self._account_key = limits, account_key

    def process(self, messages: Sequence[Message], remaining: Callable[[], float]) -> list[Outcome]:
        """Return an outcome per message. Messages that take longer than the ``remaining`` seconds fail."""
        outcomes: list[Outcome] = []
        groups: dict[str, list[tuple[Message, PaymentRequest]]] = {}  # by payment; one thread per group
        for message in messages:
            request = parse(message.body, verification=message.verification)
            if isinstance(request, Malformed):
                again = message.deliveries > 1
                outcomes.append(Outcome(message, "malformed", problems=request.problems, repeated=again))
            else:
                request = pseudonymised(request, self._account_key)
                groups.setdefault(request["paymentId"], []).append((message, request))
        for group, recorded, problem in self._each(self._record, list(groups.values()), remaining):
            outcomes += recorded or [
                Outcome(message, "failed", request["paymentId"], problems=[problem])
                for message, request in group
            ]

        pending = {
            outcome.payment_id: (outcome.message, outcome.payment)
            for outcome in outcomes
            if outcome.result in ACKNOWLEDGED and outcome.payment and outcome.payment["state"] == "RECORDED"
        }
        problems = self._notify(list(pending.values()), remaining)
        return [
            replace(outcome, result="failed", problems=[failure])
            if outcome.result in ACKNOWLEDGED and (failure := problems.get(outcome.payment_id or ""))
            else outcome
            for outcome in outcomes
        ]

    def _record(self, group: Sequence[tuple[Message, PaymentRequest]]) -> list[Outcome]:
        """Record the messages of one payment in their order."""
        outcomes: list[Outcome] = []
        for message, request in group:
            result: Result
            added, proposed = True, decide(request, self._limits, _now())
            stored = self._ledger.record(proposed, _entry(proposed["decision"], message, proposed))
            if differs := differing_fields(pseudonymised(stored, self._account_key), request):
                stored, added = self._ledger.append(stored, _entry("CONFLICT", message, proposed, differs))
                result = "conflict"
            elif stored["state"] == "NOTIFIED" or any(earlier.result in ACKNOWLEDGED for earlier in outcomes):
                result = "duplicate"
            else:  # new, or recorded by a delivery that crashed before it notified
                result = "rejected" if stored["decision"] == "REJECTED" else "accepted"
            outcomes.append(Outcome(message, result, stored["paymentId"], stored, repeated=not added))
        return outcomes

    def _notify(
        self, pending: Sequence[tuple[Message, Payment]], remaining: Callable[[], float]
    ) -> dict[str, str]:
        """Publish payments and mark them as notified. Return payment id → problem for those that failed."""
        problems: dict[str, str] = {}
        payments = [payment for _, payment in pending]
        chunks = [payments[at : at + ENTRIES_PER_CALL] for at in range(0, len(payments), ENTRIES_PER_CALL)]
        for chunk, refused, problem in self._each(self._notifier.publish, chunks, remaining):
            all_refused = {payment["paymentId"]: problem for payment in chunk}
            problems |= all_refused if refused is None else refused
        done = [(p, _entry("NOTIFIED", sender, p)) for sender, p in pending if p["paymentId"] not in problems]
        for (payment, _), marked, problem in self._each(lambda x: self._ledger.append(*x), done, remaining):
            if marked is None:
                problems[payment["paymentId"]] = problem
        return problems

    def _each(
        self, work: Callable[[T], R], items: Sequence[T], remaining: Callable[[], float]
    ) -> Iterator[tuple[T, R | None, str]]:
        """Run ``work`` on all items concurrently while time remains. Yield item, result or None, problem."""
        in_time = remaining() > 0
        futures = [self._pool.submit(work, item) if in_time else Future[R]() for item in items]
        wait(futures, timeout=max(0.0, remaining()))
        for item, future in zip(items, futures, strict=True):
            if not future.done():
                future.cancel()  # a running one goes on; the next delivery finds its effect in the ledger
                yield item, None, "OutOfTime"
            elif (
                error := future.exception()
            ):  # fails only this payment; its text is not used, it may quote values
                code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
                yield item, None, code or type(error).__name__
            else:
                yield item, future.result(), ""


def _entry(event: Event, message: Message, about: Payment, differs: Sequence[str] = ()) -> AuditEntry:
    return {
        "event": event,
        "at": _now(),
        "messageId": message.message_id,
        "requestId": message.request_id,
        "senderId": message.sender_id,
        "contentDigest": about["contentDigest"],
        "reasons": about["reasons"] if event == "REJECTED" else [],
        "differs": list(differs),
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
