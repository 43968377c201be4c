"""The SecurityWatch component: event rules on dangerous API calls, and the topic that tells people.

    CloudTrail → default bus ─ security-calls-rule, role-session-rule ──────────────┐
    CloudTrail → default bus of us-east-1 ─ global-calls-rule → security-event-bus ─┴→ security-topic → e-mail

IAM's calls show in us-east-1 alone, so a rule there forwards them. `bootstrap-iam` makes all of it, and the
deployer's permissions deny every call on it (`denied_to_deployer`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import iam
from components.encryption_key import THIS_KEY, EncryptionKey
from components.placement import Placement
from components.security_watch.events import (
    GLOBAL,
    GLOBAL_REGION,
    REGIONAL,
    assumption_pattern,
    calls_pattern,
)

EVENTS = "events.amazonaws.com"
READ_CALLS_TOO = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
"""https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html"""


@dataclass(frozen=True, kw_only=True)
class SecurityWatchArgs:
    """Whom the watch tells, and where it looks."""

    placement: Placement
    emails: Sequence[str]
    """Addresses that hear of each event; each confirms by hand."""
    watched_roles: Sequence[str]
    """Names of roles of whose sessions somebody should hear, such as `operator-role`."""
    global_provider: aws.Provider
    """A provider of the same account in us-east-1."""


class SecurityWatch(pulumi.ComponentResource):
    """Event rules on the steps of an attack, and an encrypted topic with e-mail subscriptions."""

    topic_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: SecurityWatchArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("fintech:iam:SecurityWatch", name, None, opts)
        self._placement = placement = args.placement
        names, child = placement.names, pulumi.ResourceOptions(parent=self)
        key = EncryptionKey(
            "security-key",
            placement=placement,
            purpose="security events",
            statements=[_used_by_events(placement)],
            opts=child,
        )
        topic = aws.sns.Topic(
            "security-topic", name=names("security-topic"), kms_master_key_id=key.arn, opts=child
        )
        aws.sns.TopicPolicy(
            "security-topic-policy", arn=topic.arn, policy=topic_policy(placement), opts=child
        )
        for position, email in enumerate(args.emails, start=1):
            aws.sns.TopicSubscription(
                f"security-topic-email-{position}",
                topic=topic.arn,
                protocol="email",
                endpoint=email,
                opts=pulumi.ResourceOptions(parent=self, deleted_with=topic),
            )
        bus = aws.cloudwatch.EventBus("security-event-bus", name=names("security-event-bus"), opts=child)
        self._rule(
            "security-calls-rule", "Calls that open, stop or delete", calls_pattern(REGIONAL), topic.arn
        )
        arns = [placement.iam_arn(f"role/{names(role)}") for role in args.watched_roles]
        self._rule(
            "role-session-rule",
            "Sessions of roles that people use",
            assumption_pattern(arns),
            topic.arn,
            state=READ_CALLS_TOO,
        )
        self._rule(
            "forwarded-calls-rule",
            "Changes of rights, forwarded from us-east-1",
            calls_pattern(GLOBAL),
            topic.arn,
            bus=bus.name,
        )
        self._forward(bus.arn, args.global_provider)
        self.topic_arn = topic.arn
        self.register_outputs({"topicArn": topic.arn})

    def _rule(
        self,
        resource_type: str,
        description: str,
        pattern: str,
        target: pulumi.Input[str],
        *,
        bus: pulumi.Input[str] | None = None,
        state: str = "ENABLED",
        role_arn: pulumi.Input[str] | None = None,
        provider: aws.Provider | None = None,
    ) -> None:
        opts = pulumi.ResourceOptions(parent=self, provider=provider)
        rule = aws.cloudwatch.EventRule(
            resource_type,
            name=self._placement.names(resource_type),
            description=description,
            event_bus_name=bus,
            event_pattern=pattern,
            state=state,
            opts=opts,
        )
        aws.cloudwatch.EventTarget(
            f"{resource_type}-target",
            rule=rule.name,
            event_bus_name=bus,
            arn=target,
            role_arn=role_arn,
            target_id=resource_type,
            opts=opts,
        )

    def _forward(self, bus_arn: pulumi.Output[str], provider: aws.Provider) -> None:
        placement, child = self._placement, pulumi.ResourceOptions(parent=self)
        names = placement.names
        role = aws.iam.Role(
            "event-forwarding-role",
            name=names("event-forwarding-role"),
            description="Lets EventBridge forward events of IAM to the environment's region",
            assume_role_policy=iam.service_trust(
                EVENTS,
                placement.account_id,
                source_arn=(
                    f"arn:aws:events:{GLOBAL_REGION}:{placement.account_id}:rule/{names('global-calls-rule')}"
                ),
            ),
            opts=child,
        )
        policy = aws.iam.Policy(
            "event-forwarding-policy",
            name=names("event-forwarding-policy"),
            description="Put events on the security event bus",
            policy=iam.document(
                iam.Statement(
                    sid="ForwardEvents",
                    actions=["events:PutEvents"],
                    resources=[placement.arn("events", f"event-bus/{names('security-event-bus')}")],
                )
            ),
            opts=child,
        )
        attachment = aws.iam.RolePolicyAttachment(
            "event-forwarding-policy-attachment", role=role.name, policy_arn=policy.arn, opts=child
        )
        self._rule(
            "global-calls-rule",
            "Changes of rights, which show in us-east-1",
            calls_pattern(GLOBAL),
            pulumi.Output.all(bus_arn, attachment.id).apply(lambda found: str(found[0])),
            role_arn=role.arn,
            provider=provider,
        )


def topic_policy(placement: Placement) -> str:
    """Return the policy of the topic: only this environment's security rules publish."""
    topic = placement.arn("sns", placement.names("security-topic"))
    return iam.document(
        iam.deny_insecure_transport(["sns:Publish"], topic),
        iam.Statement(
            sid="PublishedByRules",
            actions=["sns:Publish"],
            resources=[topic],
            principals={"Service": [EVENTS]},
            conditions={
                "StringEquals": {"aws:SourceAccount": placement.account_id},
                "ArnLike": {"aws:SourceArn": placement.arn("events", f"rule/*{placement.names.any}")},
            },
        ),
    )


