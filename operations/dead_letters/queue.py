"""The dead-letter queue: reads it without taking anything, and moves letters back to where they came from.

SQS can move a whole queue by itself (StartMessageMoveTask), poison with the rest. Here letters are chosen,
and go in batches of ten: first sent, then counted, then deleted. Between sending and deleting a letter may be
there twice, never lost, which the function's idempotency makes harmless: an interrupted redrive is run again.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from operations.dead_letters.letter import Letter, request_text
from operations.dead_letters.redrive_counts import Content, RedriveCounts

BATCH = 10
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html"""
BATCH_BYTES = 262_144
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html"""
HIDDEN_SECONDS = 600
"""For which messages are hidden from others while they are read; extended for as long as the pass takes."""
EXTENDED_BEFORE_SECONDS = 300
"""Time left to a hidden message at which it is hidden for longer."""
EMPTY_PAGES = 3
"""Consecutive receives without a new message after which a pass ends: one may be empty by chance."""
WAIT_SECONDS = 1
"""Long polling asks all of SQS's servers, short polling only some: a queue with few messages may seem empty.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
"""

Message = Mapping[str, Any]
Clock = Callable[[], float]


@dataclass(frozen=True, kw_only=True)
class Moved:
    """What became of a letter that was to be redriven."""

    message_id: str
    problem: str | None = None
    """Why it is still in the dead-letter queue; None where it went back."""
    new_message_id: str | None = None


class ReadPass:
    """One pass over a queue: every message once. What is received stays hidden until the pass is over."""

    def __init__(self, client: Any, url: str, *, wait_seconds: int, deadline: float, clock: Clock) -> None:
        self._sqs, self._url, self._wait = client, url, wait_seconds
        self._deadline, self._clock = deadline, clock
        self._held: dict[str, tuple[str, float]] = {}  # in the order in which they show again
        self._done: set[str] = set()
        self.complete = False
        """Whether the pass has seen all messages, as far as SQS can tell."""

    def pages(self) -> Iterator[Sequence[Message]]:
        """Yield the messages that were not seen before, up to ten at once."""
        empty = 0
        while self._clock() < self._deadline:
            self._extend()
            try:
                answer = self._sqs.receive_message(
                    QueueUrl=self._url,
                    MaxNumberOfMessages=BATCH,
                    VisibilityTimeout=HIDDEN_SECONDS,
                    WaitTimeSeconds=self._wait,
                    MessageSystemAttributeNames=["All"],
                    MessageAttributeNames=["All"],
                )
            except ClientError as error:
                if error.response["Error"]["Code"].endswith("OverLimit"):  # 120,000 are hidden
                    return
                raise
            fresh = []
            for message in answer.get("Messages", ()):
                message_id = message["MessageId"]
                if message_id not in self._held and message_id not in self._done:
                    fresh.append(message)
                self._held.pop(message_id, None)
                self._held[message_id] = (message["ReceiptHandle"], self._clock() + HIDDEN_SECONDS)
            if fresh:
                yield fresh
            empty = 0 if fresh else empty + 1
            if empty == EMPTY_PAGES:
                self.complete = self._others() <= 0
                return

    def deleted(self, message_id: str) -> None:
        """Note that a message is gone."""
        self._held.pop(message_id, None)
        self._done.add(message_id)

    def release(self) -> None:
        """Show what is still there to others again."""
        self._hide([handle for handle, _ in self._held.values()], 0)

    def _extend(self) -> None:
        """Hide those for longer that would show again soon, so that none is met twice."""
        now, soon = self._clock(), []
        for message_id, (_, shown_at) in self._held.items():
            if shown_at - now > EXTENDED_BEFORE_SECONDS:
                break
            soon.append(message_id)
        handles = [self._held.pop(message_id)[0] for message_id in soon]
        self._hide(handles, HIDDEN_SECONDS)
        for message_id, handle in zip(soon, handles, strict=True):
            self._held[message_id] = (handle, now + HIDDEN_SECONDS)

    def _hide(self, handles: Sequence[str], seconds: int) -> None:
        for start in range(0, len(handles), BATCH):
            entries = [
                {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": seconds}
                for number, handle in enumerate(handles[start : start + BATCH])
            ]
            # For a message that is gone by now, the answer holds a failure, which changes nothing.
            self._sqs.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)

    def _others(self) -> int:
        """How many messages are in the queue, by SQS's approximate count, that this pass does not hold."""
        names = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed")]
        counts = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=names)["Attributes"]
        return sum(int(counts.get(name, 0)) for name in names) - len(self._held)


@dataclass(frozen=True, kw_only=True)
class Redriven:
    """What a redrive did. `complete` is false where letters that were to go may still be in the queue."""

    moved: tuple[Moved, ...]
    complete: bool


