"""Ring 1: what somebody attached to the VPC of the stacks: ways in and out, and what runs in it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from operations.drift.unmanaged.account import Account
from operations.drift.unmanaged.foreign import Foreign, aws
from operations.drift.unmanaged.managed import Held, Managed


class _Part(NamedTuple):
    kind: str
    operation: str
    member: str
    """Of the answer."""
    filter: str
    """The filter that takes the VPC's id."""
    id: str
    types: tuple[str, ...]
    """The types whose resources manage it."""
    undo: tuple[str, str]
    """The CLI's operation and its option that takes the id."""


_PARTS = (
    _Part(
        "internetGateway",
        "describe_internet_gateways",
        "InternetGateways",
        "attachment.vpc-id",
        "InternetGatewayId",
        ("aws:ec2/internetGateway:InternetGateway",),
        ("detach-internet-gateway", "internet_gateway_id"),
    ),
    _Part(
        "natGateway",
        "describe_nat_gateways",
        "NatGateways",
        "vpc-id",
        "NatGatewayId",
        ("aws:ec2/natGateway:NatGateway",),
        ("delete-nat-gateway", "nat_gateway_id"),
    ),
    _Part(
        "vpnGateway",
        "describe_vpn_gateways",
        "VpnGateways",
        "attachment.vpc-id",
        "VpnGatewayId",
        ("aws:ec2/vpnGateway:VpnGateway",),
        ("detach-vpn-gateway", "vpn_gateway_id"),
    ),
    _Part(
        "transitGatewayAttachment",
        "describe_transit_gateway_vpc_attachments",
        "TransitGatewayVpcAttachments",
        "vpc-id",
        "TransitGatewayAttachmentId",
        ("aws:ec2transitgateway/vpcAttachment:VpcAttachment",),
        ("delete-transit-gateway-vpc-attachment", "transit_gateway_attachment_id"),
    ),
    _Part(
        "subnet",
        "describe_subnets",
        "Subnets",
        "vpc-id",
        "SubnetId",
        ("aws:ec2/subnet:Subnet",),
        ("delete-subnet", "subnet_id"),
    ),
    _Part(
        "securityGroup",
        "describe_security_groups",
        "SecurityGroups",
        "vpc-id",
        "GroupId",
        ("aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"),
        ("delete-security-group", "group_id"),
    ),
    _Part(
        "endpoint",
        "describe_vpc_endpoints",
        "VpcEndpoints",
        "vpc-id",
        "VpcEndpointId",
        ("aws:ec2/vpcEndpoint:VpcEndpoint",),
        ("delete-vpc-endpoints", "vpc_endpoint_ids"),
    ),
    _Part(
        "instance",
        "describe_instances",
        "Reservations",
        "vpc-id",
        "InstanceId",
        ("aws:ec2/instance:Instance",),
        ("terminate-instances", "instance_ids"),
    ),
)
"""Parts of a VPC that EC2 lists by a filter."""

_GONE = ("deleted", "deleting", "terminated", "shutting-down", "rejected", "failed", "expired")
_DEFAULT_RULES = {
    (number, egress): action
    for egress in (True, False)
    for number, action in ((100, "allow"), (32_767, "deny"))
}
"""Entries that AWS gives the network ACL of a new VPC."""


def attached_to_network(account: Account, managed: Managed, region: str) -> Iterator[Foreign]:
    """Yield what is attached to managed VPCs and in no stack."""
    for vpc in managed.of("aws:ec2/vpc:Vpc"):
        yield from _parts(account, managed, vpc, region)
        yield from _egress_only_gateways(account, managed, vpc, region)
        yield from _peerings(account, managed, vpc, region)
        yield from _routes(account, managed, vpc, region)
        yield from _network_acls(account, managed, vpc, region)
        yield from _address_ranges(account, managed, vpc, region)


def _filtered(name: str, *values: str) -> list[dict[str, Any]]:
    return [{"Name": name, "Values": list(values)}]


def _parts(account: Account, managed: Managed, vpc: Held, region: str) -> Iterator[Foreign]:
    for part in _PARTS:
        listed = account.list("ec2", part.operation, part.member, Filters=_filtered(part.filter, vpc.id))
        if part.kind == "instance":
            listed = [instance for reservation in listed for instance in reservation["Instances"]]
        own = {value for type_ in part.types for value in managed.values(type_)}
        for each in listed:
            state = each.get("State")
            if (state.get("Name") if isinstance(state, Mapping) else state) in _GONE or each[part.id] in own:
                continue
            operation, option = part.undo
            options = {option: each[part.id]}
            if operation.startswith("detach-"):
                options["vpc_id"] = vpc.id
            yield _of(vpc, part.kind, each[part.id], each[part.id], aws("ec2", operation, region, **options))


