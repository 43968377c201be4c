"""Ring 2: everything else of the services in use, what is named or tagged like the environment's first."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from operations.drift.report import Severity
from operations.drift.unmanaged.account import Account
from operations.drift.unmanaged.foreign import Foreign, aws
from operations.drift.unmanaged.managed import Managed


class _Sort(NamedTuple):
    kind: str
    service: str
    operation: str
    member: str
    """Of the answer; a list of names or of descriptions."""
    name: Callable[[Any], str]
    """The name or ARN in a description."""
    types: tuple[str, ...]
    """The types that manage it."""
    identity: tuple[str, ...]
    """Their properties that hold that name or ARN."""
    undo: tuple[str, str]
    """The CLI's operation and its option that takes the name."""
    parameters: tuple[tuple[str, str], ...] = ()


_PATHS_OF_AWS = ("/aws-service-role/", "/aws-reserved/")


def _key(name: str) -> Callable[[Any], str]:
    return lambda found: str(found[name])


def _itself(found: Any) -> str:
    return str(found)


_SORTS = (
    _Sort(
        "function",
        "lambda",
        "list_functions",
        "Functions",
        _key("FunctionName"),
        ("aws:lambda/function:Function",),
        ("name",),
        ("delete-function", "function_name"),
    ),
    _Sort(
        "table",
        "dynamodb",
        "list_tables",
        "TableNames",
        _itself,
        ("aws:dynamodb/table:Table",),
        ("name",),
        ("delete-table", "table_name"),
    ),
    _Sort(
        "queue",
        "sqs",
        "list_queues",
        "QueueUrls",
        _itself,
        ("aws:sqs/queue:Queue",),
        ("url",),
        ("delete-queue", "queue_url"),
    ),
    _Sort(
        "topic",
        "sns",
        "list_topics",
        "Topics",
        _key("TopicArn"),
        ("aws:sns/topic:Topic",),
        ("arn",),
        ("delete-topic", "topic_arn"),
    ),
    _Sort(
        "role",
        "iam",
        "list_roles",
        "Roles",
        _key("RoleName"),
        ("aws:iam/role:Role",),
        ("name",),
        ("delete-role", "role_name"),
    ),
    _Sort(
        "policy",
        "iam",
        "list_policies",
        "Policies",
        _key("Arn"),
        ("aws:iam/policy:Policy",),
        ("arn",),
        ("delete-policy", "policy_arn"),
        (("Scope", "Local"),),
    ),
    _Sort(
        "user",
        "iam",
        "list_users",
        "Users",
        _key("UserName"),
        ("aws:iam/user:User",),
        ("name",),
        ("delete-user", "user_name"),
    ),
    _Sort(
        "identityProvider",
        "iam",
        "list_open_id_connect_providers",
        "OpenIDConnectProviderList",
        _key("Arn"),
        ("aws:iam/openIdConnectProvider:OpenIdConnectProvider",),
        ("arn",),
        ("delete-open-id-connect-provider", "open_id_connect_provider_arn"),
    ),
    _Sort(
        "samlProvider",
        "iam",
        "list_saml_providers",
        "SAMLProviderList",
        _key("Arn"),
        ("aws:iam/samlProvider:SamlProvider",),
        ("arn",),
        ("delete-saml-provider", "saml_provider_arn"),
    ),
    _Sort(
        "logGroup",
        "logs",
        "describe_log_groups",
        "logGroups",
        _key("logGroupName"),
        ("aws:cloudwatch/logGroup:LogGroup",),
        ("name",),
        ("delete-log-group", "log_group_name"),
    ),
    _Sort(
        "alarm",
        "cloudwatch",
        "describe_alarms",
        "MetricAlarms",
        _key("AlarmName"),
        ("aws:cloudwatch/metricAlarm:MetricAlarm",),
        ("name",),
        ("delete-alarms", "alarm_names"),
    ),
    _Sort(
        "vpc",
        "ec2",
        "describe_vpcs",
        "Vpcs",
        _key("VpcId"),
        ("aws:ec2/vpc:Vpc",),
        (),
        ("delete-vpc", "vpc_id"),
    ),
)
"""What each service lists."""

_ALWAYS_ACCESS = frozenset({"user", "identityProvider", "samlProvider"})
"""Kinds that let somebody in, whatever they are called."""


def inventory(account: Account, managed: Managed, region: str, name_end: str) -> Iterator[Foreign]:
    """Yield what the services in use hold and no stack does.

    Args:
        account: the account to ask.
        managed: what the stacks hold.
        region: for the commands that remove something.
        name_end: how names of the environment end: `-prod-acme`.
    """
    for sort in _SORTS:
        own = {value for type_ in sort.types for value in managed.values(type_, *sort.identity)}
        listed = account.list(sort.service, sort.operation, sort.member, **dict(sort.parameters))
        for each in listed:
            name = sort.name(each)
            if name in own or _of_aws(sort.kind, each):
                continue
            operation, option = sort.undo
            resembles = name.endswith(name_end) or _tagged(each, name_end)
            yield Foreign(
                arn=_arn(each, name),
                kind=sort.kind,
                value=name,
                undo=aws(sort.service, operation, region if sort.service != "iam" else "", **{option: name}),
                severity=Severity.CRITICAL
                if sort.kind in _ALWAYS_ACCESS
                else Severity.HIGH
                if resembles
                else Severity.LOW,
            )


def _arn(found: Any, name: str) -> str:
    if isinstance(found, dict):
        for key in ("Arn", "FunctionArn", "TopicArn", "AlarmArn", "arn"):
            if found.get(key):
                return str(found[key])
    return name


def _tagged(found: Any, name_end: str) -> bool:
    listed = found.get("Tags") if isinstance(found, dict) else None
    tags = {tag["Key"]: tag["Value"] for tag in listed} if isinstance(listed, list) else {}
    return name_end == f"-{tags.get('Environment')}-{tags.get('EnvironmentSuffix')}"


def _of_aws(kind: str, found: Any) -> bool:
    """Service-linked and organisation roles, and the default VPC."""
    if kind == "role":
        path = str(found.get("Path", ""))
        return path.startswith(_PATHS_OF_AWS) or found["RoleName"] == "OrganizationAccountAccessRole"
    return kind == "vpc" and bool(found.get("IsDefault"))
