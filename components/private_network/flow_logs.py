"""Flow logs of a VPC: who talked to whom, accepted or refused."""

import pulumi
import pulumi_aws as aws

from components import iam
from components.encryption_key import EncryptionKey, used_by_log_groups
from components.exclusive_policies import exclusive_policies
from components.placement import Placement

AGGREGATION_SECONDS = 60
"""The finer of the two intervals that EC2 offers (60 and 600).

https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-basics.html
"""


class FlowLogs(pulumi.ComponentResource):
    """All traffic of a VPC, into an encrypted log group."""

    def __init__(
        self,
        name: str,
        *,
        placement: Placement,
        vpc_id: pulumi.Input[str],
        retention_days: int,
        permissions_boundary_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("fintech:network:FlowLogs", name, None, opts)
        names, child = placement.names, pulumi.ResourceOptions(parent=self)
        log_group_name = names("flow-log-group")
        log_group_arn = placement.arn("logs", f"log-group:{log_group_name}")
        key = EncryptionKey(
            "flow-log-key",
            placement=placement,
            purpose="flow logs",
            statements=[used_by_log_groups(placement, log_group_name)],
            opts=child,
        )
        log_group = aws.cloudwatch.LogGroup(
            "flow-log-group",
            name=log_group_name,
            retention_in_days=retention_days,
            kms_key_id=key.arn,
            opts=child,
        )
        role = aws.iam.Role(
            "flow-log-role",
            name=names("flow-log-role"),
            description="Lets EC2 write the flow logs of the VPC",
            assume_role_policy=iam.service_trust(
                "vpc-flow-logs.amazonaws.com",
                placement.account_id,
                source_arn=placement.arn("ec2", "vpc-flow-log/*"),
            ),
            permissions_boundary=permissions_boundary_arn,
            opts=child,
        )
        policy = aws.iam.Policy(
            "flow-log-policy",
            name=names("flow-log-policy"),
            description="Write to the flow logs' log group",
            policy=iam.document(
                iam.Statement(
                    sid="WriteFlowLogs",
                    actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                    resources=[log_group_arn, f"{log_group_arn}:*"],
                ),
                # Among the account's log groups the service looks for the one to write to.
                # https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
                iam.Statement(
                    sid="FindLogGroup",
                    actions=["logs:DescribeLogGroups"],
                    resources=[placement.arn("logs", "log-group:*")],
                ),
            ),
            opts=child,
        )
        attachment = aws.iam.RolePolicyAttachment(
            "flow-log-policy-attachment", role=role.name, policy_arn=policy.arn, opts=child
        )
        exclusive_policies("flow-log-role", role, [attachment], child)
        aws.ec2.FlowLog(
            "vpc-flow-log",
            vpc_id=vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=log_group.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=AGGREGATION_SECONDS,
            tags={"Name": names("vpc-flow-log")},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[attachment]),
        )
        self.register_outputs({})
