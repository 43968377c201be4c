"""EC2 security groups."""

from collections.abc import Iterable
from typing import Any

from typing_extensions import override

from sandbox.provider.account import Account
from sandbox.provider.errors import ProviderError
from sandbox.provider.resource import Resource, given, tag_list, tag_map
from sandbox.provider.resources.ec2 import Ec2Resource
from sandbox.provider.schema import Kind, Property, described, matching
from sandbox.provider.wire import Properties

RULE_TEXT = r"[0-9A-Za-z_ .:/()#,@\[\]+=&;{}!$*-]*"
_INLINE = {
    "protocol": Property(required=True),
    "fromPort": Property(kind=Kind.INTEGER, required=True),
    "toPort": Property(kind=Kind.INTEGER, required=True),
    "cidrBlocks": Property(kind=Kind.STRINGS, unordered=True),
    "ipv6CidrBlocks": Property(kind=Kind.STRINGS, unordered=True),
    "prefixListIds": Property(kind=Kind.STRINGS, unordered=True),
    "securityGroups": Property(kind=Kind.STRINGS, unordered=True),
    "self": Property(kind=Kind.BOOLEAN, default=False),
    "description": Property(),
}


def _inline_rules(permissions: list[dict[str, Any]], group: str) -> list[Properties]:
    return [
        given(
            protocol=each["IpProtocol"],
            fromPort=each.get("FromPort", 0),
            toPort=each.get("ToPort", 0),
            cidrBlocks=[block["CidrIp"] for block in each.get("IpRanges", [])] or None,
            ipv6CidrBlocks=[block["CidrIpv6"] for block in each.get("Ipv6Ranges", [])] or None,
            prefixListIds=[prefix["PrefixListId"] for prefix in each.get("PrefixListIds", [])] or None,
            securityGroups=[
                pair["GroupId"] for pair in each.get("UserIdGroupPairs", []) if pair["GroupId"] != group
            ]
            or None,
            self=any(pair["GroupId"] == group for pair in each.get("UserIdGroupPairs", [])),
        )
        for each in permissions
    ]


def _revoke_all(aws: Account, group: dict[str, Any]) -> None:
    ec2 = aws.client("ec2")
    if group.get("IpPermissions"):
        ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=group["IpPermissions"])
    if group.get("IpPermissionsEgress"):
        ec2.revoke_security_group_egress(GroupId=group["GroupId"], IpPermissions=group["IpPermissionsEgress"])


# The rule that AWS gives a new group.
_EVERYWHERE = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


def _is_everywhere(permission: dict[str, Any]) -> bool:
    blocks = [each["CidrIp"] for each in permission.get("IpRanges", [])]
    return permission["IpProtocol"] == "-1" and "0.0.0.0/0" in blocks


def _group(aws: Account, group_id: str) -> dict[str, Any]:
    found: dict[str, Any] = aws.client("ec2").describe_security_groups(GroupIds=[group_id])["SecurityGroups"][
        0
    ]
    return found


def _state(aws: Account, group: dict[str, Any]) -> Properties:
    return {
        "arn": aws.arn("ec2", f"security-group/{group['GroupId']}"),
        "name": group["GroupName"],
        "description": group["Description"],
        "vpcId": group["VpcId"],
        "ownerId": group["OwnerId"],
        "ingress": _inline_rules(group.get("IpPermissions", []), group["GroupId"]),
        "egress": _inline_rules(group.get("IpPermissionsEgress", []), group["GroupId"]),
        "tagsAll": tag_map(group.get("Tags", [])),
    }


