"""SQS: queues, their access policies and their redrive-allow policies."""

from collections.abc import Iterable, Mapping
from typing import Any

from typing_extensions import override

from sandbox.provider.account import Account
from sandbox.provider.resource import Resource
from sandbox.provider.schema import Kind, Property, between, described, matching, one_of
from sandbox.provider.wire import Properties

_ABSENT = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})

# pulumi_aws property by the attribute that SQS calls it; all travel as strings.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
_ATTRIBUTES = {
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deduplicationScope": "DeduplicationScope",
    "delaySeconds": "DelaySeconds",
    "fifoQueue": "FifoQueue",
    "fifoThroughputLimit": "FifoThroughputLimit",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "policy": "Policy",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "redriveAllowPolicy": "RedriveAllowPolicy",
    "redrivePolicy": "RedrivePolicy",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}


def _encode(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _decode(each: Property, text: str | None) -> Any:
    if text is None:
        return each.default if each.kind is Kind.BOOLEAN else None
    if each.kind is Kind.BOOLEAN:
        return text.lower() == "true"
    return int(text) if each.kind is Kind.INTEGER else text


def _attributes(aws: Account, url: str) -> dict[str, str]:
    answer = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    return dict(answer.get("Attributes", {}))


class Queue(Resource):
    """A queue. CreateQueue with the same attributes is idempotent, so an interrupted update converges."""

    urn_type = "aws:sqs/queue:Queue"
    noun = "SQS Queue"
    absent = _ABSENT
    taken = frozenset({"QueueAlreadyExists", "QueueNameExists"})
    properties = described(
        name=Property(
            replaces=True,
            rule=matching(
                r"[a-zA-Z0-9_-]+(\.fifo)?",
                1,
                80,
                "only alphanumeric characters, hyphens and underscores are allowed",
            ),
        ),
        contentBasedDeduplication=Property(kind=Kind.BOOLEAN, default=False),
        deduplicationScope=Property(computed=True, rule=one_of("queue", "messageGroup")),
        delaySeconds=Property(kind=Kind.INTEGER, default=0, rule=between(0, 900)),
        fifoQueue=Property(kind=Kind.BOOLEAN, default=False, replaces=True),
        fifoThroughputLimit=Property(computed=True, rule=one_of("perQueue", "perMessageGroupId")),
        kmsDataKeyReusePeriodSeconds=Property(kind=Kind.INTEGER, computed=True, rule=between(60, 86_400)),
        kmsMasterKeyId=Property(),
        maxMessageSize=Property(kind=Kind.INTEGER, default=262_144, rule=between(1024, 1_048_576)),
        messageRetentionSeconds=Property(kind=Kind.INTEGER, default=345_600, rule=between(60, 1_209_600)),
        policy=Property(kind=Kind.DOCUMENT, computed=True),
        receiveWaitTimeSeconds=Property(kind=Kind.INTEGER, default=0, rule=between(0, 20)),
        redriveAllowPolicy=Property(kind=Kind.DOCUMENT, computed=True),
        redrivePolicy=Property(kind=Kind.DOCUMENT, computed=True),
        sqsManagedSseEnabled=Property(kind=Kind.BOOLEAN, computed=True),
        visibilityTimeoutSeconds=Property(kind=Kind.INTEGER, default=30, rule=between(0, 43_200)),
        arn=Property(output=True),
        url=Property(output=True),
    )

    @override
    def create(self, aws: Account, new: Properties) -> str:
        attributes = {
            attribute: _encode(new[name])
            for name, attribute in _ATTRIBUTES.items()
            if name in new
            and not (name == "fifoQueue" and not new[name])
            and not (name == "contentBasedDeduplication" and not new[name])
        }
        answer = aws.client("sqs").create_queue(
            QueueName=new["name"], Attributes=attributes, tags=dict(new["tagsAll"])
        )
        return str(answer["QueueUrl"])

    @override
    def candidates(self, aws: Account, new: Properties) -> Iterable[str]:
        return [aws.client("sqs").get_queue_url(QueueName=new["name"])["QueueUrl"]]

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        attributes = _attributes(aws, resource_id)
        tags = aws.client("sqs").list_queue_tags(QueueUrl=resource_id).get("Tags", {})
        return {
            **{
                name: _decode(self.properties[name], attributes.get(attribute))
                for name, attribute in _ATTRIBUTES.items()
            },
            # A queue has one encryption or the other; moto says both.
            "sqsManagedSseEnabled": not attributes.get("KmsMasterKeyId")
            and _decode(self.properties["sqsManagedSseEnabled"], attributes.get("SqsManagedSseEnabled")),
            "arn": attributes["QueueArn"],
            "name": attributes["QueueArn"].rsplit(":", 1)[-1],
            "url": resource_id,
            "tagsAll": dict(tags),
        }

    @override
    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        attributes = {_ATTRIBUTES[name]: _encode(new.get(name, "")) for name in changed}
        aws.client("sqs").set_queue_attributes(QueueUrl=resource_id, Attributes=attributes)

    @override
    def retag(self, aws: Account, state: Properties, put: Mapping[str, str], drop: Iterable[str]) -> None:
        if names := list(drop):
            aws.client("sqs").untag_queue(QueueUrl=state["id"], TagKeys=names)
        if put:
            aws.client("sqs").tag_queue(QueueUrl=state["id"], Tags=dict(put))

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        aws.client("sqs").delete_queue(QueueUrl=resource_id)

    @override
    def failures(self, new: Properties) -> Iterable[tuple[str, str]]:
        name = new["name"]
        if bool(new["fifoQueue"]) != name.endswith(".fifo"):
            yield "name", f"invalid queue name: {name} (a FIFO queue's name, and only that, ends with .fifo)"
        if new.get("kmsMasterKeyId") and new.get("sqsManagedSseEnabled"):
            yield "sqsManagedSseEnabled", '"kmsMasterKeyId": conflicts with sqsManagedSseEnabled'


class _QueueAttribute(Resource):
    """A document that is an attribute of a queue, managed on its own. Setting it twice is no error."""

    naming = None
    taggable = False
    absent = _ABSENT
    document: str
    attribute: str

    @override
    def create(self, aws: Account, new: Properties) -> str:
        self._set(aws, new["queueUrl"], new[self.document])
        return str(new["queueUrl"])

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        text = _attributes(aws, resource_id).get(self.attribute)
        return {"queueUrl": resource_id, self.document: text} if text else None

    @override
    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        self._set(aws, resource_id, new[self.document])

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        self._set(aws, resource_id, "")

    def _set(self, aws: Account, url: str, text: str) -> None:
        aws.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={self.attribute: text})


class QueuePolicy(_QueueAttribute):
    """Who may do what with a queue."""

    urn_type = "aws:sqs/queuePolicy:QueuePolicy"
    noun = "SQS Queue Policy"
    document = "policy"
    attribute = "Policy"
    properties = described(
        queueUrl=Property(required=True, replaces=True),
        policy=Property(kind=Kind.DOCUMENT, required=True),
    )


class RedriveAllowPolicy(_QueueAttribute):
    """Which queues may name this one as their dead-letter queue."""

    urn_type = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"
    noun = "SQS Queue Redrive Allow Policy"
    document = "redriveAllowPolicy"
    attribute = "RedriveAllowPolicy"
    properties = described(
        queueUrl=Property(required=True, replaces=True),
        redriveAllowPolicy=Property(kind=Kind.DOCUMENT, required=True),
    )


RESOURCES: tuple[Resource, ...] = (Queue(), QueuePolicy(), RedriveAllowPolicy())
