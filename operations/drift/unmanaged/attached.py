"""Ring 1: what somebody attached to the functions, data, keys and roles of the stacks."""

import json
from collections.abc import Iterator
from typing import Any

from operations.drift.report import Severity
from operations.drift.unmanaged.account import Account
from operations.drift.unmanaged.foreign import Foreign, aws
from operations.drift.unmanaged.managed import Held, Managed

_NO_FUNCTION_PART = ("ResourceNotFoundException", "404")
_SERVICE = ".amazonaws.com"


def attached(account: Account, managed: Managed, region: str) -> Iterator[Foreign]:
    """Yield what is attached to managed resources and in no stack."""
    for question in (_functions, _tables, _queues, _topics, _keys, _roles, _log_groups):
        yield from question(account, managed, region)


def _functions(account: Account, managed: Managed, region: str) -> Iterator[Foreign]:
    mappings = managed.values("aws:lambda/eventSourceMapping:EventSourceMapping", "uuid")
    permissions = managed.values("aws:lambda/permission:Permission", "statementId")
    aliases = managed.pairs("aws:lambda/alias:Alias", "functionName", "name")
    for function in managed.of("aws:lambda/function:Function"):
        name, arn = str(function["name"]), str(function["arn"])
        listed = account.list("lambda", "list_aliases", "Aliases", FunctionName=name)
        for alias in listed:
            if not {(name, alias["Name"]), (arn, alias["Name"])} & aliases:
                undo = aws("lambda", "delete-alias", region, function_name=name, name=alias["Name"])
                yield _of(function, "alias", alias["AliasArn"], alias["FunctionVersion"], undo)
        for qualifier in [None, *(alias["Name"] for alias in listed)]:
            yield from _entrances(account, function, qualifier, permissions, region)
        for mapping in account.list(
            "lambda", "list_event_source_mappings", "EventSourceMappings", FunctionName=name
        ):
            if mapping["UUID"] not in mappings:
                undo = aws("lambda", "delete-event-source-mapping", region, uuid=mapping["UUID"])
                source = mapping.get("EventSourceArn", "")
                yield _of(function, "eventSourceMapping", f"{arn}/{mapping['UUID']}", source, undo)


def _entrances(
    account: Account, function: Held, qualifier: str | None, permissions: set[str], region: str
) -> Iterator[Foreign]:
    """Who may invoke a function, or one of its aliases."""
    name = str(function["name"])
    given = {"FunctionName": name} | ({"Qualifier": qualifier} if qualifier else {})
    options = {"function_name": name} | ({"qualifier": qualifier} if qualifier else {})
    suffix = f":{qualifier}" if qualifier else ""
    answer = account.ask("lambda", "get_policy", absent=_NO_FUNCTION_PART, **given)
    for statement in _statements((answer or {}).get("Policy")):
        if str(statement.get("Resource", "")).endswith(f"{name}{suffix}") and (
            statement.get("Sid") not in permissions
        ):
            sid = str(statement.get("Sid"))
            undo = aws("lambda", "remove-permission", region, statement_id=sid, **options)
            yield _of(function, "permission", f"{function['arn']}{suffix}/{sid}", statement, undo)
    url = account.ask("lambda", "get_function_url_config", absent=_NO_FUNCTION_PART, **given)
    if url and url["FunctionArn"].endswith(f"{name}{suffix}"):
        undo = aws("lambda", "delete-function-url-config", region, **options)
        yield _of(function, "functionUrl", f"{function['arn']}{suffix}/url", url["AuthType"], undo)


def _tables(account: Account, managed: Managed, region: str) -> Iterator[Foreign]:
    policies = managed.values("aws:dynamodb/resourcePolicy:ResourcePolicy", "resourceArn")
    for table in managed.of("aws:dynamodb/table:Table"):
        arn = str(table["arn"])
        if arn in policies:
            continue
        answer = account.ask(
            "dynamodb",
            "get_resource_policy",
            absent=("PolicyNotFoundException", "ResourceNotFoundException"),
            ResourceArn=arn,
        )
        if answer and answer.get("Policy"):
            undo = aws("dynamodb", "delete-resource-policy", region, resource_arn=arn)
            yield _of(table, "resourcePolicy", f"{arn}/policy", json.loads(answer["Policy"]), undo)


def _queues(account: Account, managed: Managed, region: str) -> Iterator[Foreign]:
    policies = managed.values("aws:sqs/queuePolicy:QueuePolicy", "queueUrl")
    own = managed.values("aws:sqs/queue:Queue", "url")
    gone = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
    for queue in managed.of("aws:sqs/queue:Queue"):
        url, arn = str(queue["url"] or queue.id), str(queue["arn"])
        if url not in policies and not queue.resource.inputs.get("policy"):
            answer = account.ask(
                "sqs", "get_queue_attributes", absent=gone, QueueUrl=url, AttributeNames=["Policy"]
            )
            if policy := ((answer or {}).get("Attributes") or {}).get("Policy"):
                undo = aws("sqs", "set-queue-attributes", region, queue_url=url, attributes={"Policy": ""})
                yield _of(queue, "policy", f"{arn}/policy", json.loads(policy), undo)
        sources = account.list(
            "sqs", "list_dead_letter_source_queues", "queueUrls", absent=gone, QueueUrl=url
        )
        for source in sources:
            if source not in own:
                undo = aws(
                    "sqs", "set-queue-attributes", region, queue_url=source, attributes={"RedrivePolicy": ""}
                )
                yield _of(queue, "deadLetterSource", f"{arn}/{source}", source, undo)


