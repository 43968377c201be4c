"""Many workers at once, in threads, on a table that is correct under concurrency: what moto can't show."""

import json
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.payment_processor.ledger import Ledger
from functions.payment_processor.notifications import Notifier
from functions.payment_processor.worker import Message, Outcome, Worker

from .builders import ENVIRONMENT, request
from .fakes import FakeTable, FakeTopic

LIMITS = {"EUR": 1_000_000}
WORKERS = 8


@pytest.fixture(autouse=True)
def threads_switch_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def race(table: FakeTable, topic: FakeTopic, batches: list[list[Message]]) -> list[Outcome]:
    """Settle these batches at the same moment, each in a worker with threads of its own."""
    start = threading.Barrier(len(batches))

    def work(batch: list[Message]) -> list[Outcome]:
        ledger = Ledger(table.client(), ENVIRONMENT["TABLE_NAME"], pause=lambda _: None)
        notifier = Notifier(topic, ENVIRONMENT["TOPIC_ARN"])
        with ThreadPoolExecutor(4) as pool:
            start.wait()
            return Worker(ledger, notifier, LIMITS, pool).process(batch, lambda: 30.0)

    with ThreadPoolExecutor(len(batches)) as workers:
        return [outcome for outcomes in workers.map(work, batches) for outcome in outcomes]


def messages(worker: int, *bodies: object) -> list[Message]:
    return [
        Message(body=json.dumps(body), message_id=f"message-{worker}-{index}", request_id=f"request-{worker}")
        for index, body in enumerate(bodies)
    ]


def process_until_done(table: FakeTable, topic: FakeTopic, batches: list[list[Message]]) -> list[Outcome]:
    """What the queue does: deliver again what failed, until nothing does."""
    processed: list[Outcome] = []
    for _ in range(50):
        outcomes = race(table, topic, batches)
        processed += [outcome for outcome in outcomes if outcome.result != "failed"]
        failed = [outcome.message for outcome in outcomes if outcome.result == "failed"]
        batches = [failed[at::2] for at in range(2) if failed[at::2]]
        if not batches:
            return processed
    raise AssertionError("some messages fail for ever")


def events(table: FakeTable, payment_id: str) -> list[str]:
    return [
        item["event"]["S"]
        for (pk, _), item in table.items()
        if pk == f"PAYMENT#{payment_id}" and "event" in item
    ]


@pytest.mark.parametrize("seconds", [0.0, 0.001])
def test_one_payment_delivered_to_all_workers_takes_effect_once(seconds: float) -> None:
    table, topic = FakeTable(seconds=seconds), FakeTopic()
    outcomes = process_until_done(table, topic, [messages(worker, request()) for worker in range(WORKERS)])
    assert events(table, "payment-0001") == ["ACCEPTED", "NOTIFIED"]
    assert Counter(outcome.result for outcome in outcomes).keys() <= {"accepted", "duplicate"}
    assert len(outcomes) == WORKERS
    assert 1 <= len(topic.messages) <= WORKERS
    assert len(set(topic.messages)) == 1


@pytest.mark.parametrize("seconds", [0.0, 0.001])
def test_of_different_contents_at_once_one_wins_and_each_other_is_refused(seconds: float) -> None:
    table, topic = FakeTable(seconds=seconds), FakeTopic()
    batches = [messages(worker, request(amount=worker + 1)) for worker in range(WORKERS)]
    outcomes = process_until_done(table, topic, batches)
    assert Counter(outcome.result for outcome in outcomes) == {"accepted": 1, "conflict": WORKERS - 1}
    (won,) = [json.loads(str(o.message.body))["amount"] for o in outcomes if o.result == "accepted"]
    trail = events(table, "payment-0001")
    assert trail[0] == "ACCEPTED"
    assert Counter(trail) == {"ACCEPTED": 1, "NOTIFIED": 1, "CONFLICT": WORKERS - 1}
    versions = table.history["PAYMENT#payment-0001", "PAYMENT"]
    assert {version["amount"]["N"] for version in versions} == {str(won)}
    assert [int(version["entries"]["N"]) for version in versions] == list(range(1, len(trail) + 1))


def test_overlapping_batches_process_every_payment_once() -> None:
    table, topic = FakeTable(seconds=0.001), FakeTopic()
    payments = [request(paymentId=f"payment-{number:04}") for number in range(12)]
    batches = [messages(worker, *(payments[worker:] + payments[:worker])[:10]) for worker in range(WORKERS)]
    outcomes = process_until_done(table, topic, batches)
    assert len(outcomes) == WORKERS * 10
    for payment in payments:
        assert events(table, payment["paymentId"]) == ["ACCEPTED", "NOTIFIED"]
    assert {json.loads(message)["paymentId"] for message in topic.messages} == {
        p["paymentId"] for p in payments
    }
