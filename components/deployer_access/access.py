"""The DeployerAccess component: who may change an environment, who may look at it, and the limit of both.

    engineers ────────────────────────┐ external id
    GitHub Actions → pipeline role ───┼──┬→ deployer role ──updates, and passes the workload roles
                                      │  └→ verifier role ──sends synthetic payments, and removes them
    owners ───────────────────────────┼───→ destroyer role ─creates, opens and deletes what holds payments
    operators ────────────────────────┼───→ operator role ──reads payments, redrives dead letters
    readers ──────────────────────────┤
    GitHub Actions → reader-pipeline ─┴───→ reader role ──sees the configuration, and changes nothing

No role of these creates a role or changes a policy of one. Pipelines become deployer, verifier or reader, and
neither destroyer nor operator. The component is deployed once per account with administrator credentials,
before anything else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pulumi
import pulumi_aws as aws

from components import iam
from components.declared_network import DeclaredNetwork
from components.deployer_access.boundary import workload_boundary
from components.deployer_access.data_permissions import data_permissions, key_permissions
from components.deployer_access.encryption_permissions import encryption_permissions
from components.deployer_access.inventory_permissions import inventory_permissions
from components.deployer_access.network_permissions import network_founding_permissions, network_permissions
from components.deployer_access.operator_permissions import operator_permissions
from components.deployer_access.payments_permissions import payments_permissions
from components.deployer_access.pipeline import GITHUB_ISSUER, STS_AUDIENCE, may_become, workflow_trust
from components.deployer_access.processor_parts import ProcessorParts
from components.deployer_access.reader_permissions import reader_permissions
from components.deployer_access.role_permissions import role_permissions
from components.deployer_access.subscribers import Subscribers
from components.deployer_access.trust import named_principals
from components.deployer_access.verifier_permissions import verifier_permissions
from components.exclusive_policies import exclusive_policies
from components.placement import Placement
from components.security_watch.watch import denied_to_deployer
from components.workload_roles import WorkloadRoles

SESSION_SECONDS = 3600
"""IAM's shortest maximum session: a deployment takes minutes, and leaked credentials die within the hour."""


@dataclass(frozen=True, kw_only=True)
class People:
    """Principals that assume a role, and what they must show."""

    principals: Sequence[str]
    """ARNs of roles and users, in full."""
    external_id: str
    mfa: bool = False
    """Whether they must have authenticated with a second factor."""


@dataclass(frozen=True, kw_only=True)
class DeployerAccessArgs:
    """Who may deploy, destroy, operate and look, and how they prove it."""

    placement: Placement
    deployers: People
    destroyers: People
    operators: People
    subscribers: Subscribers
    processors: Sequence[str]
    """Names of the environment's payment processors."""
    network: DeclaredNetwork | None = None
    """Network that functions are confined to; None for any VPC."""
    github_subject: str = ""
    """OIDC subject of the GitHub workflow that may deploy; empty for none."""
    reader_principals: Sequence[str] = ()
    """ARNs of roles and users that may look and do nothing else; all others may look as well."""
    github_reader_subjects: Sequence[str] = ()
    """OIDC subjects of the GitHub workflows that may look."""