def _topics(account: Account, managed: Managed, region: str) -> Iterator[Foreign]:
    type_ = "aws:sns/topicSubscription:TopicSubscription"
    subscriptions = managed.values(type_, "arn")
    endpoints = managed.pairs(type_, "topic", "protocol", "endpoint")
    for topic in managed.of("aws:sns/topic:Topic"):
        arn = str(topic["arn"])
        for each in account.list(
            "sns", "list_subscriptions_by_topic", "Subscriptions", absent=("NotFound",), TopicArn=arn
        ):
            confirmed = each["SubscriptionArn"].startswith("arn:")
            # Before it is confirmed, a subscription has no ARN.
            if each["SubscriptionArn"] in subscriptions or (
                not confirmed and (arn, each["Protocol"], each["Endpoint"]) in endpoints
            ):
                continue
            undo = aws("sns", "unsubscribe", region, subscription_arn=each["SubscriptionArn"])
            value = {"protocol": each["Protocol"], "endpoint": each["Endpoint"]}
            place = each["SubscriptionArn"] if confirmed else f"{arn}/{each['Endpoint']}"
            yield _of(topic, "subscription", place, value, undo)


def _keys(account: Account, managed: Managed, region: str) -> Iterator[Foreign]:
    aliases = managed.values("aws:kms/alias:Alias", "name")
    grants = managed.values("aws:kms/grant:Grant", "grantId")
    owners = managed.values("aws:lambda/function:Function", "arn") | managed.values(
        "aws:dynamodb/table:Table", "name"
    )
    for key in managed.of("aws:kms/key:Key"):
        key_id, arn = str(key["keyId"] or key.id), str(key["arn"])
        for grant in account.list("kms", "list_grants", "Grants", absent=("NotFoundException",), KeyId=arn):
            if grant["GrantId"] not in grants and not _made_for(grant, owners):
                undo = aws("kms", "revoke-grant", region, key_id=key_id, grant_id=grant["GrantId"])
                value = {"grantee": grant.get("GranteePrincipal"), "operations": grant.get("Operations")}
                yield _of(key, "grant", f"{arn}/{grant['GrantId']}", value, undo)
        for alias in account.list("kms", "list_aliases", "Aliases", KeyId=key_id):
            if alias["AliasName"] not in aliases:
                undo = aws("kms", "delete-alias", region, alias_name=alias["AliasName"])
                yield _of(key, "alias", alias["AliasArn"], alias["AliasName"], undo, severity=Severity.MEDIUM)


def _made_for(grant: dict[str, Any], owners: set[str]) -> bool:
    """Whether an AWS service made a grant for a managed function or table."""
    if any(str(grant.get(name, "")).endswith(_SERVICE) for name in ("GranteePrincipal", "RetiringPrincipal")):
        return True
    constraints = grant.get("Constraints") or {}
    contexts = [constraints.get(f"EncryptionContext{kind}") or {} for kind in ("Equals", "Subset")]
    return any(
        context.get(name) in owners
        for context in contexts
        for name in ("aws:lambda:FunctionArn", "aws:dynamodb:tableName")
    )


def _roles(account: Account, managed: Managed, _region: str) -> Iterator[Foreign]:
    for role in managed.of("aws:iam/role:Role"):
        name = str(role["name"])
        for each in account.list(
            "iam",
            "list_instance_profiles_for_role",
            "InstanceProfiles",
            absent=("NoSuchEntity",),
            RoleName=name,
        ):
            undo = aws(
                "iam",
                "remove-role-from-instance-profile",
                instance_profile_name=each["InstanceProfileName"],
                role_name=name,
            )
            yield _of(role, "instanceProfile", each["Arn"], each["InstanceProfileName"], undo)
    roles = {str(role["name"]) for role in managed.of("aws:iam/role:Role")}
    for policy in managed.of("aws:iam/policy:Policy"):
        arn = str(policy["arn"])
        answer = account.ask("iam", "list_entities_for_policy", absent=("NoSuchEntity",), PolicyArn=arn) or {}
        for sort in ("User", "Group", "Role"):
            for entity in answer.get(f"Policy{sort}s") or []:
                holder = entity[f"{sort}Name"]
                if sort == "Role" and holder in roles:
                    continue  # the check `cloud` compares the policies of these
                options = {f"{sort.lower()}_name": holder, "policy_arn": arn}
                undo = aws("iam", f"detach-{sort.lower()}-policy", **options)
                yield _of(policy, "attachedTo", f"{arn}/{sort.lower()}/{holder}", holder, undo)


def _log_groups(account: Account, managed: Managed, region: str) -> Iterator[Foreign]:
    own = managed.pairs("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", "logGroup", "name")
    for group in managed.of("aws:cloudwatch/logGroup:LogGroup"):
        name = str(group["name"])
        for each in account.list(
            "logs",
            "describe_subscription_filters",
            "subscriptionFilters",
            absent=("ResourceNotFoundException",),
            logGroupName=name,
        ):
            if (name, each["filterName"]) not in own:
                undo = aws(
                    "logs",
                    "delete-subscription-filter",
                    region,
                    log_group_name=name,
                    filter_name=each["filterName"],
                )
                place = f"{group['arn']}/{each['filterName']}"
                yield _of(group, "subscriptionFilter", place, each["destinationArn"], undo)


def _of(
    owner: Held, kind: str, arn: str, value: Any, undo: str, *, severity: Severity = Severity.CRITICAL
) -> Foreign:
    return Foreign(arn=arn, kind=kind, value=value, undo=undo, owner=owner, severity=severity)


def _statements(policy: str | None) -> list[dict[str, Any]]:
    found = json.loads(policy).get("Statement", []) if policy else []
    return found if isinstance(found, list) else [found]
