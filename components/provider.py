"""The AWS provider of a stack, locked to its account.

The default provider is disabled in every `Pulumi.yaml`, so that a resource without this provider is an error
rather than a resource in whichever account the shell happens to have credentials for.
"""

import pulumi_aws as aws

from components.settings import Identity, Scaling, Settings
from components.stacks import BootstrapIamOutputs

SESSION_DURATION = "1h"
"""A deployment takes minutes; an hour is also the limit when the caller is itself an assumed role.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html (role chaining)
"""


def administrator_provider(settings: Settings[Identity, Scaling], role_name: str) -> aws.Provider:
    """The provider that bootstraps an account.

    Args:
        settings: whose account and region it is locked to.
        role_name: role of that account to assume; empty to use the caller's credentials as they are.
    """
    role = aws.ProviderAssumeRoleArgs(
        role_arn=f"arn:aws:iam::{settings.identity.account_id}:role/{role_name}",
        session_name=_session_name(settings),
        duration=SESSION_DURATION,
    )
    return _provider(settings, [role] if role_name else [])


def deployer_provider(settings: Settings[Identity, Scaling], access: BootstrapIamOutputs) -> aws.Provider:
    """The provider that deploys everything else, as the account's deployer role."""
    role = aws.ProviderAssumeRoleArgs(
        role_arn=access.deployer_role_arn,
        external_id=access.deployer_external_id,
        session_name=_session_name(settings),
        duration=SESSION_DURATION,
    )
    return _provider(settings, [role])


def _provider(settings: Settings[Identity, Scaling], roles: list[aws.ProviderAssumeRoleArgs]) -> aws.Provider:
    return aws.Provider(
        "aws",
        region=settings.identity.region,
        allowed_account_ids=[settings.identity.account_id],
        assume_roles=roles,
        default_tags=aws.ProviderDefaultTagsArgs(tags=settings.tags),
    )


def _session_name(settings: Settings[Identity, Scaling]) -> str:
    """Shows in CloudTrail which stack made a call."""
    return f"pulumi-{settings.project}-{settings.environment}"
