"""The payments' table."""

from typing import Any

from operations.drift.report import ABSENT
from tests.operations.drift.out_of_band.change import (
    Change,
    Place,
    Shown,
    changed,
    flipped,
    listed,
    one_of,
    removed,
    tagged,
    text,
    whole,
)

TABLE = "payments-table"


def _update(place: Place, **changes: Any) -> None:
    place.client("dynamodb").update_table(TableName=place.id, **changes)


def _recovery(place: Place, value: bool) -> Shown:
    place.client("dynamodb").update_continuous_backups(
        TableName=place.id, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": value}
    )
    return Shown(
        {
            "pointInTimeRecovery.enabled": value,
            "pointInTimeRecovery.recoveryPeriodInDays": 35 if value else ABSENT,
        }
    )


def _expiry(place: Place, value: str) -> Shown:
    place.client("dynamodb").update_time_to_live(
        TableName=place.id, TimeToLiveSpecification={"Enabled": True, "AttributeName": value}
    )
    return Shown({"ttl.enabled": True, "ttl.attributeName": value})


def _provision(place: Place, value: int) -> Shown:
    _update(
        place,
        BillingMode="PROVISIONED",
        ProvisionedThroughput={"ReadCapacityUnits": value, "WriteCapacityUnits": value + 1},
    )
    return Shown(billingMode="PROVISIONED", readCapacity=value, writeCapacity=value + 1)


def _stream(place: Place, value: str) -> Shown:
    _update(place, StreamSpecification={"StreamEnabled": True, "StreamViewType": value})
    return Shown(streamEnabled=True, streamViewType=value)


CHANGES: tuple[Change, ...] = (
    changed(TABLE, "pointInTimeRecovery.enabled", flipped, _recovery),
    changed(TABLE, "ttl", text, _expiry),
    changed(
        TABLE,
        "deletionProtectionEnabled",
        flipped,
        lambda place, value: _update(place, DeletionProtectionEnabled=value),
    ),
    changed(TABLE, "billingMode", whole(1, 100), _provision),
    changed(TABLE, "streamViewType", one_of("NEW_IMAGE", "OLD_IMAGE", "KEYS_ONLY"), _stream),
    *tagged(
        TABLE,
        lambda place, tags: place.client("dynamodb").tag_resource(
            ResourceArn=place.outputs["arn"], Tags=listed(tags)
        ),
        lambda place, names: place.client("dynamodb").untag_resource(
            ResourceArn=place.outputs["arn"], TagKeys=names
        ),
    ),
    removed(TABLE, lambda place: place.client("dynamodb").delete_table(TableName=place.id)),
)
