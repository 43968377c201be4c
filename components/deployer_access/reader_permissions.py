"""What the reader may see: how this environment is configured, and nothing that flows through it.

These are the reads of `pulumi refresh` and `pulumi preview`, for all three projects. No item, message, log
event or secret can be read with them, and nothing can be written. They do not hang on tags, except the one
that decrypts: a tag that somebody removed is to be found, not to hide what carried it.
"""

from components import iam
from components.deployer_access.network_permissions import DESCRIPTIONS
from components.deployer_access.pipeline import GITHUB_ISSUER
from components.ownership import own
from components.placement import Placement


def reader_permissions(placement: Placement) -> list[iam.Statement]:
    """The reads of all three projects' resources."""
    names = placement.names
    functions = placement.arn("lambda", f"function:{names.any}")
    keys = placement.arn("kms", "key/*")
    log_groups = placement.arn("logs", f"log-group:{names.any}")

    def read(sid: str, service: str, actions: str, *resources: str) -> iam.Statement:
        return iam.Statement(
            sid=sid, actions=[f"{service}:{action}" for action in actions.split()], resources=resources
        )

    return [
        read(
            "Roles",
            "iam",
            "GetRole GetRolePolicy ListAttachedRolePolicies ListRolePolicies",
            placement.iam_arn(f"role/{names.any}"),
        ),
        read(
            "Policies",
            "iam",
            "GetPolicy GetPolicyVersion ListPolicyVersions",
            placement.iam_arn(f"policy/{names.any}"),
        ),
        read(
            "WorkflowIdentity",
            "iam",
            "GetOpenIDConnectProvider",
            placement.iam_arn(f"oidc-provider/{GITHUB_ISSUER}"),
        ),
        # Every resource: these actions know none.
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
        iam.Statement(sid="Network", actions=DESCRIPTIONS, resources=["*"]),
        iam.Statement(
            sid="NetworkAttributes",
            actions=["ec2:DescribeVpcAttribute"],
            resources=[placement.arn("ec2", "vpc/*")],
        ),
        iam.Statement(
            sid="Keys",
            actions=[
                "kms:DescribeKey",
                "kms:GetKeyPolicy",
                "kms:GetKeyRotationStatus",
                "kms:ListResourceTags",
            ],
            resources=[keys],
        ),
        # Every resource: aliases, log groups, mappings and subscriptions are found by listing or by prefix.
        iam.Statement(
            sid="Lists",
            actions=[
                "kms:ListAliases",
                "lambda:ListEventSourceMappings",
                "logs:DescribeLogGroups",
                "sns:GetSubscriptionAttributes",
            ],
            resources=["*"],
        ),
        # Lambda decrypts a function's environment on the caller's behalf, and leaves it out where the caller
        # may not: every variable would look removed. Through Lambda alone, so it opens no item or message.
        iam.Statement(
            sid="FunctionEnvironment",
            actions=["kms:Decrypt"],
            resources=[keys],
            conditions={
                "StringEquals": {
                    **own(placement),
                    "kms:ViaService": f"lambda.{placement.region}.amazonaws.com",
                }
            },
        ),
        read("LogGroups", "logs", "ListTagsForResource", log_groups, f"{log_groups}:*"),
        read(
            "Tables",
            "dynamodb",
            "DescribeContinuousBackups DescribeTable DescribeTimeToLive ListTagsOfResource",
            placement.arn("dynamodb", f"table/{names.any}"),
        ),
        read(
            "Queues", "sqs", "GetQueueAttributes GetQueueUrl ListQueueTags", placement.arn("sqs", names.any)
        ),
        read(
            "Topics",
            "sns",
            "GetTopicAttributes ListSubscriptionsByTopic ListTagsForResource",
            placement.arn("sns", names.any),
        ),
        read(
            "Functions",
            "lambda",
            "GetFunction GetFunctionCodeSigningConfig GetFunctionConcurrency GetFunctionConfiguration "
            "GetFunctionEventInvokeConfig GetFunctionRecursionConfig GetPolicy GetRuntimeManagementConfig "
            "ListTags ListVersionsByFunction",
            functions,
            f"{functions}:*",
        ),
        iam.Statement(
            sid="Mappings",
            actions=["lambda:GetEventSourceMapping"],
            resources=[placement.arn("lambda", "event-source-mapping:*")],
            conditions={"ArnLike": {"lambda:FunctionArn": functions}},
        ),
        read("MappingTags", "lambda", "ListTags", placement.arn("lambda", "event-source-mapping:*")),
        read(
            "Alarms", "cloudwatch", "ListTagsForResource", placement.arn("cloudwatch", f"alarm:{names.any}")
        ),
        # Alarms are described as a whole, whatever names are asked for.
        read("DescribeAlarms", "cloudwatch", "DescribeAlarms", placement.arn("cloudwatch", "alarm:*")),
        read(
            "Dashboards",
            "cloudwatch",
            "GetDashboard",
            f"arn:aws:cloudwatch::{placement.account_id}:dashboard/{names.any}",
        ),
    ]
