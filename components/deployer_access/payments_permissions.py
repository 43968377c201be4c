"""What the deployer may do with the payment processor's resources, whose ARNs carry their names."""

from components import iam
from components.placement import Placement


def payments_permissions(placement: Placement) -> list[iam.Statement]:
    """The payments project's calls, and the reads that come with them."""
    names = placement.names
    functions = placement.arn("lambda", f"function:{names.any}")
    mappings = placement.arn("lambda", "event-source-mapping:*")
    topics = placement.arn("sns", names.any)

    def manage(sid: str, service: str, actions: str, *resources: str) -> iam.Statement:
        return iam.Statement(
            sid=sid, actions=[f"{service}:{action}" for action in actions.split()], resources=resources
        )

    return [
        manage(
            "Tables",
            "dynamodb",
            "CreateTable DeleteTable DescribeContinuousBackups DescribeTable DescribeTimeToLive "
            "ListTagsOfResource TagResource UntagResource UpdateContinuousBackups UpdateTable "
            "UpdateTimeToLive",
            placement.arn("dynamodb", f"table/{names.any}"),
        ),
        manage(
            "Queues",
            "sqs",
            "CreateQueue DeleteQueue GetQueueAttributes GetQueueUrl ListQueueTags SetQueueAttributes "
            "TagQueue UntagQueue",
            placement.arn("sqs", names.any),
        ),
        manage(
            "Topics",
            "sns",
            "CreateTopic DeleteTopic GetTopicAttributes ListSubscriptionsByTopic ListTagsForResource "
            "SetTopicAttributes Subscribe TagResource UntagResource",
            topics,
        ),
        # Every resource: subscriptions are no resource type of SNS.
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
        manage(
            "Subscriptions", "sns", "GetSubscriptionAttributes SetSubscriptionAttributes Unsubscribe", "*"
        ),
        manage(
            "Functions",
            "lambda",
            "CreateFunction DeleteFunction DeleteFunctionCodeSigningConfig DeleteFunctionConcurrency "
            "DeleteFunctionEventInvokeConfig "
            "GetFunction GetFunctionCodeSigningConfig GetFunctionConcurrency GetFunctionConfiguration "
            "GetFunctionEventInvokeConfig GetFunctionRecursionConfig GetPolicy GetRuntimeManagementConfig "
            "ListTags ListVersionsByFunction PutFunctionConcurrency PutFunctionEventInvokeConfig "
            "TagResource UntagResource UpdateFunctionCode UpdateFunctionConfiguration "
            "UpdateFunctionEventInvokeConfig",
            functions,
            f"{functions}:*",
        ),
        # Mappings have ids for names, and are told by the function that they feed.
        iam.Statement(
            sid="CreateMappings",
            actions=["lambda:CreateEventSourceMapping"],
            resources=["*"],  # creating knows no resource type
            conditions={"ArnLike": {"lambda:FunctionArn": functions}},
        ),
        iam.Statement(
            sid="ManageMappings",
            actions=[
                "lambda:DeleteEventSourceMapping",
                "lambda:GetEventSourceMapping",
                "lambda:UpdateEventSourceMapping",
            ],
            resources=[mappings],
            conditions={"ArnLike": {"lambda:FunctionArn": functions}},
        ),
        manage("MappingTags", "lambda", "ListTags TagResource UntagResource", mappings),
        # Every resource: Lambda lists mappings as a whole.
        iam.Statement(sid="ListMappings", actions=["lambda:ListEventSourceMappings"], resources=["*"]),
        manage(
            "Alarms",
            "cloudwatch",
            "DeleteAlarms ListTagsForResource PutMetricAlarm TagResource UntagResource",
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
