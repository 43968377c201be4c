"""Sees what is published: a queue of its own, subscribed to topics for as long as someone looks."""

import json
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3

NAME = "sandbox-witness-"
"""How the witness's queues begin."""


@dataclass(frozen=True, kw_only=True)
class Publication:
    """A message of a topic."""

    topic_arn: str
    message: str
    subject: str | None
    attributes: dict[str, str]


class Witness:
    """Holds what was published since it came."""

    def __init__(self, sqs: Any, url: str) -> None:
        self._sqs, self._url = sqs, url

    def publications(self) -> tuple[Publication, ...]:
        """What was published since the last time, in order."""
        found: list[Publication] = []
        while True:
            answer = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
            if not answer.get("Messages"):
                return tuple(found)
            for message in answer["Messages"]:
                envelope = json.loads(message["Body"])
                attributes = envelope.get("MessageAttributes", {})
                found.append(
                    Publication(
                        topic_arn=envelope["TopicArn"],
                        message=envelope["Message"],
                        subject=envelope.get("Subject"),
                        attributes={name: attribute["Value"] for name, attribute in attributes.items()},
                    )
                )
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])


@contextmanager
def witnessing(
    session: boto3.Session, *, endpoint: str, topics: Sequence[str] | None = None
) -> Iterator[Witness]:
    """A witness of `topics`, by default all of the session's account and region. It leaves nothing behind."""
    sqs, sns = (session.client(service, endpoint_url=endpoint) for service in ("sqs", "sns"))
    if topics is None:
        topics = [
            topic["TopicArn"]
            for page in sns.get_paginator("list_topics").paginate()
            for topic in page["Topics"]
        ]
    url = sqs.create_queue(QueueName=f"{NAME}{secrets.token_hex(4)}")["QueueUrl"]
    subscriptions: list[str] = []
    try:
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        for topic in topics:
            subscribed = sns.subscribe(
                TopicArn=topic,
                Protocol="sqs",
                Endpoint=answer["Attributes"]["QueueArn"],
                ReturnSubscriptionArn=True,
            )
            subscriptions.append(subscribed["SubscriptionArn"])
        yield Witness(sqs, url)
    finally:
        for subscription in subscriptions:
            sns.unsubscribe(SubscriptionArn=subscription)
        sqs.delete_queue(QueueUrl=url)
