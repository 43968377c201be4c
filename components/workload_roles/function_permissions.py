"""Permissions of a payment function: what it may do, and from where."""

from collections.abc import Mapping

from components import iam
from components.declared_network import DeclaredNetwork
from components.ownership import own
from components.payment_processor.account_key import account_key_table
from components.placement import Placement

CALLED_BY_CODE = "lambda:SourceFunctionArn"
"""Condition key that AWS sets on requests with the credentials of a function's execution environment.

Lambda's own requests in the function's role (receiving from the queue, parking failed invocations, attaching
network interfaces) do not carry it.
https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
"""
NETWORK_INTERFACES = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)


MOVED_ATTRIBUTES = (
    "pk",
    "sk",
    "chainHead",
    "entries",
    "indexDay",
    "indexState",
    "notifiedAt",
    "state",
)
"""What an update may name: where a payment stands, and nothing of what was accepted or of an audit entry."""


def payments_document(placement: Placement, name: str, network: DeclaredNetwork | None) -> str:
    """Return the policy for the work itself: queue, ledger and topic.

    The code reaches ledger and topic through VPC endpoints only, also with stolen credentials. Lambda's
    pollers receive from the queue on the function's behalf; the code itself is denied SQS.
    """
    names = placement.names
    by_code = {"ArnEquals": {CALLED_BY_CODE: function_arn(placement, name)}}
    return iam.document(
        iam.Statement(
            sid="ReceivePayments",
            actions=[
                "sqs:ChangeMessageVisibility",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:ReceiveMessage",
            ],
            resources=[
                placement.arn("sqs", names(f"{name}-queue")),
                placement.arn("sqs", names(f"{name}-verification-queue")),
            ],
        ),
        iam.Statement(
            sid="ParkFailedInvocations",
            actions=["sqs:SendMessage"],
            resources=[placement.arn("sqs", names(f"{name}-dead-letter-queue"))],
        ),
        # Every resource: the code takes payments from its event, and no queue of anybody's.
        iam.Statement(
            sid="DenyQueuesToCode",
            effect="Deny",
            actions=["sqs:*"],
            resources=["*"],
            conditions={"Null": {CALLED_BY_CODE: "false"}},
        ),
        # IAM has no condition on whether an item exists. What overwrites an entry is refused by the code's
        # own conditions, and shows in the chain of digests (scripts/payment.py verify).
        iam.Statement(
            sid="AddPayments",
            actions=["dynamodb:PutItem"],
            resources=[placement.arn("dynamodb", f"table/{names(f'{name}-table')}")],
            conditions={
                **by_code,
                **_through(network.dynamodb_endpoint_id if network else None),
                "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["PAYMENT#*", "SIMILAR#*"]},
            },
        ),
        iam.Statement(
            sid="MovePayments",
            actions=["dynamodb:UpdateItem"],
            resources=[placement.arn("dynamodb", f"table/{names(f'{name}-table')}")],
            conditions={
                **by_code,
                **_through(network.dynamodb_endpoint_id if network else None),
                "ForAllValues:StringLike": {
                    "dynamodb:LeadingKeys": ["PAYMENT#*"],
                    "dynamodb:Attributes": MOVED_ATTRIBUTES,
                },
            },
        ),
        # Exists only where account references are pseudonymised. A put that meets the key returns it.
        iam.Statement(
            sid="CreateAccountKey",
            actions=["dynamodb:PutItem"],
            resources=[placement.arn("dynamodb", f"table/{names(account_key_table(name))}")],
            conditions={
                **by_code,
                **_through(network.dynamodb_endpoint_id if network else None),
                "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["account-key"]},
            },
        ),
        iam.Statement(
            sid="PublishNotifications",
            actions=["sns:Publish"],
            resources=[placement.arn("sns", names(f"{name}-notification-topic"))],
            conditions={**by_code, **_through(network.sns_endpoint_id if network else None)},
        ),
    )


def encryption_document(placement: Placement, name: str) -> str:
    """Return the policy for the processor's key, named by its alias, through the services that it encrypts.

    https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    """
    services = ("dynamodb", "lambda", "sns", "sqs")
    return iam.document(
        iam.Statement(
            sid="UseKey",
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            resources=[placement.arn("kms", "key/*")],
            conditions={
                "StringEquals": {
                    **own(placement),
                    "kms:ViaService": [f"{service}.{placement.region}.amazonaws.com" for service in services],
                },
                "ForAnyValue:StringEquals": {
                    "kms:ResourceAliases": f"alias/{placement.names(f'{name}-key')}"
                },
            },
        )
    )


def runtime_document(placement: Placement, name: str) -> str:
    """Return the policy for running in a VPC, for logs and for traces."""
    log_group_arn = placement.arn("logs", f"log-group:{placement.names(f'{name}-log-group')}")
    return iam.document(
        iam.Statement(
            sid="WriteLogs",
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[f"{log_group_arn}:*"],
        ),
        # Every resource: Lambda checks for exactly this before it attaches a function to a VPC, and
        # describing knows no resources. The next statement keeps it from the function's own code.
        # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
        iam.Statement(sid="AttachToNetwork", actions=NETWORK_INTERFACES, resources=["*"]),
        iam.Statement(
            sid="DenyNetworkChangesByCode",
            effect="Deny",
            actions=NETWORK_INTERFACES,
            resources=["*"],
            conditions={"ArnEquals": {CALLED_BY_CODE: function_arn(placement, name)}},
        ),
        # Every resource: X-Ray's write actions know none.
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
        iam.Statement(
            sid="Trace", actions=["xray:PutTelemetryRecords", "xray:PutTraceSegments"], resources=["*"]
        ),
    )


def function_arn(placement: Placement, name: str) -> str:
    """Return the ARN of a processor's function."""
    return placement.arn("lambda", f"function:{placement.names(f'{name}-function')}")


def _through(endpoint_id: str | None) -> Mapping[str, Mapping[str, str]]:
    """Return the condition for a VPC endpoint: the declared one, or any where none is declared yet."""
    if endpoint_id is None:
        return {"Null": {"aws:SourceVpce": "false"}}
    return {"StringEquals": {"aws:SourceVpce": endpoint_id}}
