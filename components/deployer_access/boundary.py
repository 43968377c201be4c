"""The permissions boundary: the most that a workload role can do, whatever is attached to it."""

from components import iam
from components.ownership import own
from components.placement import Placement


def workload_boundary(placement: Placement) -> str:
    """This environment's data, logs, traces, a network interface: no IAM, no infrastructure, nothing foreign.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    names = placement.names
    log_groups = placement.arn("logs", f"log-group:{names.any}")
    return iam.document(
        iam.Statement(
            sid="OwnData",
            actions=[
                "dynamodb:ConditionCheckItem",
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:Query",
                "dynamodb:UpdateItem",
                "sns:Publish",
                "sqs:ChangeMessageVisibility",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:ReceiveMessage",
                "sqs:SendMessage",
            ],
            resources=[
                placement.arn("dynamodb", f"table/{names.any}"),
                placement.arn("sns", names.any),
                placement.arn("sqs", names.any),
            ],
        ),
        iam.Statement(
            sid="OwnKeys",
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            resources=[placement.arn("kms", "key/*")],
            conditions={"StringEquals": own(placement)},
        ),
        iam.Statement(
            sid="OwnLogs",
            actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            resources=[log_groups, f"{log_groups}:*"],
        ),
        iam.Statement(
            sid="FindLogGroups",
            actions=["logs:DescribeLogGroups"],
            resources=[placement.arn("logs", "log-group:*")],
        ),
        # Every resource: the reasons stand beside the same actions in the function's role.
        iam.Statement(
            sid="NetworkInterfacesAndTraces",
            actions=[
                "ec2:AssignPrivateIpAddresses",
                "ec2:CreateNetworkInterface",
                "ec2:DeleteNetworkInterface",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSubnets",
                "ec2:UnassignPrivateIpAddresses",
                "xray:PutTelemetryRecords",
                "xray:PutTraceSegments",
            ],
            resources=["*"],
        ),
    )
