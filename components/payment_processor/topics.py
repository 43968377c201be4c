"""Two topics: what happened to payments, for subscribers, and what happened to the system, for operators."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components import iam
from components.placement import Placement


class Topics(pulumi.ComponentResource):
    """Notification topic and alarm topic, encrypted, with their e-mail subscriptions."""

    notification_topic_arn: pulumi.Output[str]
    alarm_topic_arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        placement: Placement,
        key_arn: pulumi.Input[str],
        notification_emails: Sequence[str],
        operator_emails: Sequence[str],
        subscriber_account_ids: Sequence[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("fintech:payments:Topics", f"{name}-topics", None, opts)
        self._placement, self._key_arn = placement, key_arn
        self.notification_topic_arn = self._topic(
            f"{name}-notification-topic",
            notification_emails,
            *_subscribed_by(placement, name, subscriber_account_ids),
        )
        self.alarm_topic_arn = self._topic(
            f"{name}-alarm-topic", operator_emails, _published_by_alarms(placement, f"{name}-alarm-topic")
        )
        self.register_outputs({})

    def _topic(
        self, resource_type: str, emails: Sequence[str], *statements: iam.Statement
    ) -> pulumi.Output[str]:
        physical_name = self._placement.names(resource_type)
        topic = aws.sns.Topic(
            resource_type,
            name=physical_name,
            kms_master_key_id=self._key_arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.sns.TopicPolicy(
            f"{resource_type}-policy",
            arn=topic.arn,
            policy=iam.document(
                iam.deny_insecure_transport(["sns:Publish"], self._placement.arn("sns", physical_name)),
                *statements,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        for position, email in enumerate(emails, start=1):
            aws.sns.TopicSubscription(
                f"{resource_type}-email-{position}",
                topic=topic.arn,
                protocol="email",
                endpoint=email,
                # SNS refuses to unsubscribe an address that was never confirmed; it goes with its topic.
                # https://github.com/hashicorp/terraform-provider-aws/issues/36494
                opts=pulumi.ResourceOptions(parent=self, deleted_with=topic),
            )
        return topic.arn


def _subscribed_by(placement: Placement, name: str, account_ids: Sequence[str]) -> list[iam.Statement]:
    """Other accounts may subscribe queues of theirs, and do nothing else."""
    if not account_ids:
        return []
    return [
        iam.Statement(
            sid="SubscribedByOtherAccounts",
            actions=["sns:Subscribe"],
            resources=[placement.arn("sns", placement.names(f"{name}-notification-topic"))],
            principals={"AWS": [f"arn:aws:iam::{account_id}:root" for account_id in account_ids]},
            conditions={"StringEquals": {"sns:Protocol": "sqs"}},
        )
    ]


def _published_by_alarms(placement: Placement, resource_type: str) -> iam.Statement:
    """Let this environment's alarms publish: a topic policy replaces the default that allows it."""
    return iam.Statement(
        sid="PublishedByAlarms",
        actions=["sns:Publish"],
        resources=[placement.arn("sns", placement.names(resource_type))],
        principals={"Service": ["cloudwatch.amazonaws.com"]},
        conditions={
            "StringEquals": {"aws:SourceAccount": placement.account_id},
            "ArnLike": {"aws:SourceArn": placement.arn("cloudwatch", f"alarm:{placement.names.any}")},
        },
    )