class SecurityGroup(Ec2Resource):
    """A security group, without the egress rule to everywhere that AWS gives a new one, like its plugin."""

    urn_type = "aws:ec2/securityGroup:SecurityGroup"
    noun = "Security Group"
    kind = "security-group"
    naming = "name"
    absent = frozenset({"InvalidGroup.NotFound", "InvalidGroupId.Malformed"})
    taken = frozenset({"InvalidGroup.Duplicate"})
    properties = described(
        name=Property(replaces=True, rule=matching(r"(?!sg-).*", 1, 255, "cannot begin with sg-")),
        description=Property(
            default="Managed by Pulumi",
            replaces=True,
            rule=matching(RULE_TEXT, 0, 255, "invalid characters"),
        ),
        vpcId=Property(computed=True, replaces=True),
        revokeRulesOnDelete=Property(kind=Kind.BOOLEAN, default=False, local=True),
        # Rules are resources of their own; those written on the group itself are not implemented.
        ingress=Property(kind=Kind.BLOCKS, output=True, fields=_INLINE),
        egress=Property(kind=Kind.BLOCKS, output=True, fields=_INLINE),
        arn=Property(output=True),
        ownerId=Property(output=True),
    )

    @override
    def create(self, aws: Account, new: Properties) -> str:
        answer = aws.client("ec2").create_security_group(
            GroupName=new["name"],
            Description=new["description"],
            TagSpecifications=self.tagged(new),
            **given(VpcId=new.get("vpcId")),
        )
        group = str(answer["GroupId"])
        try:
            aws.client("ec2").revoke_security_group_egress(GroupId=group, IpPermissions=[_EVERYWHERE])
        except Exception:  # no property tells of the rule, so no later update would remove it: start again
            aws.client("ec2").delete_security_group(GroupId=group)
            raise
        return group

    @override
    def complete(self, aws: Account, resource_id: str, new: Properties) -> None:
        # Only after taking over a group is there still something to remove.
        if any(_is_everywhere(each) for each in _group(aws, resource_id).get("IpPermissionsEgress", [])):
            aws.client("ec2").revoke_security_group_egress(GroupId=resource_id, IpPermissions=[_EVERYWHERE])

    @override
    def candidates(self, aws: Account, new: Properties) -> Iterable[str]:
        filters = [
            {"Name": "group-name", "Values": [new["name"]]},
            {"Name": "vpc-id", "Values": [new["vpcId"]]},
        ]
        groups = aws.client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
        return [group["GroupId"] for group in groups]

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        return _state(aws, _group(aws, resource_id))

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        if state.get("revokeRulesOnDelete"):
            _revoke_all(aws, _group(aws, resource_id))
        aws.client("ec2").delete_security_group(GroupId=resource_id)


class DefaultSecurityGroup(Ec2Resource):
    """The group that AWS gives every VPC: taken over and emptied, never created or deleted."""

    urn_type = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
    noun = "Default Security Group"
    kind = "security-group"
    absent = frozenset({"InvalidGroup.NotFound"})
    properties = described(
        vpcId=Property(required=True, replaces=True),
        revokeRulesOnDelete=Property(kind=Kind.BOOLEAN, default=False, local=True),
        name=Property(output=True),
        description=Property(output=True),
        ingress=Property(kind=Kind.BLOCKS, unordered=True, fields=_INLINE),
        egress=Property(kind=Kind.BLOCKS, unordered=True, fields=_INLINE),
        arn=Property(output=True),
        ownerId=Property(output=True),
    )

    @override
    def create(self, aws: Account, new: Properties) -> str:
        filters = [
            {"Name": "vpc-id", "Values": [new["vpcId"]]},
            {"Name": "group-name", "Values": ["default"]},
        ]
        groups = aws.client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
        if not groups:
            raise ProviderError(f"Default Security Group not found: the VPC {new['vpcId']} has none")
        return str(groups[0]["GroupId"])

    @override
    def complete(self, aws: Account, resource_id: str, new: Properties) -> None:
        self._empty(aws, resource_id)
        if new["tagsAll"]:
            aws.client("ec2").create_tags(Resources=[resource_id], Tags=tag_list(new["tagsAll"]))

    @override
    def candidates(self, aws: Account, new: Properties) -> Iterable[str]:
        return ()  # creating it is finding it

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        return _state(aws, _group(aws, resource_id))

    @override
    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        self._empty(aws, resource_id)

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        """AWS deletes it with its VPC."""

    @override
    def failures(self, new: Properties) -> Iterable[tuple[str, str]]:
        for name in ("ingress", "egress"):
            if new.get(name):
                yield name, "the sandbox only empties the default security group: leave out its rules"

    @staticmethod
    def _empty(aws: Account, resource_id: str) -> None:
        _revoke_all(aws, _group(aws, resource_id))


RESOURCES: tuple[Resource, ...] = (SecurityGroup(), DefaultSecurityGroup())
