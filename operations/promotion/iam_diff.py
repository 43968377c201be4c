"""Find changes that grant more access, by comparing old and new policy documents.

Wider is: an allowed action, resource or principal that was not allowed before, or under fewer conditions; a
denial that is gone, or has become narrower; a permissions boundary that is gone or another one; a resource
that gives access by existing, and is new; one that limits access, and is gone. What can't be compared, since
it is not known before the deployment, counts as wider. The comparison is on the safe side: it may call two
documents different that AWS would evaluate alike.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from operations.promotion.evidence import Change
from policies.conditions import matches
from policies.documents import Condition, PolicyStatement, Principal, parse
from policies.properties import MalformedPropertyError

_DOCUMENTS = ("policy", "assumeRolePolicy")
"""Properties that hold a policy document, of whatever type of resource."""

_GIVES_NOTHING = frozenset(
    {
        "aws:cloudwatch/dashboard:Dashboard",
        "aws:cloudwatch/logGroup:LogGroup",
        "aws:cloudwatch/logStream:LogStream",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "aws:dynamodb/table:Table",
        "aws:ec2/flowLog:FlowLog",
        "aws:ec2/routeTable:RouteTable",
        "aws:ec2/securityGroup:SecurityGroup",
        "aws:ec2/subnet:Subnet",
        "aws:ec2/vpc:Vpc",
        "aws:iam/policy:Policy",
        "aws:iam/role:Role",
        "aws:kms/alias:Alias",
        "aws:kms/key:Key",
        "aws:lambda/function:Function",
        "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
        "aws:sns/topic:Topic",
        "aws:sns/topicPolicy:TopicPolicy",
        "aws:sqs/queue:Queue",
        "aws:sqs/queuePolicy:QueuePolicy",
        "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
        "aws:sqs/redrivePolicy:RedrivePolicy",
    }
)
"""Types that give nobody access by existing; their documents and the properties below are compared instead.

Every other type of AWS counts as a grant when it is new or becomes another one: subscriptions, function URLs,
permissions, log subscriptions, exports, peerings, rules of security groups, users, access keys, and whatever
AWS adds. That asks too much now and then; a list of grants would miss the one that nobody thought of.
"""

_PROTECTS = frozenset(
    {
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "aws:ec2/vpcSecurityGroupRulesExclusive:VpcSecurityGroupRulesExclusive",
        "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive",
        "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
        "aws:lambda/codeSigningConfig:CodeSigningConfig",
        "aws:route53/resolverFirewallConfig:ResolverFirewallConfig",
        "aws:route53/resolverFirewallRule:ResolverFirewallRule",
        "aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation",
        "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    }
)
"""Types that limit access by existing: being new gives nobody anything, being gone or changed may."""

_REACH: Mapping[str, tuple[str, ...]] = {
    "aws:dynamodb/table:Table": ("replicas", "streamEnabled"),
    "aws:ec2/routeTable:RouteTable": ("routes",),
    "aws:ec2/securityGroup:SecurityGroup": ("ingress", "egress"),
    "aws:ec2/subnet:Subnet": ("mapPublicIpOnLaunch", "assignIpv6AddressOnCreation"),
    "aws:lambda/function:Function": ("layers",),
}
"""Properties that open a way into or out of a resource: any other value counts as wider."""

_CONFINES: Mapping[str, tuple[str, ...]] = {"aws:lambda/function:Function": ("role", "vpcConfig")}
"""Properties that confine a resource: another value counts as wider, and so does none."""

_MEANS_NOTHING = frozenset(
    {
        "batchSize",
        "description",
        "maximumBatchingWindowInSeconds",
        "scalingConfig",
        "tags",
        "tagsAll",
        "__defaults",
    }
)
"""Properties of a grant that do not change what it grants."""

_LISTS = ("managedPolicyArns", "inlinePolicies")

_LITERAL = frozenset({"stringequals", "ipaddress"})
"""Operators of which fewer values match less."""

_PATTERNS = frozenset({"stringlike", "arnequals", "arnlike"})
"""Operators of which fewer values match less, and a value may be a pattern."""

_LEFT_TO_THE_DEPLOYMENT = "is not known before the deployment, so it can't be compared"


def widenings(change: Change) -> tuple[str, ...]:
    """Return a line per way in which a change grants more access, without the resource's name."""
    if change.operation in ("delete", "delete-replaced"):
        return (*_lost_denials(change), *_lost_protection(change))
    found = [line for name in _DOCUMENTS for line in _document(change, name)]
    found += _boundary(change)
    found += _reach(change)
    if change.type in _PROTECTS:
        found += _changed_protection(change)
    elif change.type.startswith("aws:") and change.type not in _GIVES_NOTHING:
        found += _grant(change)
    for name in _LISTS:
        found += [
            f"{name}: {_short(value)} is new"
            for value in change.after.get(name) or ()
            if value not in (change.before.get(name) or ())
        ]
    return tuple(found)


