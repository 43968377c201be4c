"""The deployed stack: queue, mapping, function, ledger, topic and dead-letter queue, as the programs made it.

What the state machine holds of the worker in memory is held here of the whole, with the code of the deployed
zip in processes of its own, in as many at once as the environment allows.
"""

import json
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from functions.payment_processor.contract import Malformed, parse
from functions.payment_processor.payments import content_digest
from operations.payments.ledger import LedgerReader
from operations.payments.record import PaymentRecord
from sandbox import Sandbox
from sandbox.delivery.lambdas import Processed
from sandbox.settling import dead_letters

from .builders import request

RECEIVES = {"dev": 2, "staging": 3, "prod": 5}
BATCH = 10


class Stack:
    """The payments stack of one environment."""

    def __init__(self, box: Sandbox, environment: str) -> None:
        self.box, self.environment = box, environment
        self.outputs = box.outputs("payments", environment)
        self.dynamodb, self.sqs = (box.client(service, environment) for service in ("dynamodb", "sqs"))

    def send(self, *bodies: object) -> list[str]:
        """Ids of the messages."""
        url = self.outputs["queueUrl"]
        sent = (self.sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body)) for body in bodies)
        return [answer["MessageId"] for answer in sent]

    def process(self) -> Processed:
        return self.box.process(self.environment)

    def record(self, payment_id: str) -> PaymentRecord:
        found = LedgerReader(self.dynamodb, self.outputs["tableName"]).record(payment_id)
        assert found
        return found

    def parked(self) -> set[str]:
        """Ids of the messages in the dead-letter queue."""
        return set(dead_letters(self.sqs, self.outputs["deadLetterQueueUrl"]))


@pytest.fixture
def environment() -> str:
    """The one with most workers at once, where a test does not say otherwise."""
    return "prod"


@pytest.fixture
def stack(deployed_copy: Sandbox, environment: str) -> Stack:
    return Stack(deployed_copy, environment)


def published(processed: Processed) -> Counter[str]:
    return Counter(json.loads(each.message)["paymentId"] for each in processed.published)


def payments(count: int) -> list[Any]:
    return [request(paymentId=f"payment-{number:04}") for number in range(count)]


def events(record: PaymentRecord) -> list[str]:
    return [entry["event"] for entry in record.trail]


def sizes(processed: Processed) -> Iterator[int]:
    return (len(batch.messages) for delivery in processed.deliveries for batch in delivery.batches)


def test_batches_are_as_large_as_the_mapping_says_and_all_is_processed_once(stack: Stack) -> None:
    sent = stack.send(*payments(25))
    processed = stack.process()
    assert sorted(sizes(processed)) == [5, BATCH, BATCH]
    assert processed.receives == dict.fromkeys(sent, 1)
    assert published(processed) == {each["paymentId"]: 1 for each in payments(25)}
    assert {tuple(events(stack.record(each["paymentId"]))) for each in payments(25)} == {
        ("ACCEPTED", "NOTIFIED")
    }


@pytest.mark.parametrize("environment", RECEIVES)
def test_only_what_failed_comes_back_and_ends_in_the_dead_letter_queue_in_time(stack: Stack) -> None:
    good = stack.send(*payments(4))
    conflict, malformed = stack.send(request(paymentId="payment-0000", amount=9), {"not": "a payment"})
    processed, receives = stack.process(), RECEIVES[stack.environment]
    assert processed.receives == {**dict.fromkeys(good, 1), conflict: receives, malformed: receives}
    assert stack.parked() == {conflict, malformed}
    assert sorted(events(stack.record("payment-0000"))) == [
        "ACCEPTED",
        "CONFLICT",
        "NOTIFIED",
    ]


@pytest.mark.parametrize("environment", ["dev"])
def test_while_the_ledger_can_not_be_reached_nothing_is_acknowledged_and_nothing_is_lost(
    stack: Stack,
) -> None:
    dynamodb, table = stack.dynamodb, stack.outputs["tableName"]
    described = dynamodb.describe_table(TableName=table)["Table"]
    sent = stack.send(*payments(3))
    dynamodb.delete_table(TableName=table)
    processed = stack.process()
    assert processed.receives == dict.fromkeys(sent, RECEIVES[stack.environment])
    assert stack.parked() == set(sent)
    assert published(processed) == {}

    dynamodb.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[
            {name: index[name] for name in ("IndexName", "KeySchema", "Projection")}
            for index in described["GlobalSecondaryIndexes"]
        ],
        **{name: described[name] for name in ("KeySchema", "AttributeDefinitions")},
    )
    redriven = stack.send(*payments(3))  # as a redrive does: the same content, new ids
    processed = stack.process()
    assert processed.receives == dict.fromkeys(redriven, 1)
    assert published(processed) == {each["paymentId"]: 1 for each in payments(3)}


def test_any_traffic_leaves_each_payment_with_one_effect(stack: Stack) -> None:
    """Repeats, conflicts, rejections and rubbish, shuffled, several batches at once, and then once more."""
    chosen = random.Random(1)  # noqa: S311 # repeatable, not secret
    contents: list[dict[str, Any]] = [
        {"amount": 1},
        {"amount": 2},
        {"currency": "XAF"},
        {"amount": 1, "reference": None},
    ]
    bodies: list[Any] = [
        request(paymentId=f"payment-{chosen.randrange(6):04}", **chosen.choice(contents)) for _ in range(20)
    ]
    rubbish = [{}, {**bodies[0], "amount": 0}, {**bodies[1], "colour": "red"}, []]
    told: Counter[str] = Counter()
    for _ in range(2):
        sent = dict(zip(stack.send(*(mixed := chosen.sample(bodies + rubbish, 24))), mixed, strict=True))
        processed = stack.process()
        told += published(processed)
        _must_be_processed_or_parked(stack, sent)
    ids = {body["paymentId"] for body in bodies}
    for payment_id in ids:
        record = stack.record(payment_id)
        assert record.problems == []
        assert sum(event in ("ACCEPTED", "REJECTED") for event in events(record)) == 1
        assert record.payment["state"] == "NOTIFIED"
    assert set(told) == ids
    assert told.total() - len(ids) <= len(ids), "a repeat only where two workers met"


def _must_be_processed_or_parked(stack: Stack, sent: dict[str, Any]) -> None:
    parked, digests = stack.parked(), dict[str, str]()
    for message_id, body in sent.items():
        content = parse(json.dumps(body))
        if isinstance(content, Malformed):
            assert message_id in parked
        else:
            name = content["paymentId"]
            digests[name] = digests.get(name) or stack.record(name).payment["contentDigest"]
            same = digests[name] == content_digest(content)
            assert (message_id in parked) is not same, "processed, or before a person"


def test_a_payment_that_was_invoked_directly_is_processed_and_rubbish_is_parked(stack: Stack) -> None:
    name = stack.outputs["functionName"]
    good = stack.box.invoke(stack.environment, name, json.dumps(request()))
    assert (good.succeeded, good.dead_lettered) == (True, False)
    assert events(stack.record("payment-0001")) == ["ACCEPTED", "NOTIFIED"]
    bad = stack.box.invoke(stack.environment, name, {"not": "a payment"})
    assert (bad.succeeded, bad.dead_lettered) == (False, True)
