"""The deployer's way into the account of an environment."""

from pathlib import Path

import pulumi

from components.deployer_access import DeployerAccess, DeployerAccessArgs, People, Subscribers
from components.placement import Placement
from components.project_settings import BootstrapIamIdentity, BootstrapIamScaling
from components.promotion import enforce_promotion_gate
from components.provider import administrator_provider
from components.security_watch import SecurityWatch, SecurityWatchArgs
from components.security_watch.events import GLOBAL_REGION
from components.settings import load
from components.stacks import BootstrapIamOutputs

settings = load(BootstrapIamIdentity, BootstrapIamScaling, project_directory=Path(__file__).parent)
standing = enforce_promotion_gate(settings, Path(__file__).parent)
provider = administrator_provider(
    settings, settings.identity.administrator_role, settings.identity.external_id
)
access = DeployerAccess(
    "deployer-access",
    DeployerAccessArgs(
        placement=Placement.of(settings),
        deployers=People(
            principals=settings.identity.deployer_principals, external_id=settings.identity.external_id
        ),
        destroyers=People(
            principals=settings.identity.destroyer_principals,
            external_id=settings.identity.destroyer_external_id,
            mfa=settings.identity.people_need_mfa,
        ),
        operators=People(
            principals=settings.identity.operator_principals,
            external_id=settings.identity.operator_external_id,
            mfa=settings.identity.people_need_mfa,
        ),
        subscribers=Subscribers(
            email_domains=settings.identity.email_domains,
            account_ids=settings.identity.subscriber_account_ids,
        ),
        github_subject=settings.identity.github_subject,
        reader_principals=settings.identity.reader_principals,
        github_reader_subjects=settings.identity.github_reader_subjects,
        processors=settings.identity.processors,
        network=settings.identity.declared_network,
    ),
    opts=pulumi.ResourceOptions(provider=provider),
)
if settings.identity.security_emails:
    SecurityWatch(
        "security-watch",
        SecurityWatchArgs(
            placement=Placement.of(settings),
            emails=settings.identity.security_emails,
            watched_roles=["operator-role"],
            global_provider=administrator_provider(
                settings,
                settings.identity.administrator_role,
                settings.identity.external_id,
                region=GLOBAL_REGION,
            ),
        ),
        opts=pulumi.ResourceOptions(provider=provider),
    )
BootstrapIamOutputs(
    account_id=settings.identity.account_id,
    deployer_role_arn=access.deployer_role_arn,
    destroyer_role_arn=access.destroyer_role_arn,
    operator_role_arn=access.operator_role_arn,
    reader_role_arn=access.reader_role_arn,
    verifier_role_arn=access.verifier_role_arn,
    deployer_external_id=settings.identity.external_id,
    destroyer_external_id=settings.identity.destroyer_external_id,
    operator_external_id=settings.identity.operator_external_id,
    permissions_boundary_arn=access.permissions_boundary_arn,
    workload_role_arns=access.workload_role_arns,
    configuration_digest=settings.configuration_digest,
    **standing.as_stack_outputs(),
).export()
