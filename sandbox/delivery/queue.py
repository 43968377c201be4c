"""Delivers what waits in a queue to the function that is mapped to it, as Lambda's pollers do.

Time is compressed where the queue has a redrive policy: a message that failed is visible again at once, not
after its visibility timeout, so that a poison message reaches the dead-letter queue within seconds; and a
batch is not held open for its window once the queue has nothing more. What counts receives and moves messages
is the queue itself.
"""

import json
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from sandbox.delivery.event import Message, sqs_event
from sandbox.delivery.function import MOST_AT_ONCE, Mapped, NotDeliverable, concurrency
from sandbox.delivery.response import failed_messages
from sandbox.delivery.worker import Answered, Invocation
from sandbox.delivery.workers import Workers

RECEIVED_AT_ONCE = 10
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html"""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One batch that was processed. Messages are as boto3 receives them."""

    messages: Sequence[Message]
    failed: frozenset[str]
    """Ids of those that went back to the queue."""
    invocation: Invocation


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What became of the messages that were waiting."""

    queue_arn: str
    batches: tuple[Batch, ...]

    @property
    def receives(self) -> dict[str, int]:
        """How often each message was delivered, by its id."""
        counts: dict[str, int] = {}
        for batch in self.batches:
            for message in batch.messages:
                counts[message["MessageId"]] = counts.get(message["MessageId"], 0) + 1
        return counts

    @property
    def log(self) -> str:
        """What the function wrote."""
        return "".join(batch.invocation.log for batch in self.batches)


class Queue:
    """A queue and the mapping that reads it."""

    def __init__(self, sqs: Any, mapping: Mapped) -> None:
        """`sqs` is a boto3 client in the queue's account and region. Raises NotDeliverable."""
        self._sqs, self._mapping = sqs, mapping
        self._url = sqs.get_queue_url(QueueName=mapping.queue_arn.rsplit(":", 1)[1])["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["All"])["Attributes"]
        self._visibility_timeout = int(attributes["VisibilityTimeout"])
        self._redrives = "maxReceiveCount" in json.loads(attributes.get("RedrivePolicy") or "{}")

    def deliver(self, workers: Workers) -> Delivery:
        """Deliver until nothing waits: every message is processed, or moved to the dead-letter queue.

        Without a redrive policy a message that fails stays hidden for its visibility timeout, as it does in
        AWS.
        """
        if workers.function.timeout > self._visibility_timeout:
            raise NotDeliverable(
                f"Queue visibility timeout: {self._visibility_timeout} seconds is less than "
                f"Function timeout: {workers.function.timeout:.0f} seconds"  # Lambda's own words
            )
        at_once = min(concurrency(workers.function, self._mapping), MOST_AT_ONCE)
        batches: list[Batch] = []
        if not self._mapping.enabled or at_once == 0:
            return Delivery(queue_arn=self._mapping.queue_arn, batches=())
        running: set[Future[Batch]] = set()
        with ThreadPoolExecutor(at_once) as pool:
            while True:
                batch = self._receive() if len(running) < at_once else []
                if batch:
                    running.add(pool.submit(self._process, workers, batch))
                elif running:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    batches += [future.result() for future in done]
                else:
                    return Delivery(queue_arn=self._mapping.queue_arn, batches=tuple(batches))

    def _receive(self) -> list[Message]:
        """Up to the mapping's batch size."""
        batch: list[Message] = []
        while len(batch) < self._mapping.batch_size:
            answer = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=min(RECEIVED_AT_ONCE, self._mapping.batch_size - len(batch)),
                WaitTimeSeconds=0,
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            if not answer.get("Messages"):
                break
            batch += answer["Messages"]
        return batch

    def _process(self, workers: Workers, messages: Sequence[Message]) -> Batch:
        invocation = workers.invoke(sqs_event(messages, self._mapping.queue_arn))
        ids = [message["MessageId"] for message in messages]
        match invocation.result:
            case Answered(result=answer):
                failed = failed_messages(ids, answer, partial=self._mapping.reports_failures)
            case _:
                failed = frozenset(ids)
        for message in messages:
            handle = {"QueueUrl": self._url, "ReceiptHandle": message["ReceiptHandle"]}
            if message["MessageId"] not in failed:
                self._sqs.delete_message(**handle)
            elif self._redrives:
                self._sqs.change_message_visibility(**handle, VisibilityTimeout=0)
        return Batch(messages=tuple(messages), failed=failed, invocation=invocation)
