"""Flow logs of a VPC: who talked to whom, accepted or refused."""

import pulumi
import pulumi_aws as aws

from components.encryption_key import EncryptionKey, used_by_log_groups
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
        role_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("fintech:network:FlowLogs", name, None, opts)
        names, child = placement.names, pulumi.ResourceOptions(parent=self)
        log_group_name = names("flow-log-group")
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
        aws.ec2.FlowLog(
            "vpc-flow-log",
            vpc_id=vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=log_group.arn,
            iam_role_arn=role_arn,
            max_aggregation_interval=AGGREGATION_SECONDS,
            tags={"Name": names("vpc-flow-log")},
            opts=child,
        )
        self.register_outputs({})
