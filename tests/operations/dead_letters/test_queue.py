"""Reading takes nothing; redriving sends before it deletes, one by one, and loses nothing on the way."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from operations.dead_letters.letter import REDRIVES
from operations.dead_letters.queue import DeadLetterQueue, Moved
from tests.operations.payments.records import request


@dataclass(frozen=True)
class Queues:
    sqs: Any
    dead: str
    source: str

    def queue(self, client: Any = None) -> DeadLetterQueue:
        return DeadLetterQueue(client or self.sqs, self.dead, self.source, wait_seconds=0)

    def park(self, *payment_ids: str, **attributes: Any) -> list[str]:
        return [
            self.sqs.send_message(
                QueueUrl=self.dead,
                MessageBody=json.dumps(request(paymentId=payment_id)),
                MessageAttributes=attributes,
            )["MessageId"]
            for payment_id in payment_ids
        ]

    def waiting(self, url: str) -> list[Any]:
        found = list[Any]()
        while messages := self.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            found += messages
        return found

    def payments(self, url: str) -> list[str]:
        return sorted(json.loads(each["Body"])["paymentId"] for each in self.waiting(url))


@pytest.fixture
def queues() -> Iterator[Queues]:
    with mock_aws():
        sqs = boto3.client("sqs", region_name="us-east-1")
        urls = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("dead", "source")]
        yield Queues(sqs, *urls)


class Failing:
    """A client of which one operation fails, every time."""

    def __init__(self, client: Any, operation: str) -> None:
        self._client, self._operation = client, operation

    def __getattr__(self, name: str) -> Any:
        if name != self._operation:
            return getattr(self._client, name)

        def fail(**_: Any) -> None:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, name)

        return fail


NAMES = [f"payment-{number:04}" for number in range(25)]


def test_reading_sees_every_letter_and_leaves_it(queues: Queues) -> None:
    parked, heard = queues.park(*NAMES), list[int]()
    letters = queues.queue().read(1000, heard.append)
    assert sorted(letter.message_id for letter in letters) == sorted(parked)
    assert heard == list(range(1, 26))
    assert queues.payments(queues.dead) == NAMES, "all are there for others at once"


def test_reading_stops_at_a_limit_and_leaves_the_rest_visible_too(queues: Queues) -> None:
    queues.park(*NAMES)
    assert len(queues.queue().read(13)) == 13
    assert queues.payments(queues.dead) == NAMES


def test_an_empty_queue_has_no_letters(queues: Queues) -> None:
    assert queues.queue().read(10) == []
    assert queues.queue().redrive([]) == []


def test_a_redrive_moves_what_was_named_and_leaves_the_rest(queues: Queues) -> None:
    parked, heard = queues.park(*NAMES), list[Moved]()
    moved = queues.queue().redrive(parked[:15], heard.append)
    assert sorted(each.message_id for each in moved) == sorted(parked[:15])
    assert heard == moved
    assert all(each.new_message_id and not each.problem for each in moved)
    assert queues.payments(queues.source) == NAMES[:15]
    assert queues.payments(queues.dead) == NAMES[15:]


def test_a_redriven_message_keeps_its_attributes_and_counts_its_redrives(queues: Queues) -> None:
    trace = {"DataType": "String", "StringValue": "abc"}
    for count in ("1", "2"):
        (parked,) = [letter.message_id for letter in queues.queue().read(1)] or queues.park(
            "payment-0001", trace=trace
        )
        queues.queue().redrive([parked])
        (arrived,) = queues.waiting(queues.source)
        assert arrived["MessageAttributes"]["trace"]["StringValue"] == "abc"
        assert arrived["MessageAttributes"][REDRIVES]["StringValue"] == count
        queues.sqs.delete_message(QueueUrl=queues.source, ReceiptHandle=arrived["ReceiptHandle"])
        sent = {name: {k: v for k, v in value.items() if k in ("DataType", "StringValue")}
                for name, value in arrived["MessageAttributes"].items()}  # fmt: skip
        queues.park("payment-0001", **sent)  # it failed again


def test_a_letter_that_is_gone_meanwhile_is_told(queues: Queues) -> None:
    (moved,) = queues.queue().redrive(["gone"])
    assert moved == Moved(message_id="gone", problem="no longer in the queue")


def test_a_letter_that_could_not_be_sent_stays(queues: Queues) -> None:
    parked = queues.park("payment-0001")
    (moved,) = queues.queue(Failing(queues.sqs, "send_message")).redrive(parked)
    assert moved.problem
    assert moved.problem.startswith("not sent:")
    assert queues.payments(queues.source) == []
    assert queues.payments(queues.dead) == ["payment-0001"]


def test_a_letter_that_was_sent_and_not_deleted_is_in_both_and_in_neither_lost(queues: Queues) -> None:
    parked = queues.park("payment-0001")
    (moved,) = queues.queue(Failing(queues.sqs, "delete_message")).redrive(parked)
    assert moved.problem
    assert moved.problem.startswith("sent, but not deleted here:")
    assert queues.payments(queues.source) == queues.payments(queues.dead) == ["payment-0001"]


def test_what_was_received_is_shown_again_after_an_interruption(queues: Queues) -> None:
    queues.park(*NAMES)

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        queues.queue().read(1000, interrupt)
    assert queues.payments(queues.dead) == NAMES
