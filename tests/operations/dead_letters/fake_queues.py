# ruff: noqa: N803  boto3's parameter names
"""SQS in memory, with its clock: hidden messages show again, and a receive takes time."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

DEAD, SOURCE = "dead", "source"


@dataclass
class Stored:
    """A message in a queue."""

    message_id: str
    body: str
    attributes: dict[str, Any] = field(default_factory=dict)
    shown_at: float = 0.0
    receives: int = 0


class FakeQueues:
    """boto3's SQS client, as far as a redrive uses it. `seconds` pass with every receive."""

    def __init__(self, *, seconds: float = 0.0) -> None:
        self.now, self.seconds = 0.0, seconds
        self.queues: dict[str, dict[str, Stored]] = {DEAD: {}, SOURCE: {}}
        self.numbers = itertools.count()
        self.empty_pages: Iterator[bool] = itertools.repeat(False)
        self.fail_entries: set[str] = set()
        self.calls: list[str] = []

    def clock(self) -> float:
        return self.now

    def park(self, count: int, body: str = "{}", **attributes: Any) -> list[str]:
        return [self._add(DEAD, body.replace("NUMBER", f"{n:06}"), attributes) for n in range(count)]

    def _add(self, url: str, body: str, attributes: dict[str, Any]) -> str:
        message_id = f"message-{next(self.numbers)}"
        self.queues[url][message_id] = Stored(message_id, body, dict(attributes), shown_at=self.now)
        return message_id

    def receive_message(
        self,
        *,
        QueueUrl: str,
        MaxNumberOfMessages: int,
        VisibilityTimeout: int,
        **_: Any,  # boto3's
    ) -> Any:
        self.calls.append("receive")
        self.now += self.seconds
        if next(self.empty_pages):
            return {}
        queue = self.queues[QueueUrl]
        found = []
        for message in list(itertools.islice(queue.values(), MaxNumberOfMessages)):
            if message.shown_at > self.now:
                break  # the rest is hidden for as long, or longer
            message.shown_at, message.receives = self.now + VisibilityTimeout, message.receives + 1
            queue[message.message_id] = queue.pop(message.message_id)
            found.append(
                {
                    "MessageId": message.message_id,
                    "Body": message.body,
                    "ReceiptHandle": message.message_id,
                    "Attributes": {"SentTimestamp": "1769851800000"},
                    "MessageAttributes": message.attributes,
                }
            )
            if len(found) == MaxNumberOfMessages:
                break
        return {"Messages": found}

    def change_message_visibility_batch(self, *, QueueUrl: str, Entries: list[Any]) -> Any:
        self.calls.append("hide")
        queue = self.queues[QueueUrl]
        for entry in Entries:
            if entry["ReceiptHandle"] in queue:
                message = queue.pop(entry["ReceiptHandle"])
                message.shown_at = self.now + entry["VisibilityTimeout"]
                if entry["VisibilityTimeout"]:
                    queue[message.message_id] = message
                else:  # shown: to the front
                    self.queues[QueueUrl] = queue = (
                        {message.message_id: message, **queue}
                        if len(queue) < 1000
                        else {**queue, message.message_id: message}
                    )
        return {}

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: list[str]) -> Any:
        messages = self.queues[QueueUrl].values()
        hidden = sum(message.shown_at > self.now for message in messages)
        return {
            "Attributes": {
                "ApproximateNumberOfMessages": str(len(messages) - hidden),
                "ApproximateNumberOfMessagesNotVisible": str(hidden),
                "ApproximateNumberOfMessagesDelayed": "0",
            }
        }

    def send_message_batch(self, *, QueueUrl: str, Entries: list[Any]) -> Any:
        self.calls.append("send")
        assert 1 <= len(Entries) <= 10
        size = sum(len(entry["MessageBody"]) for entry in Entries)
        if size > 262_144 or any(len(entry["MessageAttributes"]) > 10 for entry in Entries):
            raise ClientError({"Error": {"Code": "BatchRequestTooLong", "Message": "no"}}, "SendMessageBatch")
        done, failed = [], []
        for entry in Entries:
            if "send" in self.fail_entries and entry["Id"] == "0":
                failed.append({"Id": entry["Id"], "Code": "InternalError", "SenderFault": False})
                continue
            new = self._add(QueueUrl, entry["MessageBody"], entry["MessageAttributes"])
            done.append({"Id": entry["Id"], "MessageId": new})
        return {"Successful": done, "Failed": failed}

    def delete_message_batch(self, *, QueueUrl: str, Entries: list[Any]) -> Any:
        self.calls.append("delete")
        done, failed = [], []
        for entry in Entries:
            if "delete" in self.fail_entries and entry["Id"] == "0":
                failed.append({"Id": entry["Id"], "Code": "InternalError", "SenderFault": False})
                continue
            self.queues[QueueUrl].pop(entry["ReceiptHandle"], None)
            done.append({"Id": entry["Id"]})
        return {"Successful": done, "Failed": failed}
