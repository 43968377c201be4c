"""The dead-letter queue: reads it without taking anything, and moves letters back to where they came from.

SQS can move a whole queue by itself (StartMessageMoveTask), poison with the rest. Here letters go one by one:
first sent, then deleted. Between the two a letter may be lost to nobody, and be there twice, which the
function's idempotency makes harmless.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from operations.dead_letters.letter import REDRIVES, Letter

RECEIVED_AT_ONCE = 10
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html"""
HIDDEN_SECONDS = 120
"""For which messages are hidden from others while they are read; once that is done, they show again."""
WAIT_SECONDS = 1
"""Long polling asks all of SQS's servers, short polling only some: a queue with few messages may seem empty.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
"""

Message = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Moved:
    """What became of a letter that was to be redriven."""

    message_id: str
    problem: str | None = None
    """Why it is still in the dead-letter queue; None where it went back."""
    new_message_id: str | None = None


class DeadLetterQueue:
    """A queue of dead letters and the one that they came from, through a boto3 `client`.

    botocore's errors pass through, but for those that keep a single letter from moving.
    """

    def __init__(self, client: Any, url: str, source_url: str, *, wait_seconds: int = WAIT_SECONDS) -> None:
        self._sqs, self._url, self._source, self._wait = client, url, source_url, wait_seconds

    def read(self, most: int, told: Callable[[int], None] = lambda _: None) -> list[Letter]:
        """Up to `most` letters, all of which stay. `told` hears how many there are so far."""
        letters: dict[str, Letter] = {}
        with self._receiving() as messages:
            for message in messages:
                letters[message["MessageId"]] = Letter.of(message)
                told(len(letters))
                if len(letters) == most:
                    break
        return list(letters.values())

    def redrive(
        self, message_ids: Collection[str], told: Callable[[Moved], None] = lambda _: None
    ) -> list[Moved]:
        """Move letters, in the order in which SQS gives them out; `told` hears of each as it is done."""
        moved: list[Moved] = []
        waiting = set(message_ids)
        with self._receiving() as messages:
            for message in messages if waiting else ():
                if message["MessageId"] in waiting:
                    waiting.remove(message["MessageId"])
                    moved.append(self._move(message))
                    told(moved[-1])
                if not waiting:
                    break
        gone = [Moved(message_id=each, problem="no longer in the queue") for each in sorted(waiting)]
        for each in gone:
            told(each)
        return moved + gone

    def _move(self, message: Message) -> Moved:
        message_id, attributes = message["MessageId"], dict(message.get("MessageAttributes", {}))
        count = str(Letter.of(message).redrives + 1)
        attributes[REDRIVES] = {"DataType": "Number", "StringValue": count}
        try:
            sent = self._sqs.send_message(
                QueueUrl=self._source, MessageBody=message["Body"], MessageAttributes=attributes
            )
        except (ClientError, BotoCoreError) as error:
            return Moved(message_id=message_id, problem=f"not sent: {error}")
        try:
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        except (ClientError, BotoCoreError) as error:
            problem = f"sent, but not deleted here: {error}"
            return Moved(message_id=message_id, problem=problem, new_message_id=sent["MessageId"])
        return Moved(message_id=message_id, new_message_id=sent["MessageId"])

    @contextmanager
    def _receiving(self) -> Iterator[Iterator[Message]]:
        """All messages, each once. Those that are still there afterwards are shown to others again."""
        handles: dict[str, str] = {}

        def messages() -> Iterator[Message]:
            while True:
                answer = self._sqs.receive_message(
                    QueueUrl=self._url,
                    MaxNumberOfMessages=RECEIVED_AT_ONCE,
                    VisibilityTimeout=HIDDEN_SECONDS,
                    WaitTimeSeconds=self._wait,
                    MessageSystemAttributeNames=["All"],
                    MessageAttributeNames=["All"],
                )
                received = answer.get("Messages", [])
                fresh = [message for message in received if message["MessageId"] not in handles]
                handles.update({message["MessageId"]: message["ReceiptHandle"] for message in received})
                yield from fresh
                if not fresh:
                    return

        try:
            yield messages()
        finally:
            remaining = list(handles.values())
            for start in range(0, len(remaining), RECEIVED_AT_ONCE):
                entries = [
                    {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                    for number, handle in enumerate(remaining[start : start + RECEIVED_AT_ONCE])
                ]
                # Of a message that is gone by now, the answer says so, and that is fine.
                self._sqs.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)
