"""The DeployerAccess component: a deployer role, its permissions, and the boundary of all that it makes.

    engineers ───────────────┐ external id
                             ├──────────→ deployer role ──creates──→ workload roles, inside the boundary
    GitHub Actions → pipeline role

It is deployed once an account with administrator credentials, before anything else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import iam
from components.deployer_access.boundary import workload_boundary
from components.deployer_access.encryption_permissions import encryption_permissions
from components.deployer_access.network_permissions import network_permissions
from components.deployer_access.payments_permissions import payments_permissions
from components.deployer_access.role_permissions import role_permissions
from components.placement import Placement

SESSION_SECONDS = 3600
"""IAM's shortest maximum session: a deployment takes minutes, and leaked credentials die within the hour."""

GITHUB_ISSUER = "token.actions.githubusercontent.com"
"""https://docs.github.com/actions/reference/security/oidc"""
STS_AUDIENCE = "sts.amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class DeployerAccessArgs:
    """Who may deploy, and how they prove it."""

    placement: Placement
    principals: Sequence[str]
    """ARNs of roles and users, in full."""
    external_id: str
    github_subject: str = ""
    """OIDC subject of the GitHub workflow that may deploy; empty for none."""


class DeployerAccess(pulumi.ComponentResource):
    """A role that may do what the projects do to this environment's resources, and cannot raise itself."""

    deployer_role_arn: pulumi.Output[str]
    permissions_boundary_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: DeployerAccessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("fintech:iam:DeployerAccess", name, None, opts)
        self._placement = args.placement
        boundary = self._policy(
            "workload-boundary-policy",
            "The most that a role made by the deployer can do",
            workload_boundary(self._placement),
        )
        pipelines = [self._pipeline_role(args.github_subject)] if args.github_subject else []
        principals = [*args.principals, *(self._placement.iam_arn(f"role/{role}") for role, _ in pipelines)]
        role = aws.iam.Role(
            "deployer-role",
            name=self._placement.names("deployer-role"),
            description="Deploys the network and payments projects",
            assume_role_policy=_deployer_trust(principals, args.external_id),
            max_session_duration=SESSION_SECONDS,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[resource for _, resource in pipelines]),
        )
        for policy_name, (description, document) in _permissions(self._placement).items():
            self._attach(role, self._policy(policy_name, description, document), policy_name)
        self.deployer_role_arn, self.permissions_boundary_arn = role.arn, boundary.arn
        self.register_outputs(
            {
                "deployerRoleArn": self.deployer_role_arn,
                "permissionsBoundaryArn": self.permissions_boundary_arn,
            }
        )

    def _pipeline_role(self, subject: str) -> tuple[str, aws.iam.Role]:
        """The role of the CI pipeline: it may become the deployer, under the same external id, no more."""
        provider = aws.iam.OpenIdConnectProvider(
            "github-oidc-provider",
            url=f"https://{GITHUB_ISSUER}",
            client_id_lists=[STS_AUDIENCE],
            tags={"Name": self._placement.names("github-oidc-provider")},
            opts=pulumi.ResourceOptions(parent=self),
        )
        physical_name = self._placement.names("pipeline-role")
        role = aws.iam.Role(
            "pipeline-role",
            name=physical_name,
            description="Lets the deployment pipeline become the deployer",
            assume_role_policy=_pipeline_trust(self._placement, subject),
            max_session_duration=SESSION_SECONDS,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[provider]),
        )
        document = iam.document(
            iam.Statement(
                sid="BecomeDeployer",
                actions=["sts:AssumeRole"],
                resources=[self._placement.iam_arn(f"role/{self._placement.names('deployer-role')}")],
            )
        )
        self._attach(
            role, self._policy("pipeline-policy", "Become the deployer", document), "pipeline-policy"
        )
        return physical_name, role

    def _policy(self, resource_type: str, description: str, document: str) -> aws.iam.Policy:
        return aws.iam.Policy(
            resource_type,
            name=self._placement.names(resource_type),
            description=description,
            policy=document,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _attach(self, role: aws.iam.Role, policy: aws.iam.Policy, policy_name: str) -> None:
        aws.iam.RolePolicyAttachment(
            f"{policy_name}-attachment",
            role=role.name,
            policy_arn=policy.arn,
            opts=pulumi.ResourceOptions(parent=self),
        )


def _permissions(placement: Placement) -> Mapping[str, tuple[str, str]]:
    """Policy name to description and document: one a subject, since a managed policy has limited room."""
    return {
        "deployer-roles-policy": ("Roles inside the boundary", iam.document(*role_permissions(placement))),
        "deployer-network-policy": ("The private network", iam.document(*network_permissions(placement))),
        "deployer-encryption-policy": (
            "Keys and log groups",
            iam.document(*encryption_permissions(placement)),
        ),
        "deployer-payments-policy": ("The payment processor", iam.document(*payments_permissions(placement))),
    }


def _deployer_trust(principals: Sequence[str], external_id: str) -> str:
    return iam.document(
        iam.Statement(
            sid="NamedPrincipalsWithExternalId",
            actions=["sts:AssumeRole"],
            principals={"AWS": principals},
            conditions={"StringEquals": {"sts:ExternalId": external_id}},
        )
    )


def _pipeline_trust(placement: Placement, subject: str) -> str:
    """One repository's environment or branch in full: a wildcard is a door for forks and other branches."""
    return iam.document(
        iam.Statement(
            sid="OneWorkflowSubject",
            actions=["sts:AssumeRoleWithWebIdentity"],
            principals={"Federated": [placement.iam_arn(f"oidc-provider/{GITHUB_ISSUER}")]},
            conditions={
                "StringEquals": {f"{GITHUB_ISSUER}:aud": STS_AUDIENCE, f"{GITHUB_ISSUER}:sub": subject}
            },
        )
    )
