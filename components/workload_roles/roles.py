"""The WorkloadRoles component: every role that a service assumes for this environment's workloads.

    Lambda        → {processor}-function-role ─┐
    VPC flow logs → flow-log-role ─────────────┴─ path /payments/{environment}/, inside the boundary

Administrators deploy it with `bootstrap-iam`. The deployer passes these roles, each to its service, and can
neither create nor change one.
"""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components import iam
from components.declared_network import DeclaredNetwork
from components.exclusive_policies import exclusive_policies
from components.placement import Placement
from components.workload_roles.function_permissions import (
    encryption_document,
    payments_document,
    runtime_document,
)

LAMBDA = "lambda.amazonaws.com"
FLOW_LOGS = "vpc-flow-logs.amazonaws.com"


def function_role(processor: str) -> str:
    """Return the resource type in the name of a processor's function role."""
    return f"{processor}-function-role"


def flow_log_role() -> str:
    """Return the resource type in the name of the role that writes flow logs."""
    return "flow-log-role"


class WorkloadRoles(pulumi.ComponentResource):
    """A role for each declared processor's function, and one for the network's flow logs."""

    arns: Mapping[str, pulumi.Output[str]]
    """Resource type (`payments-function-role`, `flow-log-role`) to ARN."""

    def __init__(
        self,
        name: str,
        *,
        placement: Placement,
        processors: Sequence[str],
        network: DeclaredNetwork | None,
        permissions_boundary_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("fintech:iam:WorkloadRoles", name, None, opts)
        self._placement, self._boundary_arn = placement, permissions_boundary_arn
        self.arns = {
            **{function_role(processor): self._function_role(processor, network) for processor in processors},
            flow_log_role(): self._flow_log_role(),
        }
        self.register_outputs({"arns": self.arns})

    def _function_role(self, processor: str, network: DeclaredNetwork | None) -> pulumi.Output[str]:
        placement = self._placement
        return self._role(
            function_role(processor),
            "Lets the payment function store payments and publish notifications",
            iam.service_trust(LAMBDA, placement.account_id),
            {
                f"{processor}-runtime-policy": (
                    "Run in a VPC, log and trace",
                    runtime_document(placement, processor),
                ),
                f"{processor}-payments-policy": (
                    "Take payments from the queue, store them and publish what became of them",
                    payments_document(placement, processor, network),
                ),
                f"{processor}-encryption-policy": (
                    "Use the key that encrypts queue, table, topic and configuration",
                    encryption_document(placement, processor),
                ),
            },
        )

    def _flow_log_role(self) -> pulumi.Output[str]:
        placement = self._placement
        log_group_arn = placement.arn("logs", f"log-group:{placement.names('flow-log-group')}")
        document = iam.document(
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
        )
        return self._role(
            flow_log_role(),
            "Lets EC2 write the flow logs of the VPC",
            iam.service_trust(
                FLOW_LOGS, placement.account_id, source_arn=placement.arn("ec2", "vpc-flow-log/*")
            ),
            {"flow-log-policy": ("Write to the flow logs' log group", document)},
        )

    def _role(
        self, resource_type: str, description: str, trust: str, policies: Mapping[str, tuple[str, str]]
    ) -> pulumi.Output[str]:
        """Make a role with its policies, and return its ARN once everything is attached."""
        child = pulumi.ResourceOptions(parent=self)
        names, path = self._placement.names, self._placement.workload_path
        role = aws.iam.Role(
            resource_type,
            name=names(resource_type),
            path=path,
            description=description,
            assume_role_policy=trust,
            permissions_boundary=self._boundary_arn,
            opts=child,
        )
        attachments = []
        for policy_name, (policy_description, document) in policies.items():
            policy = aws.iam.Policy(
                policy_name,
                name=names(policy_name),
                path=path,
                description=policy_description,
                policy=document,
                opts=child,
            )
            attachments.append(
                aws.iam.RolePolicyAttachment(
                    f"{policy_name}-attachment", role=role.name, policy_arn=policy.arn, opts=child
                )
            )
        exclusive_policies(resource_type, role, attachments, child)
        return role.arn