def _grant(change: Change) -> Iterator[str]:
    if not change.before:
        yield "gives access by existing, and is new"
    elif _meaning(change.before) != _meaning(change.after):
        yield "gives access by existing, and changes"


def _reach(change: Change) -> Iterator[str]:
    for name in _REACH.get(change.type, ()):
        before, after = change.before.get(name), change.after.get(name)
        if before != after and (before or after):
            yield f"{name}: {_short(after)} in place of {_short(before)}"
    for name in _CONFINES.get(change.type, ()):
        before, after = change.before.get(name), change.after.get(name)
        if before != after if change.before else change.operation == "create" and not after:
            yield f"{name}: {_short(after)} in place of {_short(before)}"


def _changed_protection(change: Change) -> Iterator[str]:
    if change.before and _meaning(change.before) != _meaning(change.after):
        yield "limits access by existing, and changes"


def _lost_protection(change: Change) -> Iterator[str]:
    if change.type in _PROTECTS:
        yield "limits access by existing, and is gone"


def _meaning(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if name not in _MEANS_NOTHING}


def _boundary(change: Change) -> Iterator[str]:
    before, after = change.before.get("permissionsBoundary"), change.after.get("permissionsBoundary")
    if before and not after:
        yield f"permissionsBoundary: {before} is gone"
    elif before and before != after:
        yield f"permissionsBoundary: {after} in place of {before}"


def _lost_denials(change: Change) -> Iterator[str]:
    """A deleted policy allows nothing any more; but what it denied may now be allowed by another."""
    for name in _DOCUMENTS:
        try:
            denials = _having(_parsed(change.before.get(name), name), allows=False)
        except MalformedPropertyError:
            yield f"{name}: can't be read, so what it denied is not known"
            continue
        for statement in denials:
            yield f"{name}: the denial in {statement.label} is gone"


def _document(change: Change, name: str) -> Iterator[str]:
    before, after = change.before.get(name), change.after.get(name)
    if _same(before, after):
        return
    try:
        old, new = _parsed(before, name), _parsed(after, name)
    except MalformedPropertyError:
        yield f"{name}: {_LEFT_TO_THE_DEPLOYMENT}"
        return
    allowed, denied = _having(old, allows=True), _having(old, allows=False)
    for statement, atom in _uncovered(_having(new, allows=True), allowed):
        yield f"{name}: {statement.label} allows {atom}"
    for statement, atom in _uncovered(denied, _having(new, allows=False)):
        yield f"{name}: {statement.label} denies {atom} no longer"


def _same(before: Any, after: Any) -> bool:
    return bool(before == after)


def _parsed(document: Any, name: str) -> list[PolicyStatement]:
    if isinstance(document, Mapping):
        document = json.dumps(document)
    return parse(document, name)


