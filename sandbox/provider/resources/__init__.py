"""The resource types, one AWS service, or a part of it, a file."""

from collections.abc import Mapping

from sandbox.provider.errors import ProviderError
from sandbox.provider.resource import Resource
from sandbox.provider.resources import (
    cloudwatch,
    dynamodb,
    exclusive,
    iam,
    iam_open_id_connect,
    iam_policies,
    kms,
    lambda_,
    lambda_invocation,
    logs,
    route_tables,
    security_group_rules,
    security_groups,
    sns,
    sns_subscriptions,
    sqs,
    vpc,
    vpc_endpoints,
)

_MODULES = (
    cloudwatch,
    dynamodb,
    exclusive,
    iam,
    iam_open_id_connect,
    iam_policies,
    kms,
    lambda_,
    lambda_invocation,
    logs,
    route_tables,
    security_group_rules,
    security_groups,
    sns,
    sns_subscriptions,
    sqs,
    vpc,
    vpc_endpoints,
)

RESOURCES: Mapping[str, Resource] = {each.urn_type: each for module in _MODULES for each in module.RESOURCES}
"""Every resource type by its token."""


def resource_of(token: str) -> Resource:
    """The resource type of a token. Raises ProviderError for a type that the sandbox has not."""
    found = RESOURCES.get(token)
    if found is None:
        raise ProviderError(
            f"the sandbox does not implement the resource type {token}; it implements "
            + ", ".join(sorted(RESOURCES))
        )
    return found
