"""EC2 networks: VPCs and subnets."""

import ipaddress
from collections.abc import Iterable
from typing import Any

from typing_extensions import override

from sandbox.provider.account import Account
from sandbox.provider.resource import Resource, given, tag_map
from sandbox.provider.resources.ec2 import Ec2Resource
from sandbox.provider.schema import Kind, Property, described, one_of
from sandbox.provider.wire import Properties, Value


def network(value: Value) -> str | None:
    """The text is an IPv4 network in CIDR notation, without host bits."""
    try:
        ipaddress.IPv4Network(value)
    except ValueError as error:
        return f'"{value}" is not a valid CIDR block: {error}'
    return None


def block(value: Value) -> str | None:
    """The text is an IPv4 network of the size that a VPC or subnet may have.

    https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
    """
    wrong = network(value)
    if wrong is None and not 16 <= ipaddress.IPv4Network(value).prefixlen <= 28:
        wrong = f'expected "{value}" to contain a network Value with between 16 and 28 significant bits'
    return wrong


class Vpc(Ec2Resource):
    """A network, with the default security group, route table and access list that AWS gives it."""

    urn_type = "aws:ec2/vpc:Vpc"
    noun = "EC2 VPC"
    kind = "vpc"
    absent = frozenset({"InvalidVpcID.NotFound"})
    properties = described(
        cidrBlock=Property(required=True, replaces=True, rule=block),
        enableDnsHostnames=Property(kind=Kind.BOOLEAN, computed=True),
        enableDnsSupport=Property(kind=Kind.BOOLEAN, default=True),
        enableNetworkAddressUsageMetrics=Property(kind=Kind.BOOLEAN, computed=True),
        instanceTenancy=Property(default="default", rule=one_of("default", "dedicated")),
        arn=Property(output=True),
        defaultNetworkAclId=Property(output=True),
        defaultRouteTableId=Property(output=True),
        defaultSecurityGroupId=Property(output=True),
        dhcpOptionsId=Property(output=True),
        mainRouteTableId=Property(output=True),
        ownerId=Property(output=True),
    )
    _ATTRIBUTES = ("enableDnsSupport", "enableDnsHostnames", "enableNetworkAddressUsageMetrics")

    @override
    def create(self, aws: Account, new: Properties) -> str:
        answer = aws.client("ec2").create_vpc(
            CidrBlock=new["cidrBlock"],
            InstanceTenancy=new["instanceTenancy"],
            TagSpecifications=self.tagged(new),
        )
        return str(answer["Vpc"]["VpcId"])

    @override
    def complete(self, aws: Account, resource_id: str, new: Properties) -> None:
        # What AWS gives a new VPC: DNS resolution on, the others off.
        usual = {
            "enableDnsSupport": True,
            "enableDnsHostnames": False,
            "enableNetworkAddressUsageMetrics": False,
        }
        self._set(
            aws,
            resource_id,
            [name for name in self._ATTRIBUTES if new.get(name, usual[name]) != usual[name]],
            new,
        )

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        ec2 = aws.client("ec2")
        vpc = ec2.describe_vpcs(VpcIds=[resource_id])["Vpcs"][0]
        here = [{"Name": "vpc-id", "Values": [resource_id]}]
        groups = ec2.describe_security_groups(Filters=[*here, {"Name": "group-name", "Values": ["default"]}])
        tables = ec2.describe_route_tables(Filters=[*here, {"Name": "association.main", "Values": ["true"]}])
        lists = ec2.describe_network_acls(Filters=[*here, {"Name": "default", "Values": ["true"]}])
        main = tables["RouteTables"][0]["RouteTableId"] if tables["RouteTables"] else None
        return {
            "arn": aws.arn("ec2", f"vpc/{resource_id}"),
            "cidrBlock": vpc["CidrBlock"],
            "instanceTenancy": vpc.get("InstanceTenancy", "default"),
            "ownerId": vpc.get("OwnerId", aws.account_id),
            "dhcpOptionsId": vpc.get("DhcpOptionsId"),
            "defaultNetworkAclId": lists["NetworkAcls"][0]["NetworkAclId"] if lists["NetworkAcls"] else None,
            "defaultRouteTableId": main,
            "defaultSecurityGroupId": groups["SecurityGroups"][0]["GroupId"]
            if groups["SecurityGroups"]
            else None,
            "mainRouteTableId": main,
            "tagsAll": tag_map(vpc.get("Tags", [])),
            **{name: self._attribute(ec2, resource_id, name) for name in self._ATTRIBUTES},
        }

    @override
    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        self._set(aws, resource_id, [name for name in self._ATTRIBUTES if name in changed], new)
        if "instanceTenancy" in changed:
            aws.client("ec2").modify_vpc_tenancy(VpcId=resource_id, InstanceTenancy=new["instanceTenancy"])

    @override
    def forced(self, old: Properties, new: Properties) -> Iterable[str]:
        # AWS changes a VPC's tenancy to default, and to nothing else.
        return ["instanceTenancy"] if new.get("instanceTenancy") != "default" else []

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        aws.client("ec2").delete_vpc(VpcId=resource_id)

    @staticmethod
    def _attribute(ec2: Any, vpc: str, name: str) -> bool:
        answer = ec2.describe_vpc_attribute(VpcId=vpc, Attribute=name)
        return bool(answer[name[0].upper() + name[1:]]["Value"])

    @staticmethod
    def _set(aws: Account, vpc: str, names: Iterable[str], new: Properties) -> None:
        for name in names:
            attribute = {name[0].upper() + name[1:]: {"Value": bool(new[name])}}
            aws.client("ec2").modify_vpc_attribute(VpcId=vpc, **attribute)


