"""SNS topics and their policies."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from typing_extensions import override

from sandbox.provider.account import Account
from sandbox.provider.resource import Resource, tag_list, tag_map
from sandbox.provider.schema import Kind, Property, arn, at_most, between, described, matching, one_of
from sandbox.provider.wire import Properties

ABSENT = frozenset({"NotFound", "NotFoundException"})

# pulumi_aws property by SNS's attribute name.
_TOPIC_ATTRIBUTES = {
    "archivePolicy": "ArchivePolicy",
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deliveryPolicy": "DeliveryPolicy",
    "displayName": "DisplayName",
    "fifoThroughputScope": "FifoThroughputScope",
    "fifoTopic": "FifoTopic",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "policy": "Policy",
    "signatureVersion": "SignatureVersion",
    "tracingConfig": "TracingConfig",
}


def encode(value: Any) -> str:
    """An attribute as SNS takes it: as text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def decode(each: Property, text: str | None) -> Any:
    """An attribute's text as the property's value."""
    if each.kind is Kind.BOOLEAN:
        return text is not None and text.lower() == "true"
    if text is None:
        return None
    return int(text) if each.kind is Kind.INTEGER and text else text


class Topic(Resource):
    """A topic. CreateTopic with the same attributes and tags is idempotent."""

    urn_type = "aws:sns/topic:Topic"
    noun = "SNS Topic"
    absent = ABSENT
    taken = frozenset({"InvalidParameter"})
    properties = described(
        name=Property(
            replaces=True,
            rule=matching(
                r"[a-zA-Z0-9_-]+(\.fifo)?",
                1,
                256,
                "must contain only alphanumeric characters, hyphens and underscores",
            ),
        ),
        archivePolicy=Property(kind=Kind.DOCUMENT),
        contentBasedDeduplication=Property(kind=Kind.BOOLEAN, default=False),
        deliveryPolicy=Property(kind=Kind.DOCUMENT),
        displayName=Property(rule=at_most(100)),
        fifoThroughputScope=Property(computed=True, rule=one_of("Topic", "MessageGroup")),
        fifoTopic=Property(kind=Kind.BOOLEAN, default=False, replaces=True),
        kmsMasterKeyId=Property(),
        policy=Property(kind=Kind.DOCUMENT, computed=True),
        signatureVersion=Property(kind=Kind.INTEGER, computed=True, rule=between(1, 2)),
        tracingConfig=Property(computed=True, rule=one_of("Active", "PassThrough")),
        arn=Property(output=True),
        owner=Property(output=True),
        beginningArchiveTime=Property(output=True),
    )

    @override
    def create(self, aws: Account, new: Properties) -> str:
        flags = ("fifoTopic", "contentBasedDeduplication")
        attributes = {
            attribute: encode(new[name])
            for name, attribute in _TOPIC_ATTRIBUTES.items()
            if name in new and (name not in flags or new[name])
        }
        answer = aws.client("sns").create_topic(
            Name=new["name"], Attributes=attributes, Tags=tag_list(new["tagsAll"])
        )
        return str(answer["TopicArn"])

    @override
    def candidates(self, aws: Account, new: Properties) -> Iterable[str]:
        return [aws.arn("sns", new["name"])]

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        sns = aws.client("sns")
        attributes = sns.get_topic_attributes(TopicArn=resource_id)["Attributes"]
        tags = sns.list_tags_for_resource(ResourceArn=resource_id)["Tags"]
        return {
            **{
                name: decode(self.properties[name], attributes.get(attribute))
                for name, attribute in _TOPIC_ATTRIBUTES.items()
            },
            "arn": resource_id,
            "name": resource_id.rsplit(":", 1)[-1],
            "owner": attributes["Owner"],
            "tagsAll": tag_map(tags),
        }

    @override
    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        for name in sorted(changed):
            aws.client("sns").set_topic_attributes(
                TopicArn=resource_id,
                AttributeName=_TOPIC_ATTRIBUTES[name],
                AttributeValue=encode(new.get(name, "")),
            )

    @override
    def retag(self, aws: Account, state: Properties, put: Mapping[str, str], drop: Iterable[str]) -> None:
        if names := list(drop):
            aws.client("sns").untag_resource(ResourceArn=state["id"], TagKeys=names)
        if put:
            aws.client("sns").tag_resource(ResourceArn=state["id"], Tags=tag_list(put))

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        aws.client("sns").delete_topic(TopicArn=resource_id)

    @override
    def failures(self, new: Properties) -> Iterable[tuple[str, str]]:
        name = new["name"]
        if bool(new["fifoTopic"]) != name.endswith(".fifo"):
            yield "name", f"invalid topic name: {name} (a FIFO topic's name, and only that, ends with .fifo)"


class TopicPolicy(Resource):
    """Who may publish and subscribe. Setting it twice is no error."""

    urn_type = "aws:sns/topicPolicy:TopicPolicy"
    noun = "SNS Topic Policy"
    naming = None
    taggable = False
    absent = ABSENT
    properties = described(
        arn=Property(required=True, replaces=True, rule=arn),
        policy=Property(kind=Kind.DOCUMENT, required=True),
        owner=Property(output=True),
    )

    @override
    def create(self, aws: Account, new: Properties) -> str:
        self._set(aws, new["arn"], new["policy"])
        return str(new["arn"])

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        attributes = aws.client("sns").get_topic_attributes(TopicArn=resource_id)["Attributes"]
        return {"arn": resource_id, "policy": attributes.get("Policy"), "owner": attributes["Owner"]}

    @override
    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        self._set(aws, resource_id, new["policy"])

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        # A topic cannot be without a policy: AWS's plugin puts back the one that every new topic has.
        self._set(aws, resource_id, _default_policy(aws, resource_id))

    @staticmethod
    def _set(aws: Account, topic: str, policy: str) -> None:
        aws.client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)


def _default_policy(aws: Account, topic: str) -> str:
    actions = [
        "SNS:GetTopicAttributes",
        "SNS:SetTopicAttributes",
        "SNS:AddPermission",
        "SNS:RemovePermission",
        "SNS:DeleteTopic",
        "SNS:Subscribe",
        "SNS:ListSubscriptionsByTopic",
        "SNS:Publish",
    ]
    return json.dumps(
        {
            "Version": "2008-10-17",
            "Id": "__default_policy_ID",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Sid": "__default_statement_ID",
                    "Principal": {"AWS": "*"},
                    "Action": actions,
                    "Resource": topic,
                    "Condition": {"StringEquals": {"AWS:SourceOwner": aws.account_id}},
                }
            ],
        }
    )


RESOURCES: tuple[Resource, ...] = (Topic(), TopicPolicy())