def denied_to_deployer(placement: Placement) -> list[iam.Statement]:
    """Return the denials that keep the deployer away from the watch, whatever else it is allowed."""
    names = placement.names
    return [
        iam.Statement(
            sid="DenyTouchingSecurityTopic",
            effect="Deny",
            actions=["sns:*"],
            resources=[placement.arn("sns", names("security-topic"))],
        ),
        # Every rule and bus, in every region: the deployer has no business with events.
        iam.Statement(sid="DenyTouchingEvents", effect="Deny", actions=["events:*"], resources=["*"]),
        # Keys have ids for names; the tag says which project made one. Retagging it is denied as well.
        iam.Statement(
            sid="DenyTouchingSecurityKey",
            effect="Deny",
            actions=["kms:*"],
            resources=[placement.arn("kms", "key/*")],
            conditions={"StringEquals": {"aws:ResourceTag/Project": "bootstrap-iam"}},
        ),
        iam.Statement(
            sid="DenyMovingSecurityKeysName",
            effect="Deny",
            actions=["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"],
            resources=[placement.arn("kms", f"alias/{names('security-key')}")],
        ),
    ]


def _used_by_events(placement: Placement) -> iam.Statement:
    """EventBridge may publish to a topic that the key encrypts, on behalf of this account."""
    return iam.Statement(
        sid="EventsPublishEncrypted",
        actions=["kms:Decrypt", "kms:GenerateDataKey*"],
        resources=[THIS_KEY],
        principals={"Service": [EVENTS]},
        conditions={"StringEquals": {"aws:SourceAccount": placement.account_id}},
    )
