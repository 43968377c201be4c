"""The PrivateNetwork component: a VPC with private subnets, two VPC endpoints and flow logs.

There is no internet gateway, no NAT and no public subnet. What a function in it can reach is what the two
endpoints and their policies let through: this environment's tables and topics.
"""

import ipaddress
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.placement import Placement
from components.private_network.endpoints import Endpoints
from components.private_network.flow_logs import FlowLogs

SUBNETS = "ab"
"""One private subnet per availability zone."""
SUBNET_BITS = 4
"""A subnet is a sixteenth of the VPC: of a /24 still 11 usable addresses; a function needs one a subnet."""


@dataclass(frozen=True, kw_only=True)
class PrivateNetworkArgs:
    """What a private network is made from."""

    placement: Placement
    cidr: str
    availability_zone_ids: tuple[str, ...]
    """One per subnet; empty for the region's first zones by name."""
    flow_log_role_arn: pulumi.Input[str]
    """Role of `bootstrap-iam` that writes the flow logs."""
    flow_log_retention_days: int


class PrivateNetwork(pulumi.ComponentResource):
    """A VPC in which functions reach DynamoDB and SNS, and nothing else."""

    vpc_id: pulumi.Output[str]
    private_subnet_ids: pulumi.Output[list[str]]
    function_security_group_id: pulumi.Output[str]
    dynamodb_endpoint_id: pulumi.Output[str]
    sns_endpoint_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: PrivateNetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("fintech:network:PrivateNetwork", name, None, opts)
        names, child = args.placement.names, pulumi.ResourceOptions(parent=self)
        vpc = aws.ec2.Vpc(
            "vpc",
            cidr_block=args.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,  # private DNS of the interface endpoint needs both
            tags={"Name": names("vpc")},
            opts=child,
        )
        aws.ec2.DefaultSecurityGroup(
            "default-security-group",  # adopted to take its rules away: no group, no traffic
            vpc_id=vpc.id,
            ingress=[],
            egress=[],
            tags={"Name": names("default-security-group")},
            opts=child,
        )
        route_table = aws.ec2.RouteTable(
            "private-route-table",
            vpc_id=vpc.id,
            routes=[],  # no way out; the route to the gateway endpoint is AWS's own and is not listed
            tags={"Name": names("private-route-table")},
            opts=child,
        )
        subnets = _subnets(vpc, route_table, args, child)
        endpoints = Endpoints(
            f"{name}-endpoints",
            placement=args.placement,
            vpc_id=vpc.id,
            subnet_ids=[subnet.id for subnet in subnets],
            route_table_id=route_table.id,
            opts=child,
        )
        FlowLogs(
            f"{name}-flow-logs",
            placement=args.placement,
            vpc_id=vpc.id,
            retention_days=args.flow_log_retention_days,
            role_arn=args.flow_log_role_arn,
            opts=child,
        )
        self.vpc_id = vpc.id
        self.private_subnet_ids = pulumi.Output.all(*(subnet.id for subnet in subnets)).apply(
            lambda ids: list(ids)
        )
        self.function_security_group_id = endpoints.function_security_group_id
        self.dynamodb_endpoint_id = endpoints.dynamodb_endpoint_id
        self.sns_endpoint_id = endpoints.sns_endpoint_id
        self.register_outputs(
            {
                "vpcId": self.vpc_id,
                "privateSubnetIds": self.private_subnet_ids,
                "functionSecurityGroupId": self.function_security_group_id,
                "dynamodbEndpointId": self.dynamodb_endpoint_id,
                "snsEndpointId": self.sns_endpoint_id,
            }
        )


def _subnets(
    vpc: aws.ec2.Vpc, route_table: aws.ec2.RouteTable, args: PrivateNetworkArgs, child: pulumi.ResourceOptions
) -> list[aws.ec2.Subnet]:
    ranges = ipaddress.IPv4Network(args.cidr).subnets(prefixlen_diff=SUBNET_BITS)
    subnets = []
    for letter, cidr, zone in zip(SUBNETS, ranges, _zones(vpc, args.availability_zone_ids), strict=False):
        name = f"private-subnet-{letter}"
        subnet = aws.ec2.Subnet(
            name,
            vpc_id=vpc.id,
            cidr_block=str(cidr),
            availability_zone=zone.name,
            availability_zone_id=zone.id,
            map_public_ip_on_launch=False,
            tags={"Name": args.placement.names(name)},
            opts=child,
        )
        aws.ec2.RouteTableAssociation(
            f"{name}-routes", subnet_id=subnet.id, route_table_id=route_table.id, opts=child
        )
        subnets.append(subnet)
    return subnets


@dataclass(frozen=True, kw_only=True)
class _Zone:
    """An availability zone, by name or by id."""

    name: pulumi.Output[str] | None = None
    id: str | None = None


def _zones(vpc: aws.ec2.Vpc, zone_ids: tuple[str, ...]) -> list[_Zone]:
    """Return the zone of each subnet.

    The default asks for zones in every state: asking for available ones only would move, and so replace, the
    subnets while a zone is impaired.
    """
    if zone_ids:
        return [_Zone(id=zone_id) for zone_id in zone_ids]
    zones = aws.get_availability_zones_output(
        filters=[{"name": "opt-in-status", "values": ["opt-in-not-required"]}],  # no Local Zones
        opts=pulumi.InvokeOptions(parent=vpc),
    )
    return [_Zone(name=zones.names[index]) for index in range(len(SUBNETS))]
