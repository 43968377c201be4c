"""EC2 security group rules, one resource a rule."""

from collections.abc import Iterable
from typing import Any

from typing_extensions import override

from sandbox.provider.account import Account
from sandbox.provider.resource import Resource, given, tag_map
from sandbox.provider.resources.ec2 import Ec2Resource
from sandbox.provider.resources.security_groups import RULE_TEXT
from sandbox.provider.resources.vpc import network
from sandbox.provider.schema import Kind, Property, between, described, matching
from sandbox.provider.wire import Properties

_ENDS = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")


class _Rule(Ec2Resource):
    """One rule of a security group."""

    kind = "security-group-rule"
    egress: bool
    absent = frozenset(
        {"InvalidSecurityGroupRuleId.NotFound", "InvalidPermission.NotFound", "InvalidGroup.NotFound"}
    )
    taken = frozenset({"InvalidPermission.Duplicate"})
    properties = described(
        securityGroupId=Property(required=True, replaces=True),
        ipProtocol=Property(required=True),
        fromPort=Property(kind=Kind.INTEGER, rule=between(-1, 65_535)),
        toPort=Property(kind=Kind.INTEGER, rule=between(-1, 65_535)),
        cidrIpv4=Property(rule=network),
        cidrIpv6=Property(),
        prefixListId=Property(),
        referencedSecurityGroupId=Property(),
        description=Property(rule=matching(RULE_TEXT, 0, 255, "invalid characters")),
        arn=Property(output=True),
        securityGroupRuleId=Property(output=True),
    )

    @override
    def create(self, aws: Account, new: Properties) -> str:
        ec2 = aws.client("ec2")
        authorize = (
            ec2.authorize_security_group_egress if self.egress else ec2.authorize_security_group_ingress
        )
        answer = authorize(
            GroupId=new["securityGroupId"],
            IpPermissions=[_permission(new)],
            TagSpecifications=self.tagged(new),
        )
        return str(answer["SecurityGroupRules"][0]["SecurityGroupRuleId"])

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        rules = aws.client("ec2").describe_security_group_rules(SecurityGroupRuleIds=[resource_id])
        rule: dict[str, Any] | None = next(iter(rules["SecurityGroupRules"]), None)
        if rule is None or bool(rule["IsEgress"]) != self.egress:
            return None
        anything = rule["IpProtocol"] == "-1"
        return {
            "arn": aws.arn("ec2", f"security-group-rule/{resource_id}"),
            "securityGroupRuleId": resource_id,
            "securityGroupId": rule["GroupId"],
            "ipProtocol": rule["IpProtocol"],
            "fromPort": None if anything else rule.get("FromPort"),
            "toPort": None if anything else rule.get("ToPort"),
            "cidrIpv4": rule.get("CidrIpv4"),
            "cidrIpv6": rule.get("CidrIpv6"),
            "prefixListId": rule.get("PrefixListId"),
            "referencedSecurityGroupId": (rule.get("ReferencedGroupInfo") or {}).get("GroupId"),
            "description": rule.get("Description") or None,
            "tagsAll": tag_map(rule.get("Tags", [])),
        }

    @override
    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        rule = {
            "IpProtocol": new["ipProtocol"],
            **_ports(new),
            **given(
                CidrIpv4=new.get("cidrIpv4"),
                CidrIpv6=new.get("cidrIpv6"),
                PrefixListId=new.get("prefixListId"),
                ReferencedGroupId=new.get("referencedSecurityGroupId"),
            ),
            "Description": new.get("description") or "",
        }
        aws.client("ec2").modify_security_group_rules(
            GroupId=new["securityGroupId"],
            SecurityGroupRules=[{"SecurityGroupRuleId": resource_id, "SecurityGroupRule": rule}],
        )

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        ec2 = aws.client("ec2")
        revoke = ec2.revoke_security_group_egress if self.egress else ec2.revoke_security_group_ingress
        revoke(GroupId=state["securityGroupId"], SecurityGroupRuleIds=[resource_id])

    @override
    def forced(self, old: Properties, new: Properties) -> Iterable[str]:
        # AWS modifies a rule's far end, but not what sort of end it is.
        return [name for name in _ENDS if bool(old.get(name)) != bool(new.get(name))]

    @override
    def failures(self, new: Properties) -> Iterable[tuple[str, str]]:
        if sum(1 for name in _ENDS if new.get(name)) != 1:
            yield "cidrIpv4", f"exactly one of {', '.join(_ENDS)} must be set"
        if new["ipProtocol"] not in ("-1", "icmp", "icmpv6") and new.get("fromPort") is None:
            yield "fromPort", f"required for the protocol {new['ipProtocol']}"


def _ports(new: Properties) -> dict[str, object]:
    return given(FromPort=new.get("fromPort"), ToPort=new.get("toPort"))


def _permission(new: Properties) -> dict[str, Any]:
    description = given(Description=new.get("description") or None)
    permission: dict[str, Any] = {"IpProtocol": new["ipProtocol"], **_ports(new)}
    if new.get("cidrIpv4"):
        permission["IpRanges"] = [{"CidrIp": new["cidrIpv4"], **description}]
    if new.get("cidrIpv6"):
        permission["Ipv6Ranges"] = [{"CidrIpv6": new["cidrIpv6"], **description}]
    if new.get("prefixListId"):
        permission["PrefixListIds"] = [{"PrefixListId": new["prefixListId"], **description}]
    if new.get("referencedSecurityGroupId"):
        permission["UserIdGroupPairs"] = [{"GroupId": new["referencedSecurityGroupId"], **description}]
    return permission


class SecurityGroupIngressRule(_Rule):
    """What may come in."""

    urn_type = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    noun = "VPC Security Group Ingress Rule"
    egress = False


class SecurityGroupEgressRule(_Rule):
    """What may go out."""

    urn_type = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
    noun = "VPC Security Group Egress Rule"
    egress = True


RESOURCES: tuple[Resource, ...] = (SecurityGroupIngressRule(), SecurityGroupEgressRule())