def _having(statements: Sequence[PolicyStatement], *, allows: bool) -> list[PolicyStatement]:
    return [statement for statement in statements if statement.allows is allows]


def _uncovered(
    narrow: Sequence[PolicyStatement], broad: Sequence[PolicyStatement]
) -> Iterator[tuple[PolicyStatement, str]]:
    """The parts of `narrow` (one action, one resource, one principal) that no statement of `broad` covers."""
    for statement in narrow:
        for part in _parts(statement):
            if not any(_covers(other, part) for other in broad):
                yield statement, _words(part)


def _parts(statement: PolicyStatement) -> Iterator[PolicyStatement]:
    for action, resource, principal in product(
        statement.actions or (None,), statement.resources or (None,), statement.principals or (None,)
    ):
        yield PolicyStatement(
            label=statement.label,
            allows=statement.allows,
            actions=(action,) if action is not None else (),
            not_actions=statement.not_actions,
            resources=(resource,) if resource is not None else (),
            not_resources=statement.not_resources,
            principals=(principal,) if principal is not None else (),
            not_principals=statement.not_principals,
            conditions=statement.conditions,
        )


def _covers(broad: PolicyStatement, part: PolicyStatement) -> bool:
    """Whether all that `part` is about, `broad` is about too."""
    return (
        _within(part.actions, part.not_actions, broad.actions, broad.not_actions)
        and _within(part.resources, part.not_resources, broad.resources, broad.not_resources)
        and _principals_within(part, broad)
        and all(any(_narrower(mine, theirs) for mine in part.conditions) for theirs in broad.conditions)
    )


def _within(
    part: Sequence[str], part_excluded: Sequence[str], broad: Sequence[str], broad_excluded: Sequence[str]
) -> bool:
    if part_excluded or broad_excluded:  # everything but these: more left out is narrower
        return not part and not broad and set(part_excluded) >= set(broad_excluded)
    return (not part and not broad) or any(_contains(pattern, part[0]) for pattern in broad if part)


def _contains(pattern: str, value: str) -> bool:
    """Whether all that matches `value`, itself a pattern, matches `pattern`."""
    if pattern in ("*", value):
        return True
    # A `?` would match the `*` of the value as if that were one character.
    return not ("?" in pattern and "*" in value) and matches(pattern, value)


def _principals_within(part: PolicyStatement, broad: PolicyStatement) -> bool:
    if part.not_principals or broad.not_principals:
        return set(part.not_principals) >= set(broad.not_principals) and not (
            part.principals or broad.principals
        )
    if not part.principals and not broad.principals:
        return True
    return any(_is(principal, mine) for principal in broad.principals for mine in part.principals)


def _is(broad: Principal, mine: Principal) -> bool:
    return broad == mine or broad.value == "*"


def _narrower(mine: Condition, theirs: Condition) -> bool:
    """Whether a request that meets `mine` meets `theirs`."""
    if (mine.operator, mine.key) != (theirs.operator, theirs.key):
        return False
    if mine.operator in _PATTERNS:
        return all(any(_contains(value, own) for value in theirs.values) for own in mine.values)
    if mine.operator in _LITERAL:
        return set(mine.values) <= set(theirs.values)
    return set(mine.values) == set(theirs.values)


def _words(part: PolicyStatement) -> str:
    said = [part.actions[0] if part.actions else f"everything but {', '.join(part.not_actions)}"]
    if part.resources or part.not_resources:
        said.append(
            "on " + (part.resources[0] if part.resources else f"all but {', '.join(part.not_resources)}")
        )
    if part.principals:
        said.append(f"to {part.principals[0].value}")
    elif part.not_principals:
        said.append(f"to all but {', '.join(principal.value for principal in part.not_principals)}")
    if part.conditions:
        said.append(
            "if " + " and ".join(f"{c.operator} {c.key} {', '.join(c.values)}" for c in part.conditions)
        )
    return " ".join(said)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= 120 else text[:117] + "..."
