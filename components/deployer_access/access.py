"""The DeployerAccess component: a deployer role, its permissions, and the boundary of all that it makes.

    engineers ───────────────┐ external id
                             ├──────────┬→ deployer role ──creates──→ workload roles, inside the boundary
    GitHub Actions → pipeline role      └→ operator role ──reads payments, redrives dead letters

The deployer makes what holds payments, and can't read them; the operator reads them, and makes nothing. The
component is deployed once an account with administrator credentials, before anything else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import iam
from components.deployer_access.boundary import workload_boundary
from components.deployer_access.encryption_permissions import encryption_permissions
from components.deployer_access.network_permissions import network_permissions
from components.deployer_access.operator_permissions import operator_permissions
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
    """Roles that may do to this environment what projects and scripts do, and cannot raise themselves."""

    deployer_role_arn: pulumi.Output[str]
    operator_role_arn: pulumi.Output[str]
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
        trust = _named_principals(principals, args.external_id)
        after = [resource for _, resource in pipelines]
        deployer = self._role("deployer-role", "Deploys the network and payments projects", trust, after)
        for policy_name, (description, document) in _permissions(self._placement).items():
            self._attach(deployer, self._policy(policy_name, description, document), policy_name)
        operator = self._role("operator-role", "Reads payments and redrives dead letters", trust, after)
        document = iam.document(*operator_permissions(self._placement))
        self._attach(
            operator,
            self._policy("operator-policy", "Payments and dead letters", document),
            "operator-policy",
        )
        self.deployer_role_arn, self.operator_role_arn = deployer.arn, operator.arn
        self.permissions_boundary_arn = boundary.arn
        self.register_outputs(
            {
                "deployerRoleArn": self.deployer_role_arn,
                "operatorRoleArn": self.operator_role_arn,
                "permissionsBoundaryArn": self.permissions_boundary_arn,
            }
        )

    def _pipeline_role(self, subject: str) -> tuple[str, aws.iam.Role]:
        """The role of the CI pipeline: it may become deployer or operator, under the same external id."""
        provider = aws.iam.OpenIdConnectProvider(
            "github-oidc-provider",
            url=f"https://{GITHUB_ISSUER}",
            client_id_lists=[STS_AUDIENCE],
            tags={"Name": self._placement.names("github-oidc-provider")},
            opts=pulumi.ResourceOptions(parent=self),
        )
        role = self._role(
            "pipeline-role",
            "Lets the deployment pipeline become the deployer and the operator",
            _pipeline_trust(self._placement, subject),
            [provider],
        )
        names = self._placement.names
        document = iam.document(
            iam.Statement(
                sid="BecomeDeployerAndOperator",
                actions=["sts:AssumeRole"],
                resources=[
                    self._placement.iam_arn(f"role/{names(name)}")
                    for name in ("deployer-role", "operator-role")
                ],
            )
        )
        self._attach(
            role, self._policy("pipeline-policy", "Become deployer or operator", document), "pipeline-policy"
        )
        return names("pipeline-role"), role

    def _role(
        self, resource_type: str, description: str, trust: str, after: Sequence[pulumi.Resource]
    ) -> aws.iam.Role:
        return aws.iam.Role(
            resource_type,
            name=self._placement.names(resource_type),
            description=description,
            assume_role_policy=trust,
            max_session_duration=SESSION_SECONDS,
            opts=pulumi.ResourceOptions(parent=self, depends_on=after),
        )

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


def _named_principals(principals: Sequence[str], external_id: str) -> str:
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
