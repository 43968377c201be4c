"""CloudWatch Logs: log groups."""

from collections.abc import Iterable, Mapping
from typing import Any

from typing_extensions import override

from sandbox.provider.account import Account
from sandbox.provider.resource import Resource, given
from sandbox.provider.schema import Kind, Property, arn, described, matching, one_of
from sandbox.provider.wire import Properties

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
# 0 keeps for ever.
_RETENTION_DAYS = (
    0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
)  # fmt: skip


class LogGroup(Resource):
    """A log group, with its retention and key."""

    urn_type = "aws:cloudwatch/logGroup:LogGroup"
    noun = "CloudWatch Logs Log Group"
    absent = frozenset({"ResourceNotFoundException"})
    taken = frozenset({"ResourceAlreadyExistsException"})
    properties = described(
        name=Property(
            replaces=True,
            rule=matching(r"[\w./#-]+", 1, 512, "isn't a valid log group name (alphanumeric, _ - / . #)"),
        ),
        kmsKeyId=Property(rule=arn),
        logGroupClass=Property(
            computed=True, replaces=True, rule=one_of("STANDARD", "INFREQUENT_ACCESS", "DELIVERY")
        ),
        retentionInDays=Property(kind=Kind.INTEGER, default=0, rule=one_of(*_RETENTION_DAYS)),
        skipDestroy=Property(kind=Kind.BOOLEAN, default=False, local=True),
        arn=Property(output=True),
    )

    @override
    def create(self, aws: Account, new: Properties) -> str:
        aws.client("logs").create_log_group(
            logGroupName=new["name"],
            tags=dict(new["tagsAll"]),
            **given(kmsKeyId=new.get("kmsKeyId"), logGroupClass=new.get("logGroupClass")),
        )
        return str(new["name"])

    @override
    def complete(self, aws: Account, resource_id: str, new: Properties) -> None:
        if new["retentionInDays"]:
            self._retain(aws, resource_id, new["retentionInDays"])

    @override
    def candidates(self, aws: Account, new: Properties) -> Iterable[str]:
        return [new["name"]]

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        groups = aws.client("logs").describe_log_groups(logGroupNamePrefix=resource_id)["logGroups"]
        group: dict[str, Any] | None = next(
            (each for each in groups if each["logGroupName"] == resource_id), None
        )
        if group is None:
            return None
        arn = group["arn"].removesuffix(":*")
        return {
            "arn": arn,
            "name": resource_id,
            "kmsKeyId": group.get("kmsKeyId"),
            "logGroupClass": group.get("logGroupClass", "STANDARD"),
            "retentionInDays": group.get("retentionInDays", 0),
            "tagsAll": aws.client("logs").list_tags_for_resource(resourceArn=arn)["tags"],
        }

    @override
    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        if "retentionInDays" in changed:
            self._retain(aws, resource_id, new["retentionInDays"])
        if "kmsKeyId" in changed:
            if new.get("kmsKeyId"):
                aws.client("logs").associate_kms_key(logGroupName=resource_id, kmsKeyId=new["kmsKeyId"])
            else:
                aws.client("logs").disassociate_kms_key(logGroupName=resource_id)

    @override
    def retag(self, aws: Account, state: Properties, put: Mapping[str, str], drop: Iterable[str]) -> None:
        if names := list(drop):
            aws.client("logs").untag_resource(resourceArn=state["arn"], tagKeys=names)
        if put:
            aws.client("logs").tag_resource(resourceArn=state["arn"], tags=dict(put))

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        if not state.get("skipDestroy"):
            aws.client("logs").delete_log_group(logGroupName=resource_id)

    @staticmethod
    def _retain(aws: Account, name: str, days: int) -> None:
        if days:
            aws.client("logs").put_retention_policy(logGroupName=name, retentionInDays=days)
        else:
            aws.client("logs").delete_retention_policy(logGroupName=name)


RESOURCES: tuple[Resource, ...] = (LogGroup(),)