def _egress_only_gateways(account: Account, managed: Managed, vpc: Held, region: str) -> Iterator[Foreign]:
    own = managed.values("aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway")
    for each in account.list("ec2", "describe_egress_only_internet_gateways", "EgressOnlyInternetGateways"):
        name = each["EgressOnlyInternetGatewayId"]
        if name not in own and any(link["VpcId"] == vpc.id for link in each.get("Attachments", [])):
            undo = aws(
                "ec2",
                "delete-egress-only-internet-gateway",
                region,
                egress_only_internet_gateway_id=name,
            )
            yield _of(vpc, "egressOnlyInternetGateway", name, name, undo)


def _peerings(account: Account, managed: Managed, vpc: Held, region: str) -> Iterator[Foreign]:
    own = managed.values("aws:ec2/vpcPeeringConnection:VpcPeeringConnection")
    for each in account.list("ec2", "describe_vpc_peering_connections", "VpcPeeringConnections"):
        sides = [each.get(f"{side}VpcInfo", {}) for side in ("Requester", "Accepter")]
        name = each["VpcPeeringConnectionId"]
        if (
            name not in own
            and vpc.id in [side.get("VpcId") for side in sides]
            and each["Status"]["Code"] not in _GONE
        ):
            undo = aws("ec2", "delete-vpc-peering-connection", region, vpc_peering_connection_id=name)
            yield _of(vpc, "peering", name, [side.get("VpcId") for side in sides], undo)


def _routes(account: Account, managed: Managed, vpc: Held, region: str) -> Iterator[Foreign]:
    """Route tables of nobody's; and routes in the main one, which no program lists."""
    own = managed.values("aws:ec2/routeTable:RouteTable")
    for table in account.list(
        "ec2", "describe_route_tables", "RouteTables", Filters=_filtered("vpc-id", vpc.id)
    ):
        name = table["RouteTableId"]
        main = any(link.get("Main") for link in table.get("Associations", []))
        if name in own:
            continue  # the check `cloud` compares its routes
        if not main:
            undo = aws("ec2", "delete-route-table", region, route_table_id=name)
            yield _of(vpc, "routeTable", name, name, undo)
            continue
        for route in table.get("Routes", []):
            if route.get("GatewayId") == "local":
                continue
            for destination, option in (
                ("DestinationCidrBlock", "destination_cidr_block"),
                ("DestinationIpv6CidrBlock", "destination_ipv6_cidr_block"),
                ("DestinationPrefixListId", "destination_prefix_list_id"),
            ):
                if text := route.get(destination):
                    options = {"route_table_id": name, option: text}
                    undo = aws("ec2", "delete-route", region, **options)
                    yield _of(vpc, "mainRoute", f"{name}/{text}", text, undo)


def _network_acls(account: Account, managed: Managed, vpc: Held, region: str) -> Iterator[Foreign]:
    own = managed.values("aws:ec2/networkAcl:NetworkAcl", "networkAclId") | managed.values(
        "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"
    )
    for acl in account.list(
        "ec2", "describe_network_acls", "NetworkAcls", Filters=_filtered("vpc-id", vpc.id)
    ):
        name = acl["NetworkAclId"]
        if name in own:
            continue
        if not acl["IsDefault"]:
            yield _of(
                vpc, "networkAcl", name, name, aws("ec2", "delete-network-acl", region, network_acl_id=name)
            )
            continue
        for entry in acl["Entries"]:
            place = entry["RuleNumber"], entry["Egress"]
            if _DEFAULT_RULES.get(place) == entry["RuleAction"] and entry.get("CidrBlock") == "0.0.0.0/0":
                continue
            undo = aws(
                "ec2",
                "delete-network-acl-entry",
                region,
                network_acl_id=name,
                rule_number=str(entry["RuleNumber"]),
            )
            undo += " --egress" if entry["Egress"] else " --ingress"
            direction = "egress" if entry["Egress"] else "ingress"
            yield _of(vpc, "networkAclEntry", f"{name}/{direction}/{entry['RuleNumber']}", entry, undo)


def _address_ranges(account: Account, managed: Managed, vpc: Held, region: str) -> Iterator[Foreign]:
    own = managed.values("aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation") | {
        str(vpc["cidrBlock"])
    }
    for found in account.list(
        "ec2", "describe_vpcs", "Vpcs", VpcIds=[vpc.id], absent=("InvalidVpcID.NotFound",)
    ):
        for version in ("", "Ipv6"):
            for link in found.get(f"{version}CidrBlockAssociationSet", []):
                block = link.get(f"{version}CidrBlock")
                state = (link.get(f"{version}CidrBlockState") or {}).get("State")
                if state in ("disassociated", "disassociating") or {block, link["AssociationId"]} & own:
                    continue
                undo = aws(
                    "ec2",
                    "disassociate-vpc-cidr-block",
                    region,
                    association_id=link["AssociationId"],
                )
                yield _of(vpc, "addressRange", link["AssociationId"], block, undo)


def _of(owner: Held, kind: str, name: str, value: Any, undo: str) -> Foreign:
    prefix = str(owner["arn"]).rpartition(":")[0]
    return Foreign(arn=f"{prefix}:{kind}/{name}", kind=kind, value=value, undo=undo, owner=owner)
