"""Says how to undo one finding of the engine's checks, and nothing else.

What `up` can undo is undone by an update of that one resource, after a refresh. For the rest the remedy is
the API call, as the AWS CLI spells it. No remedy is a plain refresh, which would take the difference into
the state, and none rewrites a stack file.
"""

import json
import shlex
from collections.abc import Callable, Mapping
from typing import Any

from operations.drift.compare import Difference
from operations.drift.engine import Seen, Step
from operations.drift.report import Kind
from operations.engine.failure import StackName

UNDO = "Undo it"
"""Every remedy that is a command has this, a colon and the command at its end."""


def deploy(name: StackName, resource: str, *, refresh: bool) -> str:
    """Return the command that updates one resource of a stack."""
    options = f"{' --refresh' if refresh else ''} --target {shlex.quote(resource)}"
    return f"python scripts/deploy.py up --env {name.environment} --project {name.project}{options}"


def undo_in_account(name: StackName, step: Step, difference: Difference) -> str:
    """Return how to make an account what the program asks for again."""
    property_name = difference.path.partition("[")[0].partition(".")[0]
    call = _CALLS.get((step.type, property_name))
    seen = step.new or step.old
    command = call(seen, difference) if call is not None and seen is not None else None
    if command is not None:
        account = _account(seen) if seen else ""
        return f"{UNDO}{f' in account {account}' if account else ''}: {command}"
    if difference.kind is Kind.MISSING and not difference.path:
        return f"It is gone. {UNDO}: {deploy(name, step.name, refresh=True)}"
    return f"To keep it, change the program and deploy. {UNDO}: {deploy(name, step.name, refresh=True)}"


def undo_in_code(name: StackName, step: Step, difference: Difference) -> str:
    """Return how to make a state and its account what the program asks for."""
    update = deploy(name, step.name, refresh=False)
    if difference.path.startswith("ttl") and (call := _switch_off_time_to_live(step.old, difference)):
        # AWS refuses the update while another attribute is in use.
        return f"{UNDO}: {call} && {deploy(name, step.name, refresh=True)}"
    if "replace" in step.operation:
        return f"Change the code back. Or replace the resource: {update}"
    if difference.path:
        return f"Change the code or the stack file back. Or deploy it: {update}"
    if difference.kind is Kind.MISSING:
        return f"Put it back into the code. Or delete it: {update}"
    return f"Deploy it: {update}"


def _aws(seen: Seen, service: str, operation: str, *, regional: bool = True, **options: Any) -> str:
    """An AWS CLI command; what is no text is passed as JSON."""
    words = ["aws", service, operation]
    if regional and (region := _region(seen)):
        options["region"] = region
    for name, value in options.items():
        words += [
            f"--{name.replace('_', '-')}",
            value if isinstance(value, str) else json.dumps(value, sort_keys=True),
        ]
    return shlex.join(words)


def _delete_inline_policy(seen: Seen, found: Difference) -> str | None:
    policy = found.target
    if found.kind is not Kind.EXTRA or not isinstance(policy, Mapping):
        return None
    return _aws(
        seen,
        "iam",
        "delete-role-policy",
        regional=False,
        role_name=_output(seen, "name"),
        policy_name=str(policy.get("name")),
    )


def _detach_policy(seen: Seen, found: Difference) -> str | None:
    if found.kind is not Kind.EXTRA:
        return None
    return _aws(
        seen,
        "iam",
        "detach-role-policy",
        regional=False,
        role_name=_output(seen, "name"),
        policy_arn=str(found.target),
    )


def _revoke(direction: str) -> Callable[[Seen, Difference], str | None]:
    def command(seen: Seen, found: Difference) -> str | None:
        rule = found.target
        if found.kind is not Kind.EXTRA or not isinstance(rule, Mapping):
            return None
        group = _output(seen, "id")
        return _aws(
            seen,
            "ec2",
            f"revoke-security-group-{direction}",
            group_id=group,
            ip_permissions=[_permission(rule, group)],
        )

    return command


def _permission(rule: Mapping[str, Any], group: str) -> dict[str, Any]:
    """A rule as EC2's API takes it."""
    source = str(rule.get("source"))
    permission: dict[str, Any] = {"IpProtocol": str(rule.get("protocol"))}
    if permission["IpProtocol"] != "-1":
        permission |= {"FromPort": rule.get("fromPort"), "ToPort": rule.get("toPort")}
    if source == "self" or source.startswith("sg-"):
        permission["UserIdGroupPairs"] = [{"GroupId": group if source == "self" else source}]
    elif source.startswith("pl-"):
        permission["PrefixListIds"] = [{"PrefixListId": source}]
    elif ":" in source:
        permission["Ipv6Ranges"] = [{"CidrIpv6": source}]
    else:
        permission["IpRanges"] = [{"CidrIp": source}]
    return permission


def _switch_off_time_to_live(seen: Seen | None, _found: Difference) -> str | None:
    time_to_live = seen.outputs.get("ttl") if seen else None
    if seen is None or not isinstance(time_to_live, Mapping) or not time_to_live.get("enabled"):
        return None
    return _aws(  # `up` would name the program's attribute, and AWS refuses any but the one in use
        seen,
        "dynamodb",
        "update-time-to-live",
        table_name=_output(seen, "name"),
        time_to_live_specification={"AttributeName": time_to_live.get("attributeName"), "Enabled": False},
    )


def _associate_dhcp_options(seen: Seen, found: Difference) -> str:
    return _aws(
        seen,
        "ec2",
        "associate-dhcp-options",
        dhcp_options_id=str(found.baseline),
        vpc_id=_output(seen, "id"),
    )


def _keep_key(seen: Seen, found: Difference) -> str | None:
    """A key that is about to be deleted is kept, since another one decrypts nothing of what is there."""
    if found.kind is not Kind.MISSING or found.path:
        return None
    key = _output(seen, "keyId") or _output(seen, "id")
    cancel = _aws(seen, "kms", "cancel-key-deletion", key_id=key)
    return f"{cancel} && {_aws(seen, 'kms', 'enable-key', key_id=key)}"


_PARTS_BEFORE_RESOURCE = 5
"""Parts of an ARN that stand before the resource: `arn`, partition, service, region, account."""

_CALLS: Mapping[tuple[str, str], Callable[[Seen, Difference], str | None]] = {
    ("aws:dynamodb/table:Table", "ttl"): _switch_off_time_to_live,
    ("aws:ec2/securityGroup:SecurityGroup", "egress"): _revoke("egress"),
    ("aws:ec2/securityGroup:SecurityGroup", "ingress"): _revoke("ingress"),
    ("aws:ec2/vpc:Vpc", "dhcpOptionsId"): _associate_dhcp_options,
    ("aws:iam/role:Role", "inlinePolicies"): _delete_inline_policy,
    ("aws:iam/role:Role", "managedPolicyArns"): _detach_policy,
    ("aws:kms/key:Key", ""): _keep_key,
}
"""Type and property to the API call that undoes a change, where an update of that resource does not."""


def _output(seen: Seen, name: str) -> str:
    value = seen.outputs.get(name)
    return "" if value is None else str(value)


def _arn(seen: Seen) -> list[str]:
    parts = _output(seen, "arn").split(":")
    return parts if len(parts) > _PARTS_BEFORE_RESOURCE else []


def _account(seen: Seen) -> str:
    return parts[4] if (parts := _arn(seen)) else _output(seen, "ownerId")


def _region(seen: Seen) -> str:
    return parts[3] if (parts := _arn(seen)) and parts[3] else _output(seen, "region")
