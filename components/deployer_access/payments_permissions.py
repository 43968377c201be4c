"""What the deployer may do with the payment processors' resources: read, configure, and put code into them.

It creates and deletes nothing that holds payments, and changes no policy of a queue or topic: that is the
destroyer's (data_permissions.py).
"""

from collections.abc import Mapping, Sequence

from components import iam
from components.declared_network import DeclaredNetwork
from components.deployer_access.processor_parts import ProcessorParts
from components.deployer_access.subscribers import Subscribers
from components.placement import Placement

CONFIGURING = ["lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"]
"""The actions that place a function's code in a network."""


def payments_permissions(
    placement: Placement,
    parts: ProcessorParts,
    subscribers: Subscribers,
    network: DeclaredNetwork | None,
) -> list[iam.Statement]:
    """Return the calls of an ordinary update of the payments project, and the reads that come with them."""
    names = placement.names
    mappings = placement.arn("lambda", "event-source-mapping:*")
    of_functions = {"ArnEquals": {"lambda:FunctionArn": parts.functions}}

    def manage(sid: str, service: str, actions: str, *resources: str) -> iam.Statement:
        return iam.Statement(
            sid=sid, actions=[f"{service}:{action}" for action in actions.split()], resources=resources
        )

    return [
        manage(
            "Tables",
            "dynamodb",
            "DescribeContinuousBackups DescribeTable DescribeTimeToLive ListTagsOfResource TagResource "
            "UntagResource",
            *parts.tables,
        ),
        manage(
            "Queues",
            "sqs",
            "GetQueueAttributes GetQueueUrl ListQueueTags TagQueue UntagQueue",
            *parts.all_queues,
        ),
        manage(
            "Topics",
            "sns",
            "GetTopicAttributes ListSubscriptionsByTopic ListTagsForResource TagResource UntagResource",
            *parts.topics,
        ),
        *_subscribing(parts, subscribers),
        # Every resource: subscriptions are no resource type of SNS.
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
        manage("ReadSubscriptions", "sns", "GetSubscriptionAttributes", "*"),
        manage(
            "Functions",
            "lambda",
            "DeleteFunction DeleteFunctionCodeSigningConfig DeleteFunctionConcurrency "
            "DeleteFunctionEventInvokeConfig "
            "GetFunction GetFunctionCodeSigningConfig GetFunctionConcurrency GetFunctionConfiguration "
            "GetFunctionEventInvokeConfig GetFunctionRecursionConfig GetPolicy GetRuntimeManagementConfig "
            "ListTags ListVersionsByFunction PutFunctionConcurrency PutFunctionEventInvokeConfig "
            "TagResource UntagResource UpdateFunctionCode UpdateFunctionEventInvokeConfig",
            *parts.functions,
            *(f"{function}:*" for function in parts.functions),
        ),
        iam.Statement(
            sid="FunctionsInNetwork",
            actions=CONFIGURING,
            resources=parts.functions,
            conditions=in_network(network),
        ),
        # Mappings have ids for names, and are told by the function that they feed.
        iam.Statement(
            sid="CreateMappings",
            actions=["lambda:CreateEventSourceMapping"],
            resources=["*"],  # creating knows no resource type
            conditions=of_functions,
        ),
        iam.Statement(
            sid="ManageMappings",
            actions=[
                "lambda:DeleteEventSourceMapping",
                "lambda:GetEventSourceMapping",
                "lambda:UpdateEventSourceMapping",
            ],
            resources=[mappings],
            conditions=of_functions,
        ),
        manage("MappingTags", "lambda", "ListTags TagResource UntagResource", mappings),
        # Every resource: Lambda lists mappings as a whole.
        iam.Statement(sid="ListMappings", actions=["lambda:ListEventSourceMappings"], resources=["*"]),
        manage(
            "Alarms",
            "cloudwatch",
            "ListTagsForResource PutMetricAlarm TagResource UntagResource",
            placement.arn("cloudwatch", f"alarm:{names.any}"),
        ),
        # Alarms are described as a whole, whatever names are asked for.
        manage("DescribeAlarms", "cloudwatch", "DescribeAlarms", placement.arn("cloudwatch", "alarm:*")),
        manage(
            "Dashboards",
            "cloudwatch",
            "DeleteDashboards GetDashboard PutDashboard",
            f"arn:aws:cloudwatch::{placement.account_id}:dashboard/{names.any}",
        ),
    ]


def in_network(network: DeclaredNetwork | None) -> iam.Condition:
    """Return the condition for functions in the declared network, or in some VPC where none is declared.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#vpc-conditions
    """
    somewhere = {"lambda:VpcIds": "false"}
    if network is None:
        return {"Null": somewhere}
    declared: Mapping[str, Sequence[str]] = {
        "lambda:VpcIds": [network.vpc_id],
        "lambda:SubnetIds": network.private_subnet_ids,
        "lambda:SecurityGroupIds": [network.function_security_group_id],
    }
    # ForAllValues alone would hold for a function without a network.
    return {"ForAllValues:StringEquals": declared, "Null": dict.fromkeys(declared, "false")}


def _subscribing(parts: ProcessorParts, subscribers: Subscribers) -> list[iam.Statement]:
    """Return who may be subscribed: mailboxes of declared domains, and queues of declared accounts."""
    statements = [
        iam.Statement(
            sid="SubscribeMailboxes",
            actions=["sns:Subscribe"],
            resources=parts.topics,
            conditions={
                "StringEquals": {"sns:Protocol": "email"},
                "StringLike": {"sns:Endpoint": [f"*@{domain}" for domain in subscribers.email_domains]},
            },
        )
    ]
    if subscribers.account_ids:
        statements.append(
            iam.Statement(
                sid="SubscribeQueues",
                actions=["sns:Subscribe"],
                resources=parts.notification_topics,
                conditions={
                    "StringEquals": {"sns:Protocol": "sqs"},
                    "StringLike": {
                        "sns:Endpoint": [f"arn:aws:sqs:*:{account}:*" for account in subscribers.account_ids]
                    },
                },
            )
        )
    return statements
