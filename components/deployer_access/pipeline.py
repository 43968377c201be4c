"""How GitHub Actions gets in: a workflow's own role, which can do nothing but become others.

GitHub's OIDC token → workflow role → (external id) → the roles that it is for. No key is stored anywhere.
"""

from collections.abc import Sequence

from components import iam
from components.placement import Placement

GITHUB_ISSUER = "token.actions.githubusercontent.com"
"""https://docs.github.com/actions/reference/security/oidc"""
STS_AUDIENCE = "sts.amazonaws.com"


def workflow_trust(placement: Placement, subjects: Sequence[str]) -> str:
    """A repository's environments or branches in full: a wildcard is a door for forks and other branches."""
    return iam.document(
        iam.Statement(
            sid="NamedWorkflowSubjects",
            actions=["sts:AssumeRoleWithWebIdentity"],
            principals={"Federated": [placement.iam_arn(f"oidc-provider/{GITHUB_ISSUER}")]},
            conditions={
                "StringEquals": {
                    f"{GITHUB_ISSUER}:aud": STS_AUDIENCE,
                    f"{GITHUB_ISSUER}:sub": subjects[0] if len(subjects) == 1 else list(subjects),
                }
            },
        )
    )


def may_become(placement: Placement, targets: Sequence[str]) -> iam.Statement:
    """All that a workflow's role may do: assume roles of these types, such as `deployer-role`."""
    return iam.Statement(
        sid=f"Become{'And'.join(target.removesuffix('-role').capitalize() for target in targets)}",
        actions=["sts:AssumeRole"],
        resources=[placement.iam_arn(f"role/{placement.names(target)}") for target in targets],
    )
