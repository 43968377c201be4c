"""The DeployerAccess component: who may change an environment, who may look at it, and the limit of both.

    engineers ────────────────────────┐ external id
    GitHub Actions → pipeline role ───┼──┬→ deployer role ──passes──→ workload roles, inside the boundary
                                      │  ├→ operator role ──people read payments, redrive dead letters
                                      │  └→ verifier role ──sends synthetic payments, and removes them
    readers ──────────────────────────┤
    GitHub Actions → reader-pipeline ─┴───→ reader role ──sees the configuration, and changes nothing

The deployer creates no role and changes no policy of one; the operator reads payments, and makes nothing. The
component is deployed once per account with administrator credentials, before anything else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import iam
from components.declared_network import DeclaredNetwork
from components.deployer_access.boundary import workload_boundary
from components.deployer_access.encryption_permissions import encryption_permissions
from components.deployer_access.inventory_permissions import inventory_permissions
from components.deployer_access.network_permissions import network_permissions
from components.deployer_access.operator_permissions import operator_permissions
from components.deployer_access.payments_permissions import payments_permissions
from components.deployer_access.pipeline import GITHUB_ISSUER, STS_AUDIENCE, may_become, workflow_trust
from components.deployer_access.reader_permissions import reader_permissions
from components.deployer_access.role_permissions import role_permissions
from components.deployer_access.verifier_permissions import verifier_permissions
from components.exclusive_policies import exclusive_policies
from components.placement import Placement
from components.security_watch.watch import denied_to_deployer
from components.workload_roles import WorkloadRoles

SESSION_SECONDS = 3600
"""IAM's shortest maximum session: a deployment takes minutes, and leaked credentials die within the hour."""


@dataclass(frozen=True, kw_only=True)
class DeployerAccessArgs:
    """Who may deploy and who may look, and how they prove it."""

    placement: Placement
    principals: Sequence[str]
    """ARNs of roles and users, in full."""
    external_id: str
    github_subject: str = ""
    """OIDC subject of the GitHub workflow that may deploy; empty for none."""
    reader_principals: Sequence[str] = ()
    """ARNs of the roles and users that may look and not deploy; whoever may deploy may look as well."""
    github_reader_subjects: Sequence[str] = ()
    """OIDC subjects of the GitHub workflows that may look."""
    processors: Sequence[str]
    """Names of the environment's payment processors."""
    network: DeclaredNetwork | None = None
    """Network that functions are confined to; None for any VPC."""


