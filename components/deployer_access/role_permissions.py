"""What the deployer may do in IAM: read the workload roles, and pass each to the service that it is for."""

from collections.abc import Sequence

from components import iam
from components.placement import Placement
from components.workload_roles.roles import FLOW_LOGS, LAMBDA, flow_log_role, function_role


def role_permissions(placement: Placement, processors: Sequence[str]) -> list[iam.Statement]:
    """Return the permissions on the roles that `bootstrap-iam` makes for workloads.

    No role, policy or trust can be created or changed with them. Passing names exact roles and services.
    """
    functions = [placement.workload_arn("role", function_role(processor)) for processor in processors]
    flow_logs = placement.workload_arn("role", flow_log_role())
    return [
        iam.Statement(sid="ReadWorkloadRoles", actions=["iam:GetRole"], resources=[*functions, flow_logs]),
        iam.Statement(
            sid="PassFunctionRoles",
            actions=["iam:PassRole"],
            resources=functions,
            conditions={"StringEquals": {"iam:PassedToService": LAMBDA}},
        ),
        iam.Statement(
            sid="PassFlowLogRole",
            actions=["iam:PassRole"],
            resources=[flow_logs],
            conditions={"StringEquals": {"iam:PassedToService": FLOW_LOGS}},
        ),
        # Every resource: whatever else is attached to the deployer one day, it changes nobody's rights.
        iam.Statement(
            sid="DenyChangingRights", effect="Deny", actions=list(CHANGES_OF_RIGHTS), resources=["*"]
        ),
    ]


CHANGES_OF_RIGHTS = (
    "iam:Add*",
    "iam:Attach*",
    "iam:Create*",
    "iam:Deactivate*",
    "iam:Delete*",
    "iam:Detach*",
    "iam:Enable*",
    "iam:Put*",
    "iam:Remove*",
    "iam:Set*",
    "iam:Tag*",
    "iam:Untag*",
    "iam:Update*",
    "iam:Upload*",
)
"""Every action of IAM that writes, but for passing roles."""
