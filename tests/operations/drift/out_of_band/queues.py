"""Queues, their policies, and who may redrive to them."""

import json
from typing import Any

from tests.operations.drift.out_of_band.change import (
    Change,
    Place,
    changed,
    gone,
    let_in,
    one_of,
    policy,
    removed,
    tagged,
    text,
    whole,
)

QUEUE, DEAD_LETTERS = "payments-queue", "payments-dead-letter-queue"
REDRIVE_ALLOWED = "payments-dead-letter-queue-redrive-allow-policy"


def _set(place: Place, name: str, value: Any) -> None:
    place.client("sqs").set_queue_attributes(QueueUrl=place.id, Attributes={name: str(value)})


def _attribute(queue: str, path: str, name: str, draw: Any) -> Change:
    return changed(queue, path, draw, lambda place, value: _set(place, name, value))


def _of_queue(queue: str) -> tuple[Change, ...]:
    return (
        _attribute(queue, "visibilityTimeoutSeconds", "VisibilityTimeout", whole(0, 43_200)),
        _attribute(queue, "messageRetentionSeconds", "MessageRetentionPeriod", whole(60, 1_209_599)),
        _attribute(queue, "delaySeconds", "DelaySeconds", whole(1, 900)),
        _attribute(queue, "receiveWaitTimeSeconds", "ReceiveMessageWaitTimeSeconds", whole(1, 20)),
        _attribute(queue, "maxMessageSize", "MaximumMessageSize", whole(1024, 262_143)),
        _attribute(queue, "kmsDataKeyReusePeriodSeconds", "KmsDataKeyReusePeriodSeconds", whole(301, 86_400)),
        _attribute(queue, "kmsMasterKeyId", "KmsMasterKeyId", text),
        *tagged(
            queue,
            lambda place, tags: place.client("sqs").tag_queue(QueueUrl=place.id, Tags=tags),
            lambda place, names: place.client("sqs").untag_queue(QueueUrl=place.id, TagKeys=names),
        ),
        *policy(
            f"{queue}-policy",
            "policy",
            lambda place, document: _set(place, "Policy", document),
            let_in("sqs:SendMessage"),
        ),
    )


def _receives(place: Place, value: int) -> None:
    _set(
        place,
        "RedrivePolicy",
        json.dumps({**place.document("redrivePolicy"), "maxReceiveCount": value}),
    )


def _allow(place: Place, value: str) -> None:
    document = {**place.document("redriveAllowPolicy"), "redrivePermission": value}
    _set(place, "RedriveAllowPolicy", json.dumps(document))


CHANGES: tuple[Change, ...] = (
    *_of_queue(QUEUE),
    *_of_queue(DEAD_LETTERS),
    removed(f"{QUEUE}-policy", lambda place: _set(place, "Policy", "")),
    changed(QUEUE, "redrivePolicy.maxReceiveCount", whole(6, 1000), _receives),
    changed(QUEUE, "redrivePolicy", gone, lambda place, _: _set(place, "RedrivePolicy", "")),
    changed(REDRIVE_ALLOWED, "redriveAllowPolicy.redrivePermission", one_of("allowAll", "denyAll"), _allow),
    removed(
        DEAD_LETTERS,
        lambda place: place.client("sqs").delete_queue(QueueUrl=place.id),
        f"{DEAD_LETTERS}-policy",
        REDRIVE_ALLOWED,
    ),
)
