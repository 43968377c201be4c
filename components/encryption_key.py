"""A customer-managed key with its alias, and the grants that AWS services need on it."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components import iam
from components.placement import Placement

DELETION_WINDOW_DAYS = 7
"""The shortest that KMS takes: a torn-down environment leaves nothing behind for longer than it must.

https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
"""


class EncryptionKey(pulumi.ComponentResource):
    """A symmetric key, rotated yearly, that its account administers."""

    arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        placement: Placement,
        purpose: str,
        statements: Sequence[iam.Statement],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("fintech:encryption:EncryptionKey", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        physical_name = placement.names(name)
        key = aws.kms.Key(
            name,
            description=f"Encrypts {purpose} of {physical_name}",
            deletion_window_in_days=DELETION_WINDOW_DAYS,
            enable_key_rotation=True,
            policy=iam.document(_administered_by_account(placement), *statements),
            tags={"Name": physical_name},
            opts=child,
        )
        aws.kms.Alias(f"{name}-alias", name=f"alias/{physical_name}", target_key_id=key.key_id, opts=child)
        self.arn = key.arn
        self.register_outputs({"arn": self.arn})


def used_by_log_groups(placement: Placement, log_group_name: str) -> iam.Statement:
    """CloudWatch Logs may use the key for this one log group.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    return iam.Statement(
        sid="LogGroupIsEncrypted",
        actions=["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        resources=[THIS_KEY],
        principals={"Service": [f"logs.{placement.region}.amazonaws.com"]},
        conditions={
            "ArnEquals": {
                "kms:EncryptionContext:aws:logs:arn": placement.arn("logs", f"log-group:{log_group_name}")
            }
        },
    )


def used_by_alarms(placement: Placement) -> iam.Statement:
    """This environment's alarms may publish to a topic that the key encrypts; with AWS's own key they can't.

    https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns
    """
    return iam.Statement(
        sid="AlarmsPublishEncrypted",
        actions=["kms:Decrypt", "kms:GenerateDataKey*"],
        resources=[THIS_KEY],
        principals={"Service": ["cloudwatch.amazonaws.com"]},
        conditions={
            "StringEquals": {"aws:SourceAccount": placement.account_id},
            "ArnLike": {"aws:SourceArn": placement.arn("cloudwatch", f"alarm:{placement.names.any}")},
        },
    )


THIS_KEY = "*"
"""In a key policy the only resource is the key itself.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
"""


def _administered_by_account(placement: Placement) -> iam.Statement:
    """IAM policies of the account decide over the key; without this it could never be administered again.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    return iam.Statement(
        sid="AdministeredByAccount",
        actions=["kms:*"],
        resources=[THIS_KEY],
        principals={"AWS": [placement.iam_arn("root")]},
    )
