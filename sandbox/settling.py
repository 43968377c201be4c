"""Sends payments through a deployed queue, has them delivered, and sees what became of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from sandbox.box import Sandbox
from sandbox.delivery.lambdas import Processed
from sandbox.payments import Payment

SECONDS_TO_READ = 30
"""For which messages of the dead-letter queue are hidden while they are read."""


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """What became of one payment."""

    payment: Payment
    stored: Mapping[str, Any] | None
    """The ledger's item, or None where there is none."""
    published: int
    """How often subscribers were told of it."""
    dead_lettered: tuple[int, ...]
    """For each of its messages in the dead-letter queue: how often it was received before."""

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "kind": self.payment.kind,
            "paymentId": self.payment.payment_id,
            "messages": len(self.payment.bodies),
            "stored": self.stored
            and {name: self.stored.get(name) for name in ("decision", "reasons", "state")},
            "published": self.published,
            "deadLetteredAfterReceives": list(self.dead_lettered),
        }


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What became of an environment's payments."""

    environment: str
    settlements: tuple[Settlement, ...]
    processed: Processed


def settle(
    box: Sandbox, environment: str, payments: Sequence[Payment], outputs: Mapping[str, Any]
) -> Settled:
    """Send payments to the queue and have the deployed function process them.

    `outputs` are those of the environment's payments stack.
    """
    sqs = box.client("sqs", environment)
    sent = {
        sqs.send_message(QueueUrl=outputs["queueUrl"], MessageBody=body)["MessageId"]: payment.payment_id
        for payment in payments
        for body in payment.bodies
    }
    processed = box.process(environment)
    dead = dead_letters(sqs, outputs["deadLetterQueueUrl"])
    published = [json.loads(publication.message) for publication in processed.published]
    ledger = box.client("dynamodb", environment)
    return Settled(
        environment=environment,
        settlements=tuple(
            Settlement(
                payment=payment,
                stored=_stored(ledger, outputs["tableName"], payment.payment_id),
                published=sum(message.get("paymentId") == payment.payment_id for message in published),
                dead_lettered=tuple(
                    processed.receives.get(message, 0)
                    for message, payment_id in sent.items()
                    if payment_id == payment.payment_id and message in dead
                ),
            )
            for payment in payments
        ),
        processed=processed,
    )


def dead_letters(sqs: Any, url: str) -> dict[str, str]:
    """The messages of a queue by their ids, left as they are."""
    found: dict[str, str] = {}
    handles: list[str] = []
    while True:
        answer = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=SECONDS_TO_READ, WaitTimeSeconds=0
        )
        if not answer.get("Messages"):
            break
        for message in answer["Messages"]:
            found[message["MessageId"]] = message["Body"]
            handles.append(message["ReceiptHandle"])
    for handle in handles:
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
    return found


def _stored(ledger: Any, table: str, payment_id: str) -> dict[str, Any] | None:
    key = {"pk": {"S": f"PAYMENT#{payment_id}"}, "sk": {"S": "PAYMENT"}}
    item = ledger.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
    if item is None:
        return None
    read = TypeDeserializer()
    return {name: read.deserialize(value) for name, value in item.items()}
