"""What the reader may list to find what no stack manages: names and settings, of the whole account.

These are the calls of the drift check `unmanaged`. Nothing that flows through the environment can be read
with them, and nothing can be written.
"""

from components import iam
from components.placement import Placement

WAYS_OF_A_NETWORK = (
    "ec2:DescribeEgressOnlyInternetGateways",
    "ec2:DescribeInstances",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeNatGateways",
    "ec2:DescribeTransitGatewayVpcAttachments",
    "ec2:DescribeVpcPeeringConnections",
    "ec2:DescribeVpnGateways",
)
LISTS = (
    "dynamodb:ListTables",
    "iam:ListOpenIDConnectProviders",
    "iam:ListPolicies",
    "iam:ListRoles",
    "iam:ListSAMLProviders",
    "iam:ListUsers",
    "lambda:ListFunctions",
    "sns:ListTopics",
    "sqs:ListQueues",
)


def inventory_permissions(placement: Placement) -> list[iam.Statement]:
    """Return the list calls for what is attached to this environment's resources, and for everything else."""
    names = placement.names

    def read(sid: str, *actions: str, resource: str) -> iam.Statement:
        return iam.Statement(sid=sid, actions=actions, resources=[resource])

    return [
        # Every resource: these actions know none.
        # https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
        iam.Statement(sid="ListAccount", actions=[*WAYS_OF_A_NETWORK, *LISTS], resources=["*"]),
        read(
            "FunctionEntrances",
            "lambda:GetFunctionUrlConfig",
            "lambda:ListAliases",
            resource=placement.arn("lambda", f"function:{names.any}"),
        ),
        read(
            "TablePolicies",
            "dynamodb:GetResourcePolicy",
            resource=placement.arn("dynamodb", f"table/{names.any}"),
        ),
        read(
            "DeadLetterSources",
            "sqs:ListDeadLetterSourceQueues",
            resource=placement.arn("sqs", names.any),
        ),
        read("KeyGrants", "kms:ListGrants", resource=placement.arn("kms", "key/*")),
        read(
            "RoleProfiles",
            "iam:ListInstanceProfilesForRole",
            resource=placement.iam_arn(f"role/{names.any}"),
        ),
        read(
            "PolicyHolders",
            "iam:ListEntitiesForPolicy",
            resource=placement.iam_arn(f"policy/{names.any}"),
        ),
        read(
            "LogSubscriptions",
            "logs:DescribeSubscriptionFilters",
            resource=placement.arn("logs", f"log-group:{names.any}"),
        ),
    ]
