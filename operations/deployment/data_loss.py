"""Which changes lose data, as data: types whose end loses something, and settings that delete what is stored.

    changes of a preview → losses → refused, unless each one's URN was named

A replacement counts as a deletion: the new resource is empty.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from operations.deployment.changes import Change
from operations.engine.failure import OperationFailed, StackName

HOLDS_DATA: Mapping[str, str] = {
    "aws:backup/vault:Vault": "its recovery points",
    "aws:cloudwatch/logGroup:LogGroup": "its log events",
    "aws:cloudwatch/logStream:LogStream": "its log events",
    "aws:dynamodb/globalTable:GlobalTable": "its items and their backups",
    "aws:dynamodb/table:Table": "its items and their point-in-time recovery",
    "aws:dynamodb/tableReplica:TableReplica": "the replica's items",
    "aws:ebs/volume:Volume": "its blocks",
    "aws:efs/fileSystem:FileSystem": "its files",
    "aws:kinesis/stream:Stream": "its records",
    "aws:kms/externalKey:ExternalKey": "everything that is encrypted under it",
    "aws:kms/key:Key": "everything that is encrypted under it",
    "aws:kms/replicaKey:ReplicaKey": "everything that is encrypted under it",
    "aws:rds/cluster:Cluster": "its databases",
    "aws:rds/instance:Instance": "its databases",
    "aws:s3/bucket:Bucket": "its objects",
    "aws:s3/bucketObject:BucketObject": "the object",
    "aws:s3/bucketObjectv2:BucketObjectv2": "the object",
    "aws:s3/bucketV2:BucketV2": "its objects",
    "aws:secretsmanager/secret:Secret": "its value",
    "aws:sns/topic:Topic": "its subscriptions, and notifications that are being delivered",
    "aws:sns/topicSubscription:TopicSubscription": "the subscriber's confirmation, notifications meanwhile",
    "aws:sqs/queue:Queue": "the messages that wait in it",
}
"""Type to what its end loses. A queue counts even while it is empty: messages may come meanwhile."""

Value = Callable[[Any, Any], bool]
"""Compares a setting before and after; true where the change deletes data."""


def _shrinks(before: Any, after: Any) -> bool:
    """A retention period that becomes shorter; 0 and absent mean for ever."""
    return _for_ever(after) < _for_ever(before)


def _for_ever(value: Any) -> float:
    return (
        float(value) if isinstance(value, int | float | str) and value and str(value) != "0" else float("inf")
    )


def _switched_off(before: Any, after: Any) -> bool:
    return before is True and after is not True


def _switched_on(before: Any, after: Any) -> bool:
    return before is not True and after is True


@dataclass(frozen=True, kw_only=True)
class Erosion:
    """A setting with which an update in place deletes data."""

    type: str
    path: tuple[str, ...]
    deletes: Value
    loses: str


EROSIONS: tuple[Erosion, ...] = (
    Erosion(
        type="aws:cloudwatch/logGroup:LogGroup",
        path=("retentionInDays",),
        deletes=_shrinks,
        loses="log events that are older than the new retention",
    ),
    Erosion(
        type="aws:dynamodb/table:Table",
        path=("pointInTimeRecovery", "enabled"),
        deletes=_switched_off,
        loses="the point-in-time recovery of the last 35 days",
    ),
    Erosion(
        type="aws:dynamodb/table:Table",
        path=("ttl", "enabled"),
        deletes=_switched_on,
        loses="items whose time to live is over",
    ),
    Erosion(
        type="aws:kinesis/stream:Stream",
        path=("retentionPeriod",),
        deletes=lambda before, after: float(after or 24) < float(before or 24),
        loses="records that are older than the new retention",
    ),
    Erosion(
        type="aws:kms/key:Key",
        path=("isEnabled",),
        deletes=lambda before, after: before is not False and after is False,
        loses="access to everything that is encrypted under it",
    ),
    Erosion(
        type="aws:sqs/queue:Queue",
        path=("messageRetentionSeconds",),
        deletes=lambda before, after: float(after or 345_600) < float(before or 345_600),
        loses="messages that are older than the new retention",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Loss:
    """A change that loses data."""

    change: Change
    loses: str

    def __str__(self) -> str:
        cause = f" ({', '.join(self.change.properties)})" if self.change.properties else ""
        return f"{self.change.operation} of {self.change.name}{cause} loses {self.loses}"


class DataWouldBeLostError(OperationFailed):
    """A preview shows that data would be lost which nobody has named; nothing was changed."""


def losses(changes: Sequence[Change]) -> tuple[Loss, ...]:
    """Return the changes that lose data, each with what it loses."""
    found: list[Loss] = []
    for change in changes:
        if change.ends and change.type in HOLDS_DATA:
            found.append(Loss(change=change, loses=HOLDS_DATA[change.type]))
        elif not change.ends and change.before:
            found += [
                Loss(change=change, loses=erosion.loses)
                for erosion in EROSIONS
                if erosion.type == change.type
                and erosion.deletes(_at(change.before, erosion.path), _at(change.after, erosion.path))
            ]
    return tuple(found)


def require_data_kept(name: StackName, changes: Sequence[Change], allowed: Collection[str] = ()) -> None:
    """Raise DataWouldBeLostError for losses whose URNs are not in `allowed`, all in one message."""
    refused = [loss for loss in losses(changes) if loss.change.urn not in allowed]
    if refused:
        raise DataWouldBeLostError(
            "\n".join(
                [
                    f"{name} would lose data, so it was not changed:",
                    *(f"  {loss}" for loss in refused),
                    remedy(refused),
                ]
            )
        )


def remedy(refused: Sequence[Loss]) -> str:
    """Return what to do about losses: the options that allow them."""
    urns = sorted({loss.change.urn for loss in refused})
    return "If that is meant, and the data is safe: " + " ".join(f"--allow-replace '{urn}'" for urn in urns)


def _at(properties: Mapping[str, Any], path: Sequence[str]) -> Any:
    value: Any = properties
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
