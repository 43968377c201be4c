"""The PaymentProcessor component: everything that one kind of payments needs in one environment.

    producers → request queue → function (private subnets) → ledger table, notification topic
                     ↓ after the maximum receive count            ↓ e-mail and other accounts' queues
                dead-letter queue → alarm topic → operators

    verifier → verification queue → the same function
                     ↓ after the maximum receive count
                verification dead-letter queue → verifier

Synthetic payments have queues of their own, so that a verifier can neither read a customer's message nor send
a payment, and no producer can send a synthetic one.

Every part is encrypted with one key, may be destroyed with the stack, and is called
`{resource-type}-{environment}-{suffix}` with the component's name in front of the resource type, so that a
second processor fits into the same stack.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.artifact import Artifact
from components.encryption_key import EncryptionKey, used_by_alarms, used_by_log_groups
from components.payment_processor.account_key import AccountKey
from components.payment_processor.function import NetworkAttachment, PaymentFunction
from components.payment_processor.ledger import LedgerTable
from components.payment_processor.monitoring import Monitoring
from components.payment_processor.queues import Queues
from components.payment_processor.rules import PaymentRules
from components.payment_processor.topics import Topics
from components.placement import Placement
from components.project_settings import PaymentsScaling


@dataclass(frozen=True, kw_only=True)
class PaymentProcessorArgs:
    """Arguments of a payment processor."""

    placement: Placement
    scaling: PaymentsScaling
    artifact: Artifact
    network: NetworkAttachment
    function_role_arn: pulumi.Input[str]
    """Role of `bootstrap-iam` for this processor's function."""
    rules: PaymentRules
    notification_emails: Sequence[str]
    operator_emails: Sequence[str]
    subscriber_account_ids: Sequence[str] = ()
    """Accounts whose queues may subscribe to the notification topic."""


class PaymentProcessor(pulumi.ComponentResource):
    """Queue, dead-letter queue, function, ledger, topics, alarms, dashboard and key."""

    table_arn: pulumi.Output[str]
    table_name: pulumi.Output[str]
    queue_url: pulumi.Output[str]
    queue_arn: pulumi.Output[str]
    dead_letter_queue_url: pulumi.Output[str]
    dead_letter_queue_arn: pulumi.Output[str]
    verification_queue_url: pulumi.Output[str]
    verification_dead_letter_queue_url: pulumi.Output[str]
    topic_arn: pulumi.Output[str]
    alarm_topic_arn: pulumi.Output[str]
    function_name: pulumi.Output[str]
    function_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: PaymentProcessorArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("fintech:payments:PaymentProcessor", name, None, opts)
        placement, child = args.placement, pulumi.ResourceOptions(parent=self)
        key = EncryptionKey(
            f"{name}-key",
            placement=placement,
            purpose="payments",
            statements=[
                used_by_log_groups(placement, placement.names(f"{name}-log-group")),
                used_by_alarms(placement),
            ],
            opts=child,
        )
        queues = Queues(
            name,
            placement=placement,
            key_arn=key.arn,
            max_receive_count=args.scaling.max_receive_count,
            opts=child,
        )
        verification_queues = Queues(
            f"{name}-verification",
            placement=placement,
            key_arn=key.arn,
            max_receive_count=args.scaling.max_receive_count,
            opts=child,
        )
        ledger = LedgerTable(
            name,
            placement=placement,
            key_arn=key.arn,
            point_in_time_recovery=args.scaling.point_in_time_recovery,
            expires=args.rules.retention_days > 0,
            opts=child,
        )
        parts: list[pulumi.Resource] = [queues, verification_queues, ledger]
        if args.rules.pseudonymise_accounts:
            parts.append(
                AccountKey(
                    name,
                    placement=placement,
                    key_arn=key.arn,
                    point_in_time_recovery=args.scaling.point_in_time_recovery,
                    opts=child,
                )
            )
        topics = Topics(
            name,
            placement=placement,
            key_arn=key.arn,
            notification_emails=args.notification_emails,
            operator_emails=args.operator_emails,
            subscriber_account_ids=args.subscriber_account_ids,
            opts=child,
        )
        function = PaymentFunction(
            name,
            placement=placement,
            key_arn=key.arn,
            scaling=args.scaling,
            artifact=args.artifact,
            rules=args.rules,
            network=args.network,
            role_arn=args.function_role_arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*parts, topics]),
        )
        Monitoring(
            name,
            placement=placement,
            scaling=args.scaling,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[topics]),
        )
        self.table_arn, self.table_name = ledger.table_arn, ledger.table_name
        self.queue_url, self.queue_arn = queues.queue_url, queues.queue_arn
        self.dead_letter_queue_url, self.dead_letter_queue_arn = (
            queues.dead_letter_queue_url,
            queues.dead_letter_queue_arn,
        )
        self.verification_queue_url = verification_queues.queue_url
        self.verification_dead_letter_queue_url = verification_queues.dead_letter_queue_url
        self.topic_arn, self.alarm_topic_arn = topics.notification_topic_arn, topics.alarm_topic_arn
        self.function_name, self.function_arn = function.function_name, function.function_arn
        self.register_outputs(
            {
                "tableArn": self.table_arn,
                "queueUrl": self.queue_url,
                "deadLetterQueueUrl": self.dead_letter_queue_url,
                "topicArn": self.topic_arn,
                "functionArn": self.function_arn,
            }
        )
