"""The verifier's hands: sends probes, sees what became of them, and takes away what they leave."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from operations.verification.findings import Seen
from operations.verification.probes import Probe, is_reserved
from operations.verification.target import Target

SECONDS_TO_READ = 60
"""For which messages of the dead-letter queue are hidden while they are read."""
MOST_AT_ONCE = 10
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html"""
MOST_DEAD_LETTERS = 1000
"""Read in one go; with more of them in the queue, something else is wrong."""


class Account:
    """A target's queue, ledger, dead-letter queue and alarms. Methods raise botocore's errors."""

    def __init__(self, target: Target) -> None:
        self._outputs = target.outputs
        self._sqs, self._dynamodb = target.client("sqs"), target.client("dynamodb")
        self._cloudwatch = target.client("cloudwatch")
        # Alarms are told by their names' end: environment and suffix, as the function's name has them.
        self._alarms_end = target.outputs["functionName"].partition("-function")[2]
        self._sent: dict[str, str] = {}
        self._dead: dict[str, int] = {}

    def alarms(self) -> list[str]:
        """The environment's alarms that are going off."""
        pages = self._cloudwatch.get_paginator("describe_alarms").paginate(StateValue="ALARM")
        names = [alarm["AlarmName"] for page in pages for alarm in page["MetricAlarms"]]
        return sorted(name for name in names if name.endswith(self._alarms_end))

    def seconds_to_dead_letter(self) -> int:
        """How long a message that always fails takes to the dead-letter queue."""
        answer = self._sqs.get_queue_attributes(
            QueueUrl=self._outputs["queueUrl"], AttributeNames=["RedrivePolicy", "VisibilityTimeout"]
        )["Attributes"]
        redrive = json.loads(answer["RedrivePolicy"])
        return int(redrive["maxReceiveCount"]) * int(answer["VisibilityTimeout"])

    def send(self, probes: Sequence[Probe]) -> None:
        """Put every message of the probes into the queue."""
        for probe in probes:
            for body in probe.bodies:
                answer = self._sqs.send_message(QueueUrl=self._outputs["queueUrl"], MessageBody=body)
                self._sent[answer["MessageId"]] = probe.payment_id

    def see(self, probes: Sequence[Probe], *, wait_seconds: int) -> list[Seen]:
        """What became of the probes so far, once a dead letter has come or the wait is over."""
        self._take_dead_letters(wait_seconds)
        return [self._seen(probe) for probe in probes]

    def clean(self, probes: Sequence[Probe]) -> None:
        """Delete what the ledger has of the probes, and their dead letters."""
        self._take_dead_letters(0)
        for probe in probes:
            for item in self._items(probe):
                self._dynamodb.delete_item(
                    TableName=self._outputs["tableName"], Key={"pk": item["pk"], "sk": item["sk"]}
                )

    def _seen(self, probe: Probe) -> Seen:
        items = {item["sk"]["S"]: item for item in self._items(probe)}
        payment = items.pop("PAYMENT", None)
        return Seen(
            probe=probe,
            decision=payment["decision"]["S"] if payment else None,
            audit=tuple(items[key]["event"]["S"] for key in sorted(items)),
            dead_letters=self._dead.get(probe.payment_id, 0),
        )

    def _items(self, probe: Probe) -> Iterator[dict[str, Any]]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._outputs["tableName"],
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"PAYMENT#{probe.payment_id}"}},
            ConsistentRead=True,
        )
        for page in pages:
            yield from page["Items"]

    def _take_dead_letters(self, wait_seconds: int) -> None:
        """Count and delete synthetic dead letters, those that an earlier verification left included.

        They are taken as soon as they come, so that the alarm of the queue's depth does not see them. All
        others are given back.
        """
        url, foreign = self._outputs["deadLetterQueueUrl"], []
        try:
            for _ in range(0, MOST_DEAD_LETTERS, MOST_AT_ONCE):
                answer = self._sqs.receive_message(
                    QueueUrl=url,
                    MaxNumberOfMessages=MOST_AT_ONCE,
                    VisibilityTimeout=SECONDS_TO_READ,
                    WaitTimeSeconds=wait_seconds,
                )
                wait_seconds = 0
                if not answer.get("Messages"):
                    break
                for message in answer["Messages"]:
                    if not is_reserved(message["Body"]):
                        foreign.append(message["ReceiptHandle"])
                        continue
                    self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                    payment_id = self._sent.get(message["MessageId"], "")
                    self._dead[payment_id] = self._dead.get(payment_id, 0) + 1
        finally:
            for handle in foreign:
                self._sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
