"""The AWS provider of a stack, locked to its account.

The default provider is disabled in every `Pulumi.yaml`, so that a resource without this provider is an error
rather than a resource in whichever account the shell happens to have credentials for.
"""

import os

import pulumi
import pulumi_aws as aws

from components.configuration import InvalidConfiguration, Mistake
from components.placement import Placement
from components.settings import Identity, Scaling, Settings
from components.stacks import BootstrapIamOutputs

SESSION_DURATION = "1h"
"""A deployment takes minutes; an hour is also the limit when the caller is itself an assumed role.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html (role chaining)
"""

ACCESS_VARIABLE = "STACK_ACCESS"
"""Environment variable: as which role the programs work: `deployer` (the default), `destroyer` or `reader`.

It belongs to whoever runs a program and not to a stack, so it is no setting. Drift detection and the previews
of pull requests set it to `reader`: what they run with can't change anything, whatever the code says.
"""
DEPLOYER, DESTROYER, READER = "deployer", "destroyer", "reader"


def administrator_provider(
    settings: Settings[Identity, Scaling], role_name: str, external_id: str, *, region: str = ""
) -> aws.Provider:
    """The provider that bootstraps an account, or reads what bootstrapped it.

    Args:
        settings: whose account and region it is locked to.
        role_name: role of that account to assume; empty to use the caller's credentials as they are.
        external_id: what the reader role, which this very stack makes, wants named.
        region: another region than the stack's, for what AWS shows in one region alone.
    """
    if _access() == READER:
        placement = Placement.of(settings)
        reader = placement.iam_arn(f"role/{placement.names('reader-role')}")
        return _provider(settings, [_role(settings, reader, external_id)], region)
    role = aws.ProviderAssumeRoleArgs(
        role_arn=f"arn:aws:iam::{settings.identity.account_id}:role/{role_name}",
        session_name=_session_name(settings),
        duration=SESSION_DURATION,
    )
    return _provider(settings, [role] if role_name else [], region)


def deployer_provider(settings: Settings[Identity, Scaling], access: BootstrapIamOutputs) -> aws.Provider:
    """The provider that deploys everything else: as the account's deployer, destroyer or reader role."""
    roles = {
        DEPLOYER: (access.deployer_role_arn, access.deployer_external_id),
        DESTROYER: (access.destroyer_role_arn, access.destroyer_external_id),
        READER: (access.reader_role_arn, access.deployer_external_id),
    }
    return _provider(settings, [_role(settings, *roles[_access()])])


def _role(
    settings: Settings[Identity, Scaling], arn: pulumi.Input[str], external_id: pulumi.Input[str]
) -> aws.ProviderAssumeRoleArgs:
    return aws.ProviderAssumeRoleArgs(
        role_arn=arn,
        external_id=external_id,
        session_name=_session_name(settings),
        duration=SESSION_DURATION,
    )


def _access() -> str:
    access = os.environ.get(ACCESS_VARIABLE) or DEPLOYER
    if access not in (DEPLOYER, DESTROYER, READER):
        allowed, fix = f"{DEPLOYER}, {DESTROYER} or {READER}", "correct the environment variable, or unset it"
        raise InvalidConfiguration(
            "the environment", [Mistake(key=ACCESS_VARIABLE, value=access, allowed=allowed, fix=fix)]
        )
    return access


def _provider(
    settings: Settings[Identity, Scaling], roles: list[aws.ProviderAssumeRoleArgs], region: str = ""
) -> aws.Provider:
    return aws.Provider(
        f"aws-{region}" if region else "aws",
        region=region or settings.identity.region,
        allowed_account_ids=[settings.identity.account_id],
        assume_roles=roles,
        default_tags=aws.ProviderDefaultTagsArgs(tags=settings.tags),
    )


def _session_name(settings: Settings[Identity, Scaling]) -> str:
    """Shows in CloudTrail which stack made a call."""
    return f"pulumi-{settings.project}-{settings.environment}"