class DeployerAccess(pulumi.ComponentResource):
    """Roles that may do to this environment what projects and scripts do, and cannot raise themselves."""

    deployer_role_arn: pulumi.Output[str]
    operator_role_arn: pulumi.Output[str]
    reader_role_arn: pulumi.Output[str]
    verifier_role_arn: pulumi.Output[str]
    permissions_boundary_arn: pulumi.Output[str]
    workload_role_arns: Mapping[str, pulumi.Output[str]]

    def __init__(
        self, name: str, args: DeployerAccessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("fintech:iam:DeployerAccess", name, None, opts)
        self._placement = args.placement
        self._attachments: dict[str, tuple[aws.iam.Role, list[aws.iam.RolePolicyAttachment]]] = {}
        boundary = self._policy(
            "workload-boundary-policy",
            "The most that a workload role can do",
            workload_boundary(self._placement),
            path=self._placement.workload_path,
        )
        workloads = WorkloadRoles(
            "workload-roles",
            placement=self._placement,
            processors=args.processors,
            network=args.network,
            permissions_boundary_arn=boundary.arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
        provider = self._github_provider() if args.github_subject or args.github_reader_subjects else None
        pipeline = self._workflow_roles(
            "pipeline", ["deployer-role", "verifier-role"], provider, args.github_subject
        )
        reader_pipeline = self._workflow_roles(
            "reader-pipeline", ["reader-role"], provider, *args.github_reader_subjects
        )
        readers = list(dict.fromkeys([*args.principals, *args.reader_principals]))

        deploying = self._trust(args.principals, args.external_id, pipeline)
        deployer = self._role("deployer-role", "Deploys the network and payments projects", *deploying)
        for policy_name, (description, document) in _permissions(self._placement, args.processors).items():
            self._attach(deployer, policy_name, description, document)
        # No pipeline: whoever reads payments is a person.
        people = self._trust(args.principals, args.external_id, {})
        operator = self._role("operator-role", "Reads payments and redrives dead letters", *people)
        operating = iam.document(*operator_permissions(self._placement))
        self._attach(operator, "operator-policy", "Payments and dead letters", operating)
        verifier = self._role("verifier-role", "Sends synthetic payments and removes them", *deploying)
        verifying = iam.document(*verifier_permissions(self._placement))
        self._attach(verifier, "verifier-policy", "Synthetic payments", verifying)
        reader = self._role(
            "reader-role",
            "Looks for drift, and previews",
            *self._trust(readers, args.external_id, reader_pipeline),
        )
        reading = iam.document(*reader_permissions(self._placement))
        self._attach(reader, "reader-policy", "Configuration of all projects", reading)
        listing = iam.document(*inventory_permissions(self._placement))
        self._attach(reader, "reader-inventory-policy", "Lists of what no stack manages", listing)

        for resource_type, (role, attachments) in self._attachments.items():
            exclusive_policies(resource_type, role, attachments, pulumi.ResourceOptions(parent=self))
        self.deployer_role_arn, self.operator_role_arn = deployer.arn, operator.arn
        self.reader_role_arn, self.verifier_role_arn = reader.arn, verifier.arn
        self.permissions_boundary_arn = boundary.arn
        self.workload_role_arns = workloads.arns
        self.register_outputs(
            {
                "deployerRoleArn": self.deployer_role_arn,
                "operatorRoleArn": self.operator_role_arn,
                "readerRoleArn": self.reader_role_arn,
                "verifierRoleArn": self.verifier_role_arn,
                "permissionsBoundaryArn": self.permissions_boundary_arn,
                "workloadRoleArns": self.workload_role_arns,
            }
        )

    def _github_provider(self) -> aws.iam.OpenIdConnectProvider:
        return aws.iam.OpenIdConnectProvider(
            "github-oidc-provider",
            url=f"https://{GITHUB_ISSUER}",
            client_id_lists=[STS_AUDIENCE],
            tags={"Name": self._placement.names("github-oidc-provider")},
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _workflow_roles(
        self, name: str, targets: Sequence[str], provider: pulumi.Resource | None, *subjects: str
    ) -> dict[str, aws.iam.Role]:
        """The role of CI workflows, by its physical name; none without subjects.

        It may become the targets, under the same external id as people, and no more.
        """
        if not any(subjects):
            return {}
        trust = workflow_trust(self._placement, subjects)
        purpose = f"Become {' or '.join(target.removesuffix('-role') for target in targets)}"
        role = self._role(f"{name}-role", f"{purpose}, from GitHub Actions", trust, [provider])
        document = iam.document(may_become(self._placement, targets))
        self._attach(role, f"{name}-policy", purpose, document)
        return {self._placement.names(f"{name}-role"): role}

    def _trust(
        self, principals: Sequence[str], external_id: str, workflow_roles: Mapping[str, aws.iam.Role]
    ) -> tuple[str, list[pulumi.Resource]]:
        """Trust in principals and workflows' roles, and what has to exist before anything trusts it."""
        arns = [self._placement.iam_arn(f"role/{name}") for name in workflow_roles]
        return _named_principals([*principals, *arns], external_id), list(workflow_roles.values())

    def _role(
        self, resource_type: str, description: str, trust: str, after: Sequence[pulumi.Resource | None]
    ) -> aws.iam.Role:
        role = aws.iam.Role(
            resource_type,
            name=self._placement.names(resource_type),
            description=description,
            assume_role_policy=trust,
            max_session_duration=SESSION_SECONDS,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[each for each in after if each]),
        )
        self._attachments[resource_type] = (role, [])
        return role

    def _policy(self, resource_type: str, description: str, document: str, path: str = "/") -> aws.iam.Policy:
        return aws.iam.Policy(
            resource_type,
            name=self._placement.names(resource_type),
            path=path,
            description=description,
            policy=document,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _attach(self, role: aws.iam.Role, policy_name: str, description: str, document: str) -> None:
        policy = self._policy(policy_name, description, document)
        attachment = aws.iam.RolePolicyAttachment(
            f"{policy_name}-attachment",
            role=role.name,
            policy_arn=policy.arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
        next(attached for owner, attached in self._attachments.values() if owner is role).append(attachment)


def _permissions(placement: Placement, processors: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """Policy name to description and document: one a subject, since a managed policy has limited room."""
    return {
        "deployer-roles-policy": (
            "Workload roles, to pass them",
            iam.document(*role_permissions(placement, processors)),
        ),
        "deployer-network-policy": ("The private network", iam.document(*network_permissions(placement))),
        "deployer-encryption-policy": (
            "Keys and log groups",
            iam.document(*encryption_permissions(placement)),
        ),
        "deployer-denials-policy": (
            "What notices an attack is not the deployer's",
            iam.document(*denied_to_deployer(placement)),
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
