"""Whatever the queue, the network and the workers do: a payment takes effect once, and none is lost.

A state machine plays SQS (at least once, in any order, dead-letter queue, redrive) and lets hypothesis choose
faults at every AWS call: before or after it takes effect, once or for good, the death of the worker, a second
worker that runs in between, entries that SNS refuses, time that runs out. Transactions are atomic, and so
the second worker is run whole, between two calls of the first.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from botocore.exceptions import ReadTimeoutError
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from functions.payment_processor.ledger import Ledger, payment_from_item
from functions.payment_processor.notifications import Notifier
from functions.payment_processor.payments import content_digest
from functions.payment_processor.worker import Worker
from operations.dead_letters.letter import ClassifiedLetter, LedgerFacts, Letter, classify
from operations.dead_letters.plan import Selection, plan
from operations.payments.record import record_of

from .builders import ENVIRONMENT, load_handler, record, request
from .fakes import FakeTable, FakeTopic, InlineExecutor, Item, cancelled, error

LIMITS = {"EUR": 1_000}
RECEIVES = 3  # before the dead-letter queue
handler = load_handler()

CONTENTS = [{"amount": 1}, {"amount": 2}, {"amount": 1_001}, {"amount": 1, "reference": None}]
"""What producers send under one id: two good contents, a business rejection, a difference in a detail."""


class Died(BaseException):
    """The worker's process is gone: nothing after this happens, and no answer reaches SQS."""


@dataclass
class Delivery:
    """A message in the queue."""

    message_id: str
    content: Any
    receives: int = 0


@dataclass(frozen=True)
class Fault:
    """What goes wrong at the ``at``-th AWS call of an invocation."""

    at: int
    kind: str
    second: "Fault | None" = field(default=None, compare=False)  # of the second worker


FAULTS: dict[str, Callable[[str], BaseException]] = {
    "throttled": lambda operation: error("ThrottlingException", operation),
    "transaction conflict": lambda operation: cancelled("TransactionConflict", "None"),
    "no connection": lambda operation: ConnectionError(),
    "lost response": lambda operation: ReadTimeoutError(endpoint_url="https://aws"),
    "death before": lambda operation: Died(),
    "death after": lambda operation: Died(),
}
AFTER = {"lost response", "death after"}
KINDS = [*FAULTS, "outage", "refused entries", "out of time", "second worker before", "second worker after"]

faults = st.builds(Fault, at=st.integers(0, 8), kind=st.sampled_from(KINDS)) | st.none()
two_workers = st.builds(
    Fault,
    at=st.integers(0, 8),
    kind=st.sampled_from(["second worker before", "second worker after"]),
    second=faults,
)


class Invocation:
    """One worker's run over one batch, with a fault in it. Raises ``Died`` if the worker did."""

    def __init__(self, machine: "Payments", deliveries: list[Delivery], fault: Fault | None) -> None:
        self.machine, self.deliveries, self.fault = machine, deliveries, fault
        self.calls, self.dead, self.seconds_left = 0, False, 30.0

    def run(self) -> set[str]:
        """The ids of the messages that were acknowledged."""
        event = {"Records": [record(d.content, d.message_id) for d in self.deliveries]}
        ledger = Ledger(
            self.machine.table.client(self.gate),
            ENVIRONMENT["TABLE_NAME"],
            near_duplicate_seconds=3600,
            pause=lambda _: None,
        )
        notifier = Notifier(self.machine.topic.client(self.gate), ENVIRONMENT["TOPIC_ARN"])
        worker = Worker(ledger, notifier, LIMITS, InlineExecutor())
        outcomes = worker.process(handler.read_batch(event, "request"), lambda: self.seconds_left)
        if self.dead:
            raise Died
        try:
            answer = handler.answer_batch(outcomes)
        except handler.ProcessingError:
            return set()
        kept = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        return {delivery.message_id for delivery in self.deliveries} - kept

    def gate(self, operation: str, effect: Callable[[], Any]) -> Any:
        at, self.calls = self.calls, self.calls + 1
        if self.dead:
            raise Died
        if self.fault is None or at < self.fault.at:
            return effect()
        kind = self.fault.kind
        if kind == "outage":
            raise error("InternalServerError", operation)
        if at > self.fault.at:
            return effect()
        return self._strike(kind, operation, effect)

    def _strike(self, kind: str, operation: str, effect: Callable[[], Any]) -> Any:
        self.dead = kind.startswith("death")
        if kind in AFTER:
            effect()
        if kind in FAULTS:
            raise FAULTS[kind](operation)
        if kind == "refused entries":
            self.machine.topic.refused.add("0")
        if kind == "out of time":
            self.seconds_left = 0.0
        if kind == "second worker before":
            self._second_worker()
        result = effect()
        if kind == "second worker after":
            self._second_worker()
        return result

    def _second_worker(self) -> None:
        assert self.fault is not None
        self.machine.invoke(self.deliveries, self.fault.second)


