"""Topics, their policies and subscriptions."""

import json
from typing import Any

from tests.operations.drift.out_of_band.change import (
    Change,
    Place,
    Shown,
    changed,
    flipped,
    gone,
    let_in,
    listed,
    one_of,
    policy,
    removed,
    tagged,
    text,
)

NOTIFICATIONS, ALARMS = "payments-notification-topic", "payments-alarm-topic"


def _set(place: Place, name: str, value: Any) -> None:
    place.client("sns").set_topic_attributes(TopicArn=place.id, AttributeName=name, AttributeValue=str(value))


def _subscribed(place: Place, name: str, value: str) -> None:
    place.client("sns").set_subscription_attributes(
        SubscriptionArn=place.id, AttributeName=name, AttributeValue=value
    )


def _filter(place: Place, value: str) -> Shown:
    document = {"currency": [value]}
    _subscribed(place, "FilterPolicy", json.dumps(document))
    return Shown(filterPolicy=document, filterPolicyScope="MessageAttributes")


def _retries(place: Place, value: int) -> Shown:
    document = {"http": {"defaultHealthyRetryPolicy": {"numRetries": value}}}
    _set(place, "DeliveryPolicy", json.dumps(document))
    return Shown(deliveryPolicy=document)


def _of_topic(topic: str) -> tuple[Change, ...]:
    return (
        changed(topic, "displayName", text, lambda place, value: _set(place, "DisplayName", value)),
        changed(topic, "kmsMasterKeyId", gone, lambda place, _: _set(place, "KmsMasterKeyId", "")),
        changed(topic, "deliveryPolicy", one_of(1, 5, 9), _retries),
        *tagged(
            topic,
            lambda place, tags: place.client("sns").tag_resource(ResourceArn=place.id, Tags=listed(tags)),
            lambda place, names: place.client("sns").untag_resource(ResourceArn=place.id, TagKeys=names),
        ),
        *policy(
            f"{topic}-policy",
            "policy",
            lambda place, document: _set(place, "Policy", document),
            let_in("sns:Publish"),
        ),
        changed(f"{topic}-email-1", "filterPolicy", text, _filter),
        changed(
            f"{topic}-email-1",
            "rawMessageDelivery",
            flipped,
            lambda place, value: _subscribed(place, "RawMessageDelivery", str(value).lower()),
        ),
    )


CHANGES: tuple[Change, ...] = (
    *_of_topic(NOTIFICATIONS),
    *_of_topic(ALARMS),
    removed(
        f"{NOTIFICATIONS}-email-1", lambda place: place.client("sns").unsubscribe(SubscriptionArn=place.id)
    ),
    removed(
        ALARMS,
        lambda place: place.client("sns").delete_topic(TopicArn=place.id),
        f"{ALARMS}-policy",
        f"{ALARMS}-email-1",
    ),
)
