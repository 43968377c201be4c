"""Subscribers are told once a call, in the form of the schema, and nothing that is private."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.payment_processor.notifications import Notifier
from functions.payment_processor.payments import Payment, decide

from .builders import ENVIRONMENT, request
from .conftest import Backend
from .fakes import FakeTopic, error
from .test_ledger import schema_of

LIMITS = {"EUR": 10_000}


def payment(number: int = 1, **changes: Any) -> Payment:
    return decide(request(paymentId=f"payment-{number:04}", **changes), LIMITS, "2026-01-31T09:30:01.000Z")


def notifier(client: Any) -> Notifier:
    return Notifier(client, ENVIRONMENT["TOPIC_ARN"])


@pytest.mark.parametrize(
    "changes", [{}, {"amount": 10_001}, {"currency": "JPY", "debtor": "x", "creditor": "x"}]
)
def test_a_notification_keeps_its_schema(backend: Backend, changes: dict[str, Any]) -> None:
    assert notifier(backend.sns).publish([payment(**changes)]) == {}
    (message,) = backend.messages()
    schema_of("payment_notification.schema.json").validate(message)
    assert message["reasons"] == payment(**changes)["reasons"]


def test_nothing_private_is_published(backend: Backend) -> None:
    notifier(backend.sns).publish([payment()])
    assert not {"debtor", "creditor", "reference", "metadata"} & backend.messages()[0].keys()


def test_a_batch_is_one_call(backend: Backend) -> None:
    assert notifier(backend.sns).publish([payment(number) for number in range(10)]) == {}
    assert [message["paymentId"] for message in backend.messages()] == [f"payment-{n:04}" for n in range(10)]


def test_the_subject_tells_a_person_what_happened() -> None:
    sent: list[dict[str, Any]] = []

    class Recorder:
        def publish_batch(self, **call: Any) -> dict[str, Any]:
            sent.append(call)
            return {"Successful": [{"Id": "0"}, {"Id": "1"}]}

    notifier(Recorder()).publish([payment(), payment(2, amount=10_001)])
    accepted, rejected = sent[0]["PublishBatchRequestEntries"]
    assert sent[0]["TopicArn"] == ENVIRONMENT["TOPIC_ARN"]
    assert (accepted["Subject"], rejected["Subject"]) == (
        "Payment accepted: EUR 12.34",
        "Payment rejected: EUR 100.01",
    )
    assert accepted["MessageAttributes"] == {
        "decision": {"DataType": "String", "StringValue": "ACCEPTED"},
        "currency": {"DataType": "String", "StringValue": "EUR"},
    }


def test_refused_entries_are_told_from_published_ones() -> None:
    topic = FakeTopic()
    topic.refused = {"1", "3"}
    refused = notifier(topic).publish([payment(number) for number in range(4)])
    assert refused == {"payment-0001": "InternalError", "payment-0003": "InternalError"}
    assert [json.loads(message)["paymentId"] for message in topic.messages] == [
        "payment-0000",
        "payment-0002",
    ]


def test_an_entry_that_the_answer_does_not_mention_was_not_published() -> None:
    class Silent:
        def publish_batch(self, **call: Any) -> dict[str, Any]:
            return {"Successful": [{"Id": "0"}]}

    assert notifier(Silent()).publish([payment(0), payment(1)]) == {"payment-0001": "Unconfirmed"}


def test_a_call_that_fails_as_a_whole_raises() -> None:
    def throttle(operation: str, effect: Any) -> Any:
        raise error("Throttled", operation)

    with pytest.raises(ClientError):
        notifier(FakeTopic(throttle)).publish([payment()])
