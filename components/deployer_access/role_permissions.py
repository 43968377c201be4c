"""What the deployer may do in IAM: make roles inside the boundary, and never touch its own."""

from components import iam
from components.placement import Placement

PASSED_TO = ("lambda.amazonaws.com", "vpc-flow-logs.amazonaws.com")


def role_permissions(placement: Placement) -> list[iam.Statement]:
    """Roles and policies of this environment, of which every role carries the boundary.

    Attaching needs the boundary on the role as well, so a policy that the deployer writes never counts for
    more than the boundary lets through. The deployer's own role has no boundary, and all that bootstraps
    access is denied by name.
    """
    roles = placement.iam_arn(f"role/{placement.names.any}")
    policies = placement.iam_arn(f"policy/{placement.names.any}")
    boundary = placement.iam_arn(f"policy/{placement.names('workload-boundary-policy')}")
    return [
        iam.Statement(
            sid="CreateRolesInsideBoundary",
            actions=["iam:CreateRole", "iam:PutRolePermissionsBoundary"],
            resources=[roles],
            conditions={"StringEquals": {"iam:PermissionsBoundary": boundary}},
        ),
        iam.Statement(
            sid="AttachOwnPoliciesInsideBoundary",
            actions=["iam:AttachRolePolicy"],
            resources=[roles],
            conditions={
                "StringEquals": {"iam:PermissionsBoundary": boundary},
                "ArnLike": {"iam:PolicyARN": policies},
            },
        ),
        # Whatever somebody put on a role by hand: taking rights away needs no limit of which.
        iam.Statement(
            sid="RemoveForeignPolicies",
            actions=["iam:DeleteRolePolicy", "iam:DetachRolePolicy"],
            resources=[roles],
            conditions={"StringEquals": {"iam:PermissionsBoundary": boundary}},
        ),
        iam.Statement(
            sid="ManageRoles",
            actions=[
                "iam:DeleteRole",
                "iam:GetRole",
                "iam:GetRolePolicy",
                "iam:ListAttachedRolePolicies",
                "iam:ListInstanceProfilesForRole",
                "iam:ListRolePolicies",
                "iam:TagRole",
                "iam:UntagRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateRole",
                "iam:UpdateRoleDescription",
            ],
            resources=[roles],
        ),
        iam.Statement(
            sid="ManagePolicies",
            actions=[
                "iam:CreatePolicy",
                "iam:CreatePolicyVersion",
                "iam:DeletePolicy",
                "iam:DeletePolicyVersion",
                "iam:GetPolicy",
                "iam:GetPolicyVersion",
                "iam:ListPolicyVersions",
                "iam:TagPolicy",
                "iam:UntagPolicy",
            ],
            resources=[policies],
        ),
        iam.Statement(
            sid="PassRolesToTheirServices",
            actions=["iam:PassRole"],
            resources=[roles],
            conditions={"StringEquals": {"iam:PassedToService": PASSED_TO}},
        ),
        iam.Statement(
            sid="DenyRaisingItself",
            effect="Deny",
            actions=[
                "iam:AttachRolePolicy",
                "iam:CreatePolicyVersion",
                "iam:DeletePolicy",
                "iam:DeletePolicyVersion",
                "iam:DeleteRole",
                "iam:DeleteRolePolicy",
                "iam:DetachRolePolicy",
                "iam:PassRole",
                "iam:PutRolePermissionsBoundary",
                "iam:PutRolePolicy",
                "iam:SetDefaultPolicyVersion",
                "iam:TagPolicy",
                "iam:TagRole",
                "iam:UntagPolicy",
                "iam:UntagRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateRole",
                "iam:UpdateRoleDescription",
            ],
            resources=[
                placement.iam_arn(f"role/{placement.names('deployer-role')}"),
                placement.iam_arn(f"role/{placement.names('operator-role')}"),
                placement.iam_arn(f"role/{placement.names('pipeline-role')}"),
                placement.iam_arn(f"role/reader-{placement.names.any}"),
                placement.iam_arn(f"role/{placement.names('verifier-role')}"),
                placement.iam_arn(f"policy/deployer-{placement.names.any}"),
                placement.iam_arn(f"policy/{placement.names('operator-policy')}"),
                placement.iam_arn(f"policy/reader-{placement.names.any}"),
                placement.iam_arn(f"policy/{placement.names('verifier-policy')}"),
                placement.iam_arn(f"policy/{placement.names('pipeline-policy')}"),
                boundary,
            ],
        ),
        # Every resource: nothing that carries a boundary may lose it.
        iam.Statement(
            sid="DenyLeavingBoundary",
            effect="Deny",
            actions=["iam:DeleteRolePermissionsBoundary"],
            resources=["*"],
        ),
    ]