class Payments(RuleBasedStateMachine):
    """Producers, a queue, its dead-letter queue, and workers."""

    @initialize()
    def empty(self) -> None:
        self.table, self.topic = FakeTable(), FakeTopic()
        self.queue: list[Delivery] = []
        self.dead_letters: list[Delivery] = []
        self.sent: list[Delivery] = []
        self.names: Iterator[int] = count()

    # --- what producers and SQS do

    @rule(payment=st.integers(0, 2), content=st.sampled_from(CONTENTS))
    def produce(self, payment: int, content: dict[str, Any]) -> None:
        delivery = Delivery(self._name(), request(paymentId=f"payment-{payment:04}", **content))
        self.sent.append(delivery)
        self.queue.append(delivery)

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), same_id=st.booleans())
    def deliver_again(self, data: st.DataObject, same_id: bool) -> None:
        """SQS delivers a message once more, acknowledged or not; or its producer sends it again."""
        delivery = data.draw(st.sampled_from(self.sent))
        self.queue.append(Delivery(delivery.message_id if same_id else self._name(), delivery.content))

    @precondition(lambda self: self.dead_letters)
    @rule()
    def redrive(self) -> None:
        """Exactly what scripts/redrive.py does, with its own judgement. Redriven messages have new ids."""
        classified = [self._judged(letter) for letter in self.dead_letters]
        chosen = {each.letter.message_id for each in plan(classified, Selection()).redrive}
        going = [letter for letter in self.dead_letters if letter.message_id in chosen]
        self.dead_letters = [letter for letter in self.dead_letters if letter.message_id not in chosen]
        self.queue += [Delivery(self._name(), letter.content) for letter in going]

    def _judged(self, delivery: Delivery) -> ClassifiedLetter:
        letter = Letter.of(
            {
                "MessageId": delivery.message_id,
                "Body": json.dumps(delivery.content),
                "Attributes": {"SentTimestamp": "0"},
            }
        )
        assert letter.payment_id
        item = self._payments().get(letter.payment_id)
        entries = [e for e in self._trail(letter.payment_id) if e["event"]["S"] == "CONFLICT"]
        facts = LedgerFacts(
            payment=payment_from_item(item) if item else None,
            conflict_recorded=letter.content_digest in {entry["contentDigest"]["S"] for entry in entries},
        )
        return classify(letter, facts, most_redrives=2)

    # --- what workers do

    @precondition(lambda self: self.queue)
    @rule(data=st.data(), size=st.integers(1, 6), fault=faults)
    def work(self, data: st.DataObject, size: int, fault: Fault | None) -> None:
        batch = data.draw(st.permutations(self.queue))[:size]
        self.invoke(self._distinct(batch), fault)

    @precondition(lambda self: self.queue)
    @rule(data=st.data(), size=st.integers(1, 4), fault=two_workers)
    def work_at_once(self, data: st.DataObject, size: int, fault: Fault) -> None:
        batch = data.draw(st.permutations(self.queue))[:size]
        self.invoke(self._distinct(batch), fault)

    def invoke(self, batch: list[Delivery], fault: Fault | None) -> None:
        try:
            acknowledged = Invocation(self, batch, fault).run()
        except Died:
            acknowledged = set()
        for delivery in batch:
            if delivery.message_id in acknowledged:
                self._check_processed(delivery)
                self.queue = [other for other in self.queue if other is not delivery]
            elif any(other is delivery for other in self.queue):
                self._return(delivery)

    def _return(self, delivery: Delivery) -> None:
        delivery.receives += 1
        if delivery.receives >= RECEIVES:
            self.queue = [other for other in self.queue if other is not delivery]
            self.dead_letters.append(replace(delivery))

    @staticmethod
    def _distinct(batch: list[Delivery]) -> list[Delivery]:
        return list({delivery.message_id: delivery for delivery in batch}.values())

    def _name(self) -> str:
        return f"message-{next(self.names)}"

    # --- what must hold

    def _check_processed(self, delivery: Delivery) -> None:
        """Acknowledged: recorded with just this content, and its subscribers told at least once."""
        payment = self._payments()[delivery.content["paymentId"]]
        assert payment["contentDigest"]["S"] == content_digest(delivery.content), "acknowledged other content"
        assert delivery.content["paymentId"] in self._notified(), "acknowledged, but nobody was told"

    def _payments(self) -> dict[str, Item]:
        return {
            item["paymentId"]["S"]: item
            for (pk, sk), item in self.table.items()
            if sk == "PAYMENT" and pk.startswith("PAYMENT#")
        }

    def _trail(self, payment_id: str) -> list[Item]:
        return [
            item
            for (pk, sk), item in self.table.items()
            if pk == f"PAYMENT#{payment_id}" and sk.startswith("AUDIT#")
        ]

    def _notified(self) -> dict[str, set[str]]:
        told: dict[str, set[str]] = {}
        for message in self.topic.messages:
            told.setdefault(json.loads(message)["paymentId"], set()).add(message)
        return told

    @invariant()
    def a_payment_takes_effect_at_most_once(self) -> None:
        for payment_id in self._payments():
            events = [entry["event"]["S"] for entry in self._trail(payment_id)]
            assert events[0] in ("ACCEPTED", "REJECTED")
            assert sum(event in ("ACCEPTED", "REJECTED") for event in events) == 1
            assert events.count("NOTIFIED") <= 1

    @invariant()
    def what_is_stored_is_what_was_accepted_first(self) -> None:
        for (pk, sort_key), versions in self.table.history.items():
            if sort_key == "PAYMENT" and pk.startswith("PAYMENT#"):
                first = {name: value for name, value in versions[0].items() if name not in MUTABLE}
                for version in versions[1:]:
                    assert {name: value for name, value in version.items() if name not in MUTABLE} == first

    @invariant()
    def the_audit_trail_is_complete_ordered_and_append_only(self) -> None:
        for (_, sort_key), versions in self.table.history.items():
            assert sort_key == "PAYMENT" or len(versions) == 1, "an audit entry was written again"
        for payment_id, payment in self._payments().items():
            trail = self._trail(payment_id)
            assert [entry["sk"]["S"] for entry in trail] == [
                f"AUDIT#{n:06}" for n in range(1, len(trail) + 1)
            ]
            assert len(trail) == int(payment["entries"]["N"])
            items = [item for (pk, _), item in self.table.items() if pk == f"PAYMENT#{payment_id}"]
            record = record_of(items)
            assert record
            assert record.problems == []
            conflicts = [entry["messageId"]["S"] for entry in trail if entry["event"]["S"] == "CONFLICT"]
            assert len(conflicts) == len(set(conflicts)), "one message has two entries"
            marked = any(entry["event"]["S"] == "NOTIFIED" for entry in trail)
            assert (payment["state"]["S"] == "NOTIFIED") is marked

    @invariant()
    def subscribers_are_told_the_truth_and_always_the_same(self) -> None:
        payments, told = self._payments(), self._notified()
        for payment_id, messages in told.items():
            (message,) = messages
            assert json.loads(message)["decision"] == payments[payment_id]["decision"]["S"]
            assert json.loads(message)["amount"] == int(payments[payment_id]["amount"]["N"])
        for payment_id, payment in payments.items():
            assert payment["state"]["S"] == "RECORDED" or payment_id in told, "marked, but nobody was told"

    def teardown(self) -> None:
        """When all is well again, every message is processed, but for conflicts, which wait for a person."""
        if not hasattr(self, "queue"):
            return
        self.redrive()
        for _ in range(RECEIVES * (len(self.queue) + 1)):
            self.invoke(self._distinct(self.queue[:10]), None)
        assert not self.queue, "some messages come back for ever"
        payments = self._payments()
        for delivery in self.sent:
            payment_id, digest = delivery.content["paymentId"], content_digest(delivery.content)
            assert payments[payment_id]["state"]["S"] == "NOTIFIED", "a payment was lost"
            if payments[payment_id]["contentDigest"]["S"] != digest:
                refused = [e for e in self._trail(payment_id) if e["event"]["S"] == "CONFLICT"]
                assert digest in {entry["contentDigest"]["S"] for entry in refused}
                assert delivery.content in [letter.content for letter in self.dead_letters]
        for letter in self.dead_letters:
            payment = payments[letter.content["paymentId"]]
            assert payment["contentDigest"]["S"] != content_digest(letter.content), "a good payment was left"


MUTABLE = {"state", "entries", "notifiedAt", "chainHead", "indexState"}

TestExactlyOnce = Payments.TestCase
TestExactlyOnce.settings = settings(
    max_examples=150,
    stateful_step_count=15,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