class DeadLetterQueue:
    """A queue of dead letters and the one that they came from, through a boto3 `client`.

    botocore's errors pass through, but for those that keep single letters from moving.
    """

    def __init__(
        self,
        client: Any,
        url: str,
        source_url: str,
        counts: RedriveCounts,
        *,
        wait_seconds: int = WAIT_SECONDS,
        clock: Clock = time.monotonic,
    ) -> None:
        self._sqs, self._url, self._source, self._counts = client, url, source_url, counts
        self._wait, self._clock = wait_seconds, clock

    @contextmanager
    def reading(self, time_limit: float) -> Iterator[ReadPass]:
        """Read the queue for `time_limit` seconds at most. Everything is shown again afterwards."""
        deadline = self._clock() + time_limit
        current = ReadPass(
            self._sqs, self._url, wait_seconds=self._wait, deadline=deadline, clock=self._clock
        )
        try:
            yield current
        finally:
            current.release()

    def redrive(
        self,
        redrives: Mapping[str, int],
        report: Callable[[Moved], None] = lambda _: None,
        *,
        time_limit: float = float("inf"),
    ) -> Redriven:
        """Move letters, in the order in which SQS gives them out.

        Args:
            redrives: the ids of the messages, with how often each was redriven before.
            report: is called for each letter as it is done.
            time_limit: seconds after which the redrive stops; what is left stays in the queue.
        """
        moved: list[Moved] = []
        waiting = set(redrives)
        with self.reading(time_limit) as current:
            for page in current.pages() if waiting else ():
                chosen = [message for message in page if message["MessageId"] in waiting]
                for batch in _batches(chosen):
                    for each in self._move(batch, redrives, current):
                        waiting.discard(each.message_id)
                        moved.append(each)
                        report(each)
                if not waiting:
                    break
        complete = not waiting or current.complete
        problem = "no longer in the queue" if complete else "not reached: run the redrive again"
        left = [Moved(message_id=message_id, problem=problem) for message_id in sorted(waiting)]
        for each in left:
            report(each)
        return Redriven(moved=(*moved, *left), complete=complete)

    def _move(
        self, batch: Sequence[Message], redrives: Mapping[str, int], current: ReadPass
    ) -> Iterator[Moved]:
        entries = [
            {
                "Id": str(number),
                "MessageBody": request_text(message["Body"]),
                "MessageAttributes": message.get("MessageAttributes", {}),
            }
            for number, message in enumerate(batch)
        ]
        try:
            answer = self._sqs.send_message_batch(QueueUrl=self._source, Entries=entries)
        except (ClientError, BotoCoreError) as error:
            for message in batch:
                yield Moved(message_id=message["MessageId"], problem=f"not sent: {error}")
            return
        sent = {int(each["Id"]): each["MessageId"] for each in answer.get("Successful", ())}
        refused = {int(each["Id"]): each["Code"] for each in answer.get("Failed", ())}
        self._counts.put(
            {
                content: redrives[batch[number]["MessageId"]] + 1
                for number in sent
                if (content := _content(batch[number])) is not None
            }
        )
        kept = self._delete([(str(number), batch[number]) for number in sent], current) if sent else {}
        for number, message in enumerate(batch):
            problem = None
            if number not in sent:
                problem = f"not sent: {refused.get(number, 'SQS did not confirm it')}"
            elif str(number) in kept:
                problem = f"sent, but not deleted here: {kept[str(number)]}"
            yield Moved(message_id=message["MessageId"], problem=problem, new_message_id=sent.get(number))

    def _delete(self, messages: Sequence[tuple[str, Message]], current: ReadPass) -> dict[str, str]:
        """Delete letters that were sent; return why some are still there."""
        entries = [{"Id": name, "ReceiptHandle": message["ReceiptHandle"]} for name, message in messages]
        try:
            answer = self._sqs.delete_message_batch(QueueUrl=self._url, Entries=entries)
        except (ClientError, BotoCoreError) as error:
            return {name: str(error) for name, _ in messages}
        deleted = {each["Id"] for each in answer.get("Successful", ())}
        codes = {each["Id"]: each["Code"] for each in answer.get("Failed", ())}
        for name, message in messages:
            if name in deleted:
                current.deleted(message["MessageId"])
        return {
            name: codes.get(name, "SQS did not confirm it") for name, _ in messages if name not in deleted
        }


def _content(message: Message) -> Content | None:
    letter = Letter.of(message)
    if letter.payment_id is None or letter.content_digest is None:
        return None
    return letter.payment_id, letter.content_digest


def _batches(messages: Sequence[Message]) -> Iterator[Sequence[Message]]:
    """Split messages so that each batch is within SQS's limit of bytes."""
    batch: list[Message] = []
    size = 0
    for message in messages:
        bytes_of_message = _size(message)
        if batch and size + bytes_of_message > BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += bytes_of_message
    if batch:
        yield batch


def _size(message: Message) -> int:
    attributes = message.get("MessageAttributes", {})
    return len(message["Body"].encode("utf-8", "surrogatepass")) + sum(
        len(name.encode())
        + len(value["DataType"])
        + len(value.get("StringValue", "").encode())
        + len(value.get("BinaryValue", b""))
        for name, value in attributes.items()
    )
