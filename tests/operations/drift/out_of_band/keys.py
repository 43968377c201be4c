"""Keys, and the log groups that they encrypt."""

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

KEY, OTHER_KEY, ALIAS = "payments-key", "flow-log-key", "payments-key-alias"
LOGS, OTHER_LOGS = "payments-log-group", "flow-log-group"


def _kms(place: Place) -> Any:
    return place.client("kms")


def _rename(place: Place, _: Any) -> Shown:
    key = _kms(place).create_key()["KeyMetadata"]["KeyId"]
    _kms(place).update_alias(AliasName=place.id, TargetKeyId=key)
    return Shown(targetKeyId=key)


def _of_key(key: str) -> tuple[Change, ...]:
    return (
        changed(
            key,
            "description",
            text,
            lambda place, value: _kms(place).update_key_description(KeyId=place.id, Description=value),
        ),
        changed(
            key,
            "enableKeyRotation",
            flipped,
            lambda place, _: _kms(place).disable_key_rotation(KeyId=place.id),
        ),
        changed(
            key, "isEnabled", flipped, lambda place, _: _kms(place).disable_key(KeyId=place.id), last=True
        ),
        *policy(
            key,
            "policy",
            lambda place, document: _kms(place).put_key_policy(
                KeyId=place.id, PolicyName="default", Policy=document
            ),
            let_in("kms:Decrypt"),
            part=("Statement", 1, "Principal", "Service"),
            draw=text,
        ),
    )


def _of_logs(group: str) -> tuple[Change, ...]:
    return (
        changed(
            group,
            "retentionInDays",
            one_of(1, 7, 90, 400, 3653),
            lambda place, value: place.client("logs").put_retention_policy(
                logGroupName=place.id, retentionInDays=value
            ),
        ),
        changed(
            group,
            "kmsKeyId",
            gone,
            lambda place, _: place.client("logs").disassociate_kms_key(logGroupName=place.id),
        ),
    )


CHANGES: tuple[Change, ...] = (
    *_of_key(KEY),
    *_of_key(OTHER_KEY),
    *tagged(
        KEY,
        lambda place, tags: _kms(place).tag_resource(KeyId=place.id, Tags=listed(tags, "TagKey", "TagValue")),
        lambda place, names: _kms(place).untag_resource(KeyId=place.id, TagKeys=names),
    ),
    removed(
        OTHER_KEY, lambda place: _kms(place).schedule_key_deletion(KeyId=place.id, PendingWindowInDays=7)
    ),
    changed(ALIAS, "targetKeyId", one_of("another"), _rename),
    removed("flow-log-key-alias", lambda place: _kms(place).delete_alias(AliasName=place.id)),
    *_of_logs(LOGS),
    *_of_logs(OTHER_LOGS),
    *tagged(
        LOGS,
        lambda place, tags: place.client("logs").tag_resource(resourceArn=place.outputs["arn"], tags=tags),
        lambda place, names: place.client("logs").untag_resource(
            resourceArn=place.outputs["arn"], tagKeys=names
        ),
    ),
    removed(OTHER_LOGS, lambda place: place.client("logs").delete_log_group(logGroupName=place.id)),
)