class Subnet(Ec2Resource):
    """A subnet in one zone."""

    urn_type = "aws:ec2/subnet:Subnet"
    noun = "EC2 Subnet"
    kind = "subnet"
    absent = frozenset({"InvalidSubnetID.NotFound"})
    properties = described(
        vpcId=Property(required=True, replaces=True),
        cidrBlock=Property(required=True, replaces=True, rule=block),
        availabilityZone=Property(computed=True, replaces=True),
        availabilityZoneId=Property(computed=True, replaces=True),
        assignIpv6AddressOnCreation=Property(kind=Kind.BOOLEAN, default=False),
        mapPublicIpOnLaunch=Property(kind=Kind.BOOLEAN, default=False),
        arn=Property(output=True),
        ownerId=Property(output=True),
    )

    @override
    def create(self, aws: Account, new: Properties) -> str:
        answer = aws.client("ec2").create_subnet(
            VpcId=new["vpcId"],
            CidrBlock=new["cidrBlock"],
            TagSpecifications=self.tagged(new),
            **given(
                AvailabilityZone=new.get("availabilityZone"), AvailabilityZoneId=new.get("availabilityZoneId")
            ),
        )
        return str(answer["Subnet"]["SubnetId"])

    @override
    def complete(self, aws: Account, resource_id: str, new: Properties) -> None:
        for name in ("mapPublicIpOnLaunch", "assignIpv6AddressOnCreation"):
            if new[name]:
                self._set(aws, resource_id, name, new)

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        subnet = aws.client("ec2").describe_subnets(SubnetIds=[resource_id])["Subnets"][0]
        return {
            "arn": subnet.get("SubnetArn") or aws.arn("ec2", f"subnet/{resource_id}"),
            "vpcId": subnet["VpcId"],
            "cidrBlock": subnet["CidrBlock"],
            "availabilityZone": subnet["AvailabilityZone"],
            "availabilityZoneId": subnet.get("AvailabilityZoneId"),
            "assignIpv6AddressOnCreation": subnet.get("AssignIpv6AddressOnCreation", False),
            "mapPublicIpOnLaunch": subnet["MapPublicIpOnLaunch"],
            "ownerId": subnet.get("OwnerId", aws.account_id),
            "tagsAll": tag_map(subnet.get("Tags", [])),
        }

    @override
    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        for name in sorted(changed):
            self._set(aws, resource_id, name, new)

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        aws.client("ec2").delete_subnet(SubnetId=resource_id)

    @staticmethod
    def _set(aws: Account, subnet: str, name: str, new: Properties) -> None:
        attribute = {name[0].upper() + name[1:]: {"Value": bool(new[name])}}
        aws.client("ec2").modify_subnet_attribute(SubnetId=subnet, **attribute)


RESOURCES: tuple[Resource, ...] = (Vpc(), Subnet())
