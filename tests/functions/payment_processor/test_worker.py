"""A batch is processed payment by payment: in order, in time, and each on its own."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from functions.payment_processor.ledger import Ledger
from functions.payment_processor.notifications import Notifier
from functions.payment_processor.worker import Message, Outcome, Worker

from .builders import ENVIRONMENT, request
from .conftest import Backend
from .fakes import FakeTable, FakeTopic, Gate, InlineExecutor, error, straight

LIMITS = {"EUR": 10_000}


def plenty() -> float:
    return 30.0


def worker(dynamodb: Any, sns: Any, key: bytes = b"") -> Worker:
    ledger = Ledger(dynamodb, ENVIRONMENT["TABLE_NAME"], pause=lambda _: None)
    return Worker(ledger, Notifier(sns, ENVIRONMENT["TOPIC_ARN"]), LIMITS, InlineExecutor(), key)


def messages(*bodies: object) -> list[Message]:
    return [
        Message(body=json.dumps(body), message_id=f"message-{index}", request_id="request-1")
        for index, body in enumerate(bodies)
    ]


def process(
    backend: Backend, *bodies: object, remaining: Callable[[], float] = plenty, key: bytes = b""
) -> list[Outcome]:
    """The outcomes, in the order of the bodies."""
    outcomes = worker(backend.dynamodb, backend.sns, key).process(messages(*bodies), remaining)
    return sorted(outcomes, key=lambda outcome: int(outcome.message.message_id.partition("-")[2]))


def results(outcomes: Sequence[Outcome]) -> list[str]:
    return [outcome.result for outcome in outcomes]


def trail(backend: Backend) -> list[str]:
    return [item["event"]["S"] for key, item in sorted(backend.items().items()) if "event" in item]


def numbered(count: int) -> list[Any]:
    return [request(paymentId=f"payment-{number:04}") for number in range(count)]


def test_a_new_payment_is_recorded_published_and_marked(backend: Backend) -> None:
    assert results(process(backend, request())) == ["accepted"]
    assert trail(backend) == ["ACCEPTED", "NOTIFIED"]
    assert [message["paymentId"] for message in backend.messages()] == ["payment-0001"]


def test_a_business_rejection_is_final_recorded_and_notified(backend: Backend) -> None:
    rejected = request(currency="USD")
    assert results(process(backend, rejected)) == ["rejected"]
    assert trail(backend) == ["REJECTED", "NOTIFIED"]
    assert backend.messages()[0]["reasons"] == ["CURRENCY_NOT_ENABLED"]
    assert results(process(backend, rejected)) == ["duplicate"]


def test_a_repeat_has_no_second_effect(backend: Backend) -> None:
    process(backend, request())
    before = backend.items()
    assert results(process(backend, request())) == ["duplicate"]
    assert backend.items() == before
    assert len(backend.messages()) == 1


def test_a_repeat_stays_what_was_decided_first_when_the_limits_change(backend: Backend) -> None:
    process(backend, request())
    stricter = worker(backend.dynamodb, backend.sns)
    stricter._limits = {}
    assert results(stricter.process(messages(request()), plenty)) == ["duplicate"]
    assert trail(backend) == ["ACCEPTED", "NOTIFIED"]


def test_a_changed_content_is_refused_and_recorded_and_overwrites_nothing(backend: Backend) -> None:
    process(backend, request())
    (refused,) = process(backend, request(amount=9, reference="other"))
    assert refused.result == "conflict"
    assert trail(backend) == ["ACCEPTED", "NOTIFIED", "CONFLICT"]
    stored = backend.items()["PAYMENT#payment-0001", "PAYMENT"]
    assert stored["amount"] == {"N": "1234"}
    conflict = backend.items()["PAYMENT#payment-0001", "AUDIT#000003"]
    assert conflict["differs"] == {"L": [{"S": "amount"}, {"S": "reference"}]}
    assert conflict["contentDigest"] != stored["contentDigest"]
    assert len(backend.messages()) == 1


def test_a_conflict_is_recorded_and_reported_once_however_often_it_is_received(backend: Backend) -> None:
    process(backend, request())
    received = [process(backend, request(amount=9))[0] for _ in range(5)]
    assert [(outcome.result, outcome.repeated) for outcome in received] == [
        ("conflict", False),
        *[("conflict", True)] * 4,
    ]
    assert trail(backend) == ["ACCEPTED", "NOTIFIED", "CONFLICT"]


def test_a_malformed_message_is_reported_at_its_first_delivery() -> None:
    worker_ = worker(FakeTable().client(), FakeTopic())
    first = Message(body="", message_id="message-1", request_id="request-1")
    outcomes = worker_.process([first, replace(first, deliveries=2)], plenty)
    assert [outcome.repeated for outcome in outcomes] == [False, True]


@pytest.mark.parametrize(
    "respelled",
    [
        {"requestedAt": "2026-01-31T10:30:00.000+01:00"},
        {"metadata": {}},
        {"schemaVersion": 1},
    ],
)
def test_a_retry_that_spells_the_same_differently_is_a_duplicate(
    backend: Backend, respelled: dict[str, Any]
) -> None:
    original = request(metadata=None)
    process(backend, original)
    before = backend.items()
    assert results(process(backend, original | respelled)) == ["duplicate"]
    assert backend.items() == before


def test_a_near_duplicate_is_accepted_flagged_and_published_as_one(backend: Backend) -> None:
    ledger = Ledger(
        backend.dynamodb, ENVIRONMENT["TABLE_NAME"], near_duplicate_seconds=3600, pause=lambda _: None
    )
    flagging = Worker(ledger, Notifier(backend.sns, ENVIRONMENT["TOPIC_ARN"]), LIMITS, InlineExecutor())
    outcomes = [
        flagging.process(messages(request(paymentId=f"payment-{number:04}")), plenty)[0] for number in (1, 2)
    ]
    assert results(outcomes) == ["accepted", "accepted"]
    assert [message["nearDuplicateOf"] for message in backend.messages()] == [None, "payment-0001"]


def test_repeats_and_conflicts_within_a_batch_are_processed_in_its_order(backend: Backend) -> None:
    outcomes = process(backend, request(), request(amount=9), request(), request(paymentId="payment-0002"))
    assert results(outcomes) == ["accepted", "conflict", "duplicate", "accepted"]
    assert sorted(message["paymentId"] for message in backend.messages()) == ["payment-0001", "payment-0002"]
    assert trail(backend) == ["ACCEPTED", "CONFLICT", "NOTIFIED", "ACCEPTED", "NOTIFIED"]


def test_a_malformed_message_fails_alone(backend: Backend) -> None:
    outcomes = process(backend, request(), {"paymentId": "payment-0002"}, request(paymentId="payment-0003"))
    assert results(outcomes) == ["accepted", "malformed", "accepted"]
    assert outcomes[1].problems[0] == "amount is missing"


def test_an_empty_batch_is_processed() -> None:
    assert worker(FakeTable().client(), FakeTopic()).process([], plenty) == []


def test_the_notifications_of_a_batch_are_one_call() -> None:
    calls = list[str]()

    def count(operation: str, effect: Callable[[], Any]) -> Any:
        calls.append(operation)
        return effect()

    outcomes = worker(FakeTable().client(count), FakeTopic(count)).process(messages(*numbered(10)), plenty)
    assert results(outcomes) == ["accepted"] * 10
    assert {name: calls.count(name) for name in calls} == {"TransactWriteItems": 20, "PublishBatch": 1}
    assert len(calls) / len(outcomes) <= 2.1


def test_a_batch_larger_than_a_publish_call_takes_as_many_as_it_needs() -> None:
    topic = FakeTopic()
    outcomes = worker(FakeTable().client(), topic).process(messages(*numbered(25)), plenty)
    assert results(outcomes) == ["accepted"] * 25
    assert len(topic.messages) == 25


def failing(*operations: str, code: str = "InternalServerError") -> Gate:
    """A gate that lets these operations fail, every time."""

    def gate(operation: str, effect: Callable[[], Any]) -> Any:
        if operation in operations:
            raise error(code, operation)
        return effect()

    return gate


def test_a_payment_that_can_not_be_recorded_is_tried_again() -> None:
    table, topic = FakeTable(), FakeTopic()
    outcomes = worker(table.client(failing("TransactWriteItems")), topic).process(messages(request()), plenty)
    assert [(outcome.result, *outcome.problems) for outcome in outcomes] == [
        ("failed", "InternalServerError")
    ]
    assert topic.messages == []


def test_a_payment_that_can_not_be_published_is_not_acknowledged_and_not_marked() -> None:
    table, topic = FakeTable(), FakeTopic()
    broken = worker(table.client(), topic.client(failing("PublishBatch", code="Throttled")))
    assert results(broken.process(messages(request(), request()), plenty)) == ["failed", "failed"]
    assert [item["event"]["S"] for _, item in table.items() if "event" in item] == ["ACCEPTED"]
    assert results(worker(table.client(), topic).process(messages(request()), plenty)) == ["accepted"]
    assert len(topic.messages) == 1


def test_an_entry_that_sns_refuses_fails_alone() -> None:
    table, topic = FakeTable(), FakeTopic()
    topic.refused = {"1"}
    outcomes = worker(table.client(), topic).process(messages(*numbered(3)), plenty)
    assert [(outcome.result, *outcome.problems) for outcome in outcomes] == [
        ("accepted",),
        ("failed", "InternalError"),
        ("accepted",),
    ]
    assert len(topic.messages) == 2


def test_a_payment_is_published_before_it_is_marked_and_after_it_is_recorded() -> None:
    calls = list[str]()

    def note(operation: str, effect: Callable[[], Any]) -> Any:
        calls.append(operation)
        return effect()

    worker(FakeTable().client(note), FakeTopic(note)).process(messages(request()), plenty)
    assert calls == ["TransactWriteItems", "PublishBatch", "TransactWriteItems"]


def test_a_bug_met_by_one_payment_fails_that_one_alone() -> None:
    table = FakeTable()
    broken = {"pk": {"S": "PAYMENT#payment-0000"}, "sk": {"S": "PAYMENT"}}  # an item that nobody wrote
    table.history["PAYMENT#payment-0000", "PAYMENT"].append(broken)
    outcomes = worker(table.client(), FakeTopic()).process(messages(*numbered(2)), plenty)
    assert [(outcome.result, *outcome.problems) for outcome in outcomes] == [
        ("failed", "TypeError"),
        ("accepted",),
    ]


@pytest.mark.parametrize(
    ("checks", "trail_left", "published"),
    [(0, [], 0), (2, ["ACCEPTED"], 0), (4, ["ACCEPTED"], 1), (6, ["ACCEPTED", "NOTIFIED"], 1)],
)
def test_no_step_is_begun_when_time_is_out(checks: int, trail_left: list[str], published: int) -> None:
    table, topic = FakeTable(), FakeTopic()
    left = iter([30.0] * checks)
    outcomes = worker(table.client(), topic).process(messages(request()), lambda: next(left, 0.0))
    assert results(outcomes) == (["accepted"] if checks == 6 else ["failed"])
    assert [item["event"]["S"] for _, item in table.items() if "event" in item] == trail_left
    assert len(topic.messages) == published
    assert results(worker(table.client(), topic).process(messages(request()), plenty))[0] in (
        "accepted",
        "duplicate",
    )
    assert len(topic.messages) <= 2


def test_what_hangs_fails_in_time_and_the_rest_is_processed() -> None:
    table, topic = FakeTable(), FakeTopic()
    from threading import Event

    release, clock = Event(), iter([30.0, 0.2])

    def hang(operation: str, effect: Callable[[], Any]) -> Any:
        if hanging and hanging.pop():
            release.wait(10)
        return effect()

    hanging = [True]
    with ThreadPoolExecutor(4) as pool:
        ledger = Ledger(table.client(hang), ENVIRONMENT["TABLE_NAME"])
        slow = Worker(ledger, Notifier(topic, ENVIRONMENT["TOPIC_ARN"]), LIMITS, pool)
        outcomes = slow.process(messages(*numbered(3)), lambda: next(clock, 5.0))
        release.set()
    assert sorted(results(outcomes)) == ["accepted", "accepted", "failed"]
    (failed,) = [outcome for outcome in outcomes if outcome.result == "failed"]
    assert list(failed.problems) == ["OutOfTime"]
    again = worker(table.client(), topic).process(messages(*numbered(3)), plenty)
    assert sorted(results(again)) == ["accepted", "duplicate", "duplicate"]


def test_a_message_does_not_show_its_body() -> None:
    (message,) = messages(request())
    assert "DE89" not in repr(message)
    (outcome,) = worker(FakeTable().client(straight), FakeTopic()).process([message], plenty)
    assert "DE89" not in repr(outcome)


KEY = b"k" * 32


def test_with_a_key_no_account_reference_is_stored_or_published(backend: Backend) -> None:
    accounts = {"debtor": "DE02120300000000202051", "creditor": "FR1420041010050500013M02606"}
    assert results(process(backend, request(**accounts), key=KEY)) == ["accepted"]
    everything = json.dumps([list(backend.items().values()), backend.messages()])
    assert not any(account in everything for account in accounts.values())
    stored = backend.items()["PAYMENT#payment-0001", "PAYMENT"]
    assert stored["debtor"]["S"].startswith("hmac-sha256 ")
    assert stored["debtor"]["S"] != stored["creditor"]["S"]


def test_with_a_key_repeats_conflicts_and_rejections_stay_what_they_are(backend: Backend) -> None:
    process(backend, request(), key=KEY)
    assert results(process(backend, request(), key=KEY)) == ["duplicate"]
    assert results(process(backend, request(creditor="someone-else"), key=KEY)) == ["conflict"]
    same = request(paymentId="payment-0002", debtor="one-account", creditor="one-account")
    assert results(process(backend, same, key=KEY)) == ["rejected"]


def test_a_payment_from_before_the_key_is_still_recognised(backend: Backend) -> None:
    process(backend, request())
    assert results(process(backend, request(), key=KEY)) == ["duplicate"]
    assert results(process(backend, request(debtor="someone-else"), key=KEY)) == ["conflict"]


def test_a_payment_from_under_the_key_is_a_conflict_without_it(backend: Backend) -> None:
    process(backend, request(), key=KEY)
    assert results(process(backend, request())) == ["conflict"]


def test_another_key_gives_other_pseudonyms(backend: Backend) -> None:
    process(backend, request(), key=KEY)
    assert results(process(backend, request(), key=b"l" * 32)) == ["conflict"]


@pytest.mark.parametrize("spelled", ["\uff24\uff25\uff10\uff12", "DE02"])
def test_spellings_of_one_account_have_one_pseudonym(fake_backend: Backend, spelled: str) -> None:
    process(fake_backend, request(debtor="DE02"), key=KEY)
    assert results(process(fake_backend, request(debtor=spelled), key=KEY)) == ["duplicate"]
