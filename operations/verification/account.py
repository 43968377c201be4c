"""The verifier's access to one account: sends probes, observes the result, and removes what they leave."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from operations.verification.findings import Seen
from operations.verification.health import alarms
from operations.verification.mappings import max_receive_count, path_differences
from operations.verification.probes import Probe, SentProbes, body_digest, payment_ids, run_of
from operations.verification.sent_probes import SentProbesRecord
from operations.verification.target import Target

SECONDS_TO_READ = 60
"""For which messages of the verification dead-letter queue are hidden while they are read."""
MOST_AT_ONCE = 10
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html"""
MOST_DEAD_LETTERS = 1000
"""Read in one pass; with more of them in the queue, something else is wrong."""
ATTRIBUTES = [
    "RedrivePolicy",
    "VisibilityTimeout",
    "DelaySeconds",
    "KmsMasterKeyId",
    "MaximumMessageSize",
    "QueueArn",
]


class Account:
    """A target's verification queues, synthetic payments and alarms. Methods raise botocore's errors."""

    def __init__(self, target: Target, run: str) -> None:
        self._outputs, self._run = target.outputs, run
        self._sqs, self._dynamodb = target.client("sqs"), target.client("dynamodb")
        self._cloudwatch, self._lambda = target.client("cloudwatch"), target.client("lambda")
        self._record = SentProbesRecord(self._dynamodb, target.outputs["tableName"])
        self._sent: dict[str, Probe] = {}
        self._digests: dict[str, str] = {}
        self._dead: dict[str, int] = {}

    def alarms(self) -> list[str]:
        """Return the names of the environment's alarms that are on."""
        return alarms(self._cloudwatch, self._outputs)

    def path_differences(self) -> list[str]:
        """Return how the customers' queue and mapping differ from those that the probes take."""
        queues = {
            "payments": self._attributes(self._outputs["queueUrl"]),
            "verification": self._attributes(self._outputs["verificationQueueUrl"]),
        }
        pages = self._lambda.get_paginator("list_event_source_mappings").paginate()
        by_queue = {
            mapping.get("EventSourceArn"): mapping
            for page in pages
            for mapping in page["EventSourceMappings"]
            if mapping["FunctionArn"].endswith(f":{self._outputs['functionName']}")
        }
        mappings = {
            kind: by_queue[attributes["QueueArn"]]
            for kind, attributes in queues.items()
            if attributes["QueueArn"] in by_queue
        }
        return list(path_differences(mappings, queues))

    def seconds_to_dead_letter(self) -> int:
        """Return how long a message that always fails takes to the dead-letter queue."""
        attributes = self._attributes(self._outputs["verificationQueueUrl"])
        return (max_receive_count(attributes) or 1) * int(attributes["VisibilityTimeout"])

    def send(self, probes: Sequence[Probe]) -> None:
        """Put every message of the probes into the verification queue, and record each at once.

        What a verification that is killed here has sent, a later one can then delete.
        """
        for probe in probes:
            for body in probe.bodies:
                answer = self._sqs.send_message(
                    QueueUrl=self._outputs["verificationQueueUrl"], MessageBody=body
                )
                self._sent[answer["MessageId"]] = probe
                self._digests[answer["MessageId"]] = body_digest(body)
                self._record.put(SentProbes(run=self._run, digests=self._digests))

    def see(self, probes: Sequence[Probe], *, wait_seconds: int) -> list[Seen]:
        """Return what became of the probes so far, once a dead letter has come or the wait is over."""
        self._take_dead_letters(wait_seconds)
        return [self._seen(probe) for probe in probes]

    def clean(self, *, settled: bool) -> None:
        """Delete this verification's synthetic payments and dead letters, and those recorded by earlier ones.

        Args:
            settled: whether every message has reached its end. If not, the record of the messages stays, so
                that a later verification can delete those that arrive after this one.
        """
        runs = {self._run, *self._take_dead_letters(0)}
        for run in sorted(runs):
            for payment_id in payment_ids(run):
                for item in self._items(payment_id):
                    self._dynamodb.delete_item(
                        TableName=self._outputs["tableName"], Key={"pk": item["pk"], "sk": item["sk"]}
                    )
        if settled:
            self._record.delete(self._run)

    def _attributes(self, url: str) -> Mapping[str, str]:
        answer = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=ATTRIBUTES)
        attributes: Mapping[str, str] = answer["Attributes"]
        return attributes

    def _seen(self, probe: Probe) -> Seen:
        items = {item["sk"]["S"]: item for item in self._items(probe.payment_id)}
        payment = items.pop("PAYMENT", None)
        return Seen(
            probe=probe,
            decision=payment["decision"]["S"] if payment else None,
            audit=tuple(items[key]["event"]["S"] for key in sorted(items)),
            dead_letters=self._dead.get(probe.payment_id, 0),
        )

    def _items(self, payment_id: str) -> Iterator[dict[str, Any]]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._outputs["tableName"],
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"PAYMENT#{payment_id}"}},
            ConsistentRead=True,
        )
        for page in pages:
            yield from page["Items"]

    def _take_dead_letters(self, wait_seconds: int) -> set[str]:
        """Delete the dead letters that this verification or a recorded earlier one sent.

        All others are left in the queue. Counts this verification's by payment; returns the earlier runs.
        """
        url, others, earlier = self._outputs["verificationDeadLetterQueueUrl"], [], set[str]()
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
                    run = self._sender(message)
                    if run is None:
                        others.append(message["ReceiptHandle"])
                        continue
                    self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                    if run == self._run:
                        payment_id = self._sent[message["MessageId"]].payment_id
                        self._dead[payment_id] = self._dead.get(payment_id, 0) + 1
                    else:
                        earlier.add(run)
        finally:
            for handle in others:
                self._sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
        return earlier

    def _sender(self, message: Mapping[str, Any]) -> str | None:
        """The run of the verification that sent a message, by its id and its content."""
        run = run_of(message["Body"])
        if run is None:
            return None
        sent = SentProbes(run=run, digests=self._digests) if run == self._run else self._record.get(run)
        return run if sent.includes(message["MessageId"], message["Body"]) else None
