"""SNS subscriptions."""

from typing_extensions import override

from sandbox.provider.account import Account
from sandbox.provider.resource import Resource
from sandbox.provider.resources.sns import ABSENT, decode, encode
from sandbox.provider.schema import Kind, Property, arn, described, one_of
from sandbox.provider.wire import Properties

# pulumi_aws property by SNS's attribute name.
_SUBSCRIPTION_ATTRIBUTES = {
    "deliveryPolicy": "DeliveryPolicy",
    "filterPolicy": "FilterPolicy",
    "filterPolicyScope": "FilterPolicyScope",
    "rawMessageDelivery": "RawMessageDelivery",
    "redrivePolicy": "RedrivePolicy",
    "subscriptionRoleArn": "SubscriptionRoleArn",
}


class TopicSubscription(Resource):
    """A subscription. An e-mail one is pending until the recipient confirms it; Subscribe is idempotent."""

    urn_type = "aws:sns/topicSubscription:TopicSubscription"
    noun = "SNS Topic Subscription"
    naming = None
    taggable = False
    absent = ABSENT
    properties = described(
        topic=Property(required=True, replaces=True, rule=arn),
        protocol=Property(
            required=True,
            replaces=True,
            rule=one_of(
                "application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs"
            ),
        ),
        endpoint=Property(required=True, replaces=True),
        confirmationTimeoutInMinutes=Property(kind=Kind.INTEGER, default=1, local=True),
        endpointAutoConfirms=Property(kind=Kind.BOOLEAN, default=False, local=True),
        deliveryPolicy=Property(kind=Kind.DOCUMENT),
        filterPolicy=Property(kind=Kind.DOCUMENT),
        filterPolicyScope=Property(computed=True, rule=one_of("MessageAttributes", "MessageBody")),
        rawMessageDelivery=Property(kind=Kind.BOOLEAN, default=False),
        redrivePolicy=Property(kind=Kind.DOCUMENT),
        subscriptionRoleArn=Property(rule=arn),
        arn=Property(output=True),
        confirmationWasAuthenticated=Property(kind=Kind.BOOLEAN, output=True),
        ownerId=Property(output=True),
        pendingConfirmation=Property(kind=Kind.BOOLEAN, output=True),
    )

    @override
    def create(self, aws: Account, new: Properties) -> str:
        attributes = {
            attribute: encode(new[name])
            for name, attribute in _SUBSCRIPTION_ATTRIBUTES.items()
            if name in new and new[name] is not False
        }
        answer = aws.client("sns").subscribe(
            TopicArn=new["topic"],
            Protocol=new["protocol"],
            Endpoint=new["endpoint"],
            Attributes=attributes,
            ReturnSubscriptionArn=True,
        )
        return str(answer["SubscriptionArn"])

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        attributes = aws.client("sns").get_subscription_attributes(SubscriptionArn=resource_id)["Attributes"]
        return {
            **{
                name: decode(self.properties[name], attributes.get(attribute))
                for name, attribute in _SUBSCRIPTION_ATTRIBUTES.items()
            },
            **({"filterPolicy": None} if attributes.get("FilterPolicy") == "{}" else {}),
            "arn": resource_id,
            "topic": attributes["TopicArn"],
            "protocol": attributes["Protocol"],
            "endpoint": attributes["Endpoint"],
            "ownerId": attributes["Owner"],
            "pendingConfirmation": attributes.get("PendingConfirmation") == "true",
            "confirmationWasAuthenticated": attributes.get("ConfirmationWasAuthenticated") == "true",
        }

    @override
    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        for name in sorted(changed & _SUBSCRIPTION_ATTRIBUTES.keys()):
            aws.client("sns").set_subscription_attributes(
                SubscriptionArn=resource_id,
                AttributeName=_SUBSCRIPTION_ATTRIBUTES[name],
                AttributeValue=encode(new.get(name, "{}" if name == "filterPolicy" else "")),
            )

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        aws.client("sns").unsubscribe(SubscriptionArn=resource_id)


RESOURCES: tuple[Resource, ...] = (TopicSubscription(),)
