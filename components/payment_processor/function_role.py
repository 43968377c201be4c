"""The payment function's role: what it may do, and from where."""

import pulumi
import pulumi_aws as aws

from components import iam
from components.exclusive_policies import exclusive_policies
from components.placement import Placement


class FunctionRole(pulumi.ComponentResource):
    """A role for one function, inside the account's permissions boundary."""

    arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        placement: Placement,
        key_arn: pulumi.Input[str],
        dynamodb_endpoint_id: pulumi.Input[str],
        sns_endpoint_id: pulumi.Input[str],
        permissions_boundary_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("fintech:payments:FunctionRole", f"{name}-role", None, opts)
        self._placement = placement
        role = aws.iam.Role(
            f"{name}-function-role",
            name=placement.names(f"{name}-function-role"),
            description="Lets the payment function store payments and publish notifications",
            assume_role_policy=iam.service_trust("lambda.amazonaws.com", placement.account_id),
            permissions_boundary=permissions_boundary_arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
        runtime = self._policy(
            f"{name}-runtime-policy", "Run in a VPC, log and trace", _runtime(placement, name)
        )
        payments = self._policy(
            f"{name}-payments-policy",
            "Take payments from the queue, store them and publish what became of them",
            pulumi.Output.all(dynamodb_endpoint_id, sns_endpoint_id).apply(
                lambda ids: _payments(placement, name, *ids)
            ),
        )
        encryption = self._policy(
            f"{name}-encryption-policy",
            "Use the key that encrypts queue, table, topic and configuration",
            pulumi.Output.from_input(key_arn).apply(_encryption),
        )
        attachments = [
            aws.iam.RolePolicyAttachment(
                f"{name}-{policy_name}-policy-attachment",
                role=role.name,
                policy_arn=policy.arn,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for policy_name, policy in (
                ("runtime", runtime),
                ("payments", payments),
                ("encryption", encryption),
            )
        ]
        exclusive_policies(f"{name}-function-role", role, attachments, pulumi.ResourceOptions(parent=self))
        self.arn = role.arn
        self.register_outputs({})

    def _policy(self, resource_type: str, description: str, policy: pulumi.Input[str]) -> aws.iam.Policy:
        return aws.iam.Policy(
            resource_type,
            name=self._placement.names(resource_type),
            description=description,
            policy=policy,
            opts=pulumi.ResourceOptions(parent=self),
        )


def _payments(placement: Placement, name: str, dynamodb_endpoint_id: str, sns_endpoint_id: str) -> str:
    """The work itself. Table and topic are reached through the endpoints only, even with stolen credentials.

    Lambda's pollers receive from the queue on the function's behalf, from outside the VPC.
    """
    names = placement.names
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
        iam.Statement(
            sid="StorePayments",
            actions=[
                "dynamodb:ConditionCheckItem",
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:UpdateItem",
            ],
            resources=[placement.arn("dynamodb", f"table/{names(f'{name}-table')}")],
            conditions={"StringEquals": {"aws:SourceVpce": dynamodb_endpoint_id}},
        ),
        iam.Statement(
            sid="PublishNotifications",
            actions=["sns:Publish"],
            resources=[placement.arn("sns", names(f"{name}-notification-topic"))],
            conditions={"StringEquals": {"aws:SourceVpce": sns_endpoint_id}},
        ),
    )


def _encryption(key_arn: str) -> str:
    return iam.document(
        iam.Statement(sid="UseKey", actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[key_arn])
    )


def _runtime(placement: Placement, name: str) -> str:
    log_group_arn = placement.arn("logs", f"log-group:{placement.names(f'{name}-log-group')}")
    network_interfaces = [
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
    ]
    return iam.document(
        iam.Statement(
            sid="WriteLogs",
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[f"{log_group_arn}:*"],
        ),
        # Every resource: Lambda checks for exactly this before it attaches a function to a VPC, and
        # describing knows no resources. The next statement keeps it from the function's own code.
        # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
        iam.Statement(sid="AttachToNetwork", actions=network_interfaces, resources=["*"]),
        iam.Statement(
            sid="DenyNetworkChangesByCode",
            effect="Deny",
            actions=network_interfaces,
            resources=["*"],
            conditions={
                "ArnEquals": {
                    "lambda:SourceFunctionArn": placement.arn(
                        "lambda", f"function:{placement.names(f'{name}-function')}"
                    )
                }
            },
        ),
        # Every resource: X-Ray's write actions know none.
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
        iam.Statement(
            sid="Trace", actions=["xray:PutTelemetryRecords", "xray:PutTraceSegments"], resources=["*"]
        ),
    )