class DeployerAccess(pulumi.ComponentResource):
    """Roles that may do to this environment what projects and scripts do, and cannot raise themselves."""

    deployer_role_arn: pulumi.Output[str]
    destroyer_role_arn: pulumi.Output[str]
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
        self._parts = ProcessorParts(placement=args.placement, processors=args.processors)
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
        placement, parts = self._placement, self._parts
        updates = self._deployer_policies(args)
        self.deployer_role_arn = self._people_role(
            "deployer-role",
            "Updates the network and payments projects",
            _together(args.deployers, args.destroyers.principals),
            updates,
            workflow_roles=pipeline,
        )
        self.destroyer_role_arn = self._people_role(
            "destroyer-role",
            "Creates, opens and deletes what holds payments",
            args.destroyers,
            {**updates, **self._destroyer_policies()},
        )
        self.operator_role_arn = self._people_role(
            "operator-role",
            "Reads payments and redrives dead letters",
            args.operators,
            self._policies(
                {"operator-policy": ("Payments and dead letters", operator_permissions(placement, parts))}
            ),
            session_name=f"operations-{placement.names.environment}-?*",
        )
        # Whoever deploys verifies what they deployed, a destroyer's first deployment included.
        self.verifier_role_arn = self._people_role(
            "verifier-role",
            "Sends synthetic payments and removes them",
            _together(args.deployers, args.destroyers.principals),
            self._policies(
                {"verifier-policy": ("Synthetic payments", verifier_permissions(placement, parts))}
            ),
            workflow_roles=pipeline,
        )
        everyone = [
            *args.destroyers.principals,
            *args.operators.principals,
            *args.reader_principals,
        ]
        self.reader_role_arn = self._people_role(
            "reader-role",
            "Looks for drift, and previews",
            _together(args.deployers, everyone),
            self._policies(
                {
                    "reader-policy": ("Configuration of all projects", reader_permissions(placement)),
                    "reader-inventory-policy": (
                        "Lists of what no stack manages",
                        inventory_permissions(placement),
                    ),
                }
            ),
            workflow_roles=reader_pipeline,
        )
        for resource_type, (role, attachments) in self._attachments.items():
            exclusive_policies(resource_type, role, attachments, pulumi.ResourceOptions(parent=self))
        self.permissions_boundary_arn = boundary.arn
        self.workload_role_arns = workloads.arns
        self.register_outputs(
            {
                "deployerRoleArn": self.deployer_role_arn,
                "destroyerRoleArn": self.destroyer_role_arn,
                "operatorRoleArn": self.operator_role_arn,
                "readerRoleArn": self.reader_role_arn,
                "verifierRoleArn": self.verifier_role_arn,
                "permissionsBoundaryArn": self.permissions_boundary_arn,
                "workloadRoleArns": self.workload_role_arns,
            }
        )

    def _deployer_policies(self, args: DeployerAccessArgs) -> dict[str, aws.iam.Policy]:
        """Policies of an ordinary update: one per subject, since a managed policy has limited room."""
        placement = self._placement
        subjects = {
            "deployer-roles-policy": (
                "Workload roles, to pass them",
                role_permissions(placement, args.processors),
            ),
            "deployer-network-policy": ("The private network", network_permissions(placement)),
            "deployer-encryption-policy": ("Keys and log groups", encryption_permissions(placement)),
            "deployer-denials-policy": (
                "What notices an attack is not the deployer's",
                denied_to_deployer(placement),
            ),
            "deployer-payments-policy": (
                "The payment processors",
                payments_permissions(placement, self._parts, args.subscribers, args.network),
            ),
        }
        return self._policies(subjects)

    def _destroyer_policies(self) -> dict[str, aws.iam.Policy]:
        """Policies of what the deployer may not do."""
        placement = self._placement
        subjects = {
            "destroyer-data-policy": (
                "What holds payments and evidence",
                data_permissions(placement, self._parts),
            ),
            "destroyer-keys-policy": ("Keys and their policies", key_permissions(placement)),
            "destroyer-network-policy": ("The VPC itself", network_founding_permissions(placement)),
        }
        return self._policies(subjects)

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
        policies = self._policies({f"{name}-policy": (purpose, [may_become(self._placement, targets)])})
        self._attach(f"{name}-role", policies)
        return {self._placement.names(f"{name}-role"): role}

    def _people_role(
        self,
        resource_type: str,
        description: str,
        people: People,
        policies: Mapping[str, aws.iam.Policy],
        *,
        workflow_roles: Mapping[str, aws.iam.Role] | None = None,
        session_name: str = "",
    ) -> pulumi.Output[str]:
        """Make a role that people, and the given workflows' roles, assume; return its ARN."""
        workflows = workflow_roles or {}
        arns = [self._placement.iam_arn(f"role/{name}") for name in workflows]
        trust = named_principals(
            list(dict.fromkeys([*people.principals, *arns])),
            people.external_id,
            session_name=session_name,
            mfa=people.mfa,
        )
        role = self._role(resource_type, description, trust, list(workflows.values()))
        self._attach(resource_type, policies)
        return role.arn

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

    def _policies(
        self, subjects: Mapping[str, tuple[str, Sequence[iam.Statement]]]
    ) -> dict[str, aws.iam.Policy]:
        """Make policies of names to descriptions and statements."""
        return {
            name: self._policy(name, description, iam.document(*statements))
            for name, (description, statements) in subjects.items()
        }

    def _policy(self, resource_type: str, description: str, document: str, path: str = "/") -> aws.iam.Policy:
        return aws.iam.Policy(
            resource_type,
            name=self._placement.names(resource_type),
            path=path,
            description=description,
            policy=document,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _attach(self, resource_type: str, policies: Mapping[str, aws.iam.Policy]) -> None:
        """Attach policies to a role. The destroyer has those of the deployer, too."""
        role, attachments = self._attachments[resource_type]
        owner = resource_type.removesuffix("-role")
        for name, policy in policies.items():
            label = name if name.startswith(owner) else f"{owner}-{name}"
            attachments.append(
                aws.iam.RolePolicyAttachment(
                    f"{label}-attachment",
                    role=role.name,
                    policy_arn=policy.arn,
                    opts=pulumi.ResourceOptions(parent=self),
                )
            )


def _together(deployers: People, others: Sequence[str]) -> People:
    """The deployers and others, each once, under the deployers' external id."""
    return replace(deployers, principals=[*deployers.principals, *others], mfa=False)
