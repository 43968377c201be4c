"""What a resource shows though another resource of the stack manages it, such as a queue the policy on it.

The state of a queue is written before its policy is attached, so the account always shows more than the
state. That is no drift. What nobody in the stack manages is: a policy that somebody attached by hand, a rule
that somebody added to a security group. The engine itself calls such a resource unchanged.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from operations.drift.engine import Step

_SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"


SETS: Mapping[str, str] = {
    "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive": "roleName",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": "roleName",
    "aws:ec2/vpcSecurityGroupRulesExclusive:VpcSecurityGroupRulesExclusive": "securityGroupId",
}
"""Types that own a whole set of another resource, and their input that names it.

What is in such a set shows at the resource itself, with its content.
"""


class _Companion(NamedTuple):
    type: str
    of: str
    """Its input that says whose companion it is."""
    holds: str | None = None
    """Its input that is a member of the list; None where it holds all of the property."""


_COMPANIONS: Mapping[tuple[str, str], _Companion] = {
    ("aws:sqs/queue:Queue", "policy"): _Companion("aws:sqs/queuePolicy:QueuePolicy", "queueUrl"),
    ("aws:sqs/queue:Queue", "redrivePolicy"): _Companion("aws:sqs/redrivePolicy:RedrivePolicy", "queueUrl"),
    ("aws:sqs/queue:Queue", "redriveAllowPolicy"): _Companion(
        "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", "queueUrl"
    ),
    ("aws:sns/topic:Topic", "policy"): _Companion("aws:sns/topicPolicy:TopicPolicy", "arn"),
    ("aws:kms/key:Key", "policy"): _Companion("aws:kms/keyPolicy:KeyPolicy", "keyId"),
    ("aws:iam/role:Role", "inlinePolicies"): _Companion("aws:iam/rolePolicy:RolePolicy", "role", "name"),
    ("aws:iam/role:Role", "managedPolicyArns"): _Companion(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "role", "policyArn"
    ),
}
_RULES = {
    "ingress": "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "egress": "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
}
_SOURCES = {
    "cidrBlocks": "cidrIpv4",
    "ipv6CidrBlocks": "cidrIpv6",
    "prefixListIds": "prefixListId",
    "securityGroups": "referencedSecurityGroupId",
}
"""Where a security group lists what a rule of its own has one of."""


class Companions:
    """The resources of a stack that manage a part of another one."""

    def __init__(self, steps: Iterable[Step], inputs: Callable[[Step], Mapping[str, Any]]) -> None:
        """Args:
        steps: the steps of a refresh.
        inputs: returns what the program asks for as a resource's inputs.
        """
        self._by_type: dict[str, list[Mapping[str, Any]]] = {}
        wanted = {companion.type for companion in _COMPANIONS.values()} | set(_RULES.values())
        for step in steps:
            if step.type in wanted and step.old is not None:
                self._by_type.setdefault(step.type, []).append(inputs(step))

    def apart(self, step: Step, outputs: Mapping[str, Any]) -> dict[str, Any]:
        """A resource's outputs without what its companions manage."""
        found = dict(outputs)
        own = {str(outputs.get(name)) for name in ("id", "arn", "url", "name", "keyId") if outputs.get(name)}
        for (type_, name), companion in _COMPANIONS.items():
            if type_ != step.type or name not in found:
                continue
            managing = [
                inputs for inputs in self._by_type.get(companion.type, []) if inputs.get(companion.of) in own
            ]
            if companion.holds is not None and isinstance(found[name], list):
                held = [inputs.get(companion.holds) for inputs in managing]
                found[name] = [item for item in found[name] if _member(item, companion.holds) not in held]
            elif managing:
                del found[name]
        if step.type == _SECURITY_GROUP and step.old is not None:
            for name in _RULES.keys() & found.keys() - step.old.inputs.keys():
                found[name] = self._unmanaged_rules(name, found[name], own)
        return found

    def _unmanaged_rules(self, name: str, listed: Sequence[Any], own: set[str]) -> list[dict[str, Any]]:
        managed = [
            {
                "protocol": str(inputs.get("ipProtocol")),
                "fromPort": inputs.get("fromPort"),
                "toPort": inputs.get("toPort"),
                "source": inputs.get(key),
            }
            for inputs in self._by_type.get(_RULES[name], [])
            if inputs.get("securityGroupId") in own
            for key in _SOURCES.values()
            if inputs.get(key)
        ]
        return [rule for each in listed for rule in _rules(each) if rule not in managed]


def _member(item: Any, name: str) -> Any:
    """What the input `name` of a companion stands for in the list: an item, or the item of that name."""
    return item.get(name) if isinstance(item, Mapping) else item


def _rules(listed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """An entry of a security group's list, a rule for each of its sources."""
    sources = [source for key in _SOURCES for source in listed.get(key) or ()]
    return [
        {
            "protocol": str(listed.get("protocol")),
            "fromPort": listed.get("fromPort"),
            "toPort": listed.get("toPort"),
            "source": source,
        }
        for source in [*sources, *(["self"] if listed.get("self") else [])]
    ]
