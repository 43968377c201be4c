"""Summarize who may do what, and what is encrypted with which key, from the deployed policy documents."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from policies.document_locations import IDENTITY, RESOURCE, ROLE
from policies.documents import Condition, PolicyStatement, statements
from policies.properties import MalformedPropertyError, Props, UnknownPropertyError
from policies.resource import CheckedResource

ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
KEY = "aws:kms/key:Key"
KEY_PROPERTIES: Mapping[str, str] = {
    "aws:cloudwatch/logGroup:LogGroup": "kmsKeyId",
    "aws:dynamodb/table:Table": "serverSideEncryption",
    "aws:lambda/function:Function": "kmsKeyArn",
    "aws:sns/topic:Topic": "kmsMasterKeyId",
    "aws:sqs/queue:Queue": "kmsMasterKeyId",
}
"""Type that stores data to the property that names its KMS key."""


def roles(resources: Sequence[CheckedResource]) -> list[dict[str, Any]]:
    """Return each role with the principals it trusts and what its policies allow and deny, by name."""
    policies = {
        str(item.props.get("arn")): item for item in resources if item.type == "aws:iam/policy:Policy"
    }
    return [_role(role, policies, resources) for role in _by_name(resources) if role.type == ROLE]


def resource_policies(resources: Sequence[CheckedResource]) -> list[dict[str, Any]]:
    """Return each resource policy with the principals that it allows and denies."""
    return [
        {"resource": item.name, "type": item.type, **_grants(item.props, RESOURCE[item.type])}
        for item in _by_name(resources)
        if item.type in RESOURCE and item.props.get(RESOURCE[item.type])
    ]


def encryption(resources: Sequence[CheckedResource]) -> list[dict[str, Any]]:
    """Return each resource that stores data with its key; None where no KMS key of the account is named."""
    return [
        {"resource": item.name, "type": item.type, "key": _key_of(item.props, KEY_PROPERTIES[item.type])}
        for item in _by_name(resources)
        if item.type in KEY_PROPERTIES
    ]


def keys(resources: Sequence[CheckedResource]) -> list[dict[str, Any]]:
    """Return each KMS key with its rotation (days) and deletion window (days)."""
    return [
        {
            "resource": item.name,
            "arn": item.props.get("arn"),
            "rotates": item.props.get("enableKeyRotation") is True,
            "rotationDays": item.props.get("rotationPeriodInDays"),
            "deletionWindowDays": item.props.get("deletionWindowInDays"),
            "multiRegion": item.props.get("multiRegion") is True,
        }
        for item in _by_name(resources)
        if item.type == KEY
    ]


def _by_name(resources: Iterable[CheckedResource]) -> list[CheckedResource]:
    return sorted(resources, key=lambda item: (item.name, item.urn))


def _role(
    role: CheckedResource, policies: Mapping[str, CheckedResource], resources: Sequence[CheckedResource]
) -> dict[str, Any]:
    named = {role.props.get("name"), role.props.get("id"), role.props.get("arn")} - {None}
    documents = [
        (str(inline.get("name")), inline, "policy")
        for inline in role.props.get("inlinePolicies") or ()
        if isinstance(inline, Mapping) and inline.get("policy")
    ]
    documents += [
        (item.name, item.props, IDENTITY[ROLE_POLICY])
        for item in _by_name(resources)
        if item.type == ROLE_POLICY and item.props.get("role") in named
    ]
    attached = [
        str(item.props.get("policyArn"))
        for item in _by_name(resources)
        if item.type == ATTACHMENT and item.props.get("role") in named
    ]
    documents += [(policies[arn].name, policies[arn].props, "policy") for arn in attached if arn in policies]
    return {
        "role": role.props.get("name") or role.name,
        "boundary": role.props.get("permissionsBoundary") or None,
        "maximumSessionSeconds": role.props.get("maxSessionDuration"),
        "trust": _grants(role.props, "assumeRolePolicy"),
        "policies": [{"policy": name, **_grants(props, key)} for name, props, key in documents],
        "policiesOfOthers": [arn for arn in attached if arn not in policies],
    }


def _grants(props: Props, key: str) -> dict[str, Any]:
    try:
        parsed = statements(props, key)
    except (MalformedPropertyError, UnknownPropertyError) as problem:
        return {"statements": [], "unreadable": str(problem)}
    return {"statements": [_statement(statement) for statement in parsed], "unreadable": None}


def _statement(statement: PolicyStatement) -> dict[str, Any]:
    named = {
        "principals": [f"{item.kind}: {item.value}" for item in statement.principals],
        "notPrincipals": [f"{item.kind}: {item.value}" for item in statement.not_principals],
        "actions": list(statement.actions),
        "notActions": list(statement.not_actions),
        "resources": list(statement.resources),
        "notResources": list(statement.not_resources),
        "conditions": list(_conditions(statement.conditions)),
    }
    return {
        "label": statement.label,
        "effect": "Allow" if statement.allows else "Deny",
        **{name: values for name, values in named.items() if values},
    }


def _conditions(conditions: Iterable[Condition]) -> Iterator[str]:
    for condition in conditions:
        yield f"{condition.operator} {condition.key} = {', '.join(condition.values)}"


def _key_of(props: Props, name: str) -> str | None:
    value = props.get(name)
    if isinstance(value, Mapping):
        value = value.get("kmsKeyArn") if value.get("enabled") else None
    return str(value) if value else None
