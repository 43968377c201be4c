"""Networks: private, with no way to the internet and none from it."""

from collections.abc import Iterator

from policies.properties import Props, blocks, flag, items, text
from policies.ranges import outside
from policies.resource import CheckedResource
from policies.rule import PropertyRule, ResourceRule, RuleContext, RuleSeverity

VPC_DOCS = "https://docs.aws.amazon.com/vpc/latest/userguide"

INTERNET_GATEWAYS = frozenset(
    {
        "aws:ec2/internetGateway:InternetGateway",
        "aws:ec2/internetGatewayAttachment:InternetGatewayAttachment",
        "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway",
        "aws:ec2/carrierGateway:CarrierGateway",
    }
)
NAT_GATEWAYS = frozenset(
    {"aws:ec2/natGateway:NatGateway", "aws:ec2/natGatewayEipAssociation:NatGatewayEipAssociation"}
)
PUBLIC_ADDRESSES = frozenset({"aws:ec2/eip:Eip", "aws:ec2/eipAssociation:EipAssociation"})
DEFAULT_NETWORKS = frozenset({"aws:ec2/defaultVpc:DefaultVpc", "aws:ec2/defaultSubnet:DefaultSubnet"})
SUBNETS = frozenset({"aws:ec2/subnet:Subnet", "aws:ec2/defaultSubnet:DefaultSubnet"})
ROUTE = "aws:ec2/route:Route"
ROUTE_TABLES = frozenset({"aws:ec2/routeTable:RouteTable", "aws:ec2/defaultRouteTable:DefaultRouteTable"})
MACHINES = frozenset({"aws:ec2/instance:Instance", "aws:ec2/spotInstanceRequest:SpotInstanceRequest"})
TEMPLATES = frozenset(
    {"aws:ec2/launchTemplate:LaunchTemplate", "aws:ec2/launchConfiguration:LaunchConfiguration"}
)

INTERNET_TARGETS = ("igw-", "eigw-", "nat-", "cagw-")
INTERNET_KEYS = ("natGatewayId", "egressOnlyGatewayId", "carrierGatewayId")
ROUTE_TARGETS = (
    "gatewayId",
    *INTERNET_KEYS,
    "coreNetworkArn",
    "instanceId",
    "localGatewayId",
    "networkInterfaceId",
    "odbNetworkArn",
    "transitGatewayId",
    "vpcPeeringConnectionId",
)
"""Where a route may lead, but for a VPC endpoint (`vpcEndpointId`), whose service endpoint-service-declared
judges. A gateway endpoint's own routes are AWS's and no resources."""


def _forbidden(_props: Props) -> Iterator[str]:
    yield "it leads to the internet."


def _adopted(_props: Props) -> Iterator[str]:
    yield "it adopts a network that AWS made, whose subnets are public."


def _check_subnet(props: Props) -> Iterator[str]:
    for key in ("mapPublicIpOnLaunch", "assignIpv6AddressOnCreation"):
        if flag(props, key):
            yield f"{key} is true."


def _check_public_ip(props: Props) -> Iterator[str]:
    interfaces = [("", props)] + [
        ("networkInterfaces: ", found) for found in blocks(props, "networkInterfaces")
    ]
    for where, found in interfaces:
        if flag(found, "associatePublicIpAddress"):
            yield f"{where}associatePublicIpAddress is true."


def _routes(resource: CheckedResource) -> list[Props]:
    return [resource.props] if resource.type == ROUTE else blocks(resource.props, "routes")


def _check_default_route(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    for route in _routes(resource):
        for key in ("destinationCidrBlock", "cidrBlock", "destinationIpv6CidrBlock", "ipv6CidrBlock"):
            found = text(route, key)
            if found and outside(found):
                yield f"a route leads {found} out of the network."


def _check_prefix_list(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    entries = [resource.props] if resource.type == PREFIX_LIST_ENTRY else blocks(resource.props, "entries")
    for entry in entries:
        found = text(entry, "cidr")
        if found and outside(found):
            yield f"it holds {found}, which is beyond private networks."


def _check_acl(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    if resource.type == ACL_RULE:
        rules = [] if flag(resource.props, "egress") else [resource.props]
        verb = "ruleAction"
    else:
        rules, verb = blocks(resource.props, "ingress"), "action"
    for rule in rules:
        for key in ("cidrBlock", "ipv6CidrBlock"):
            found = text(rule, key)
            if found and outside(found) and (text(rule, verb) or "").lower() == "allow":
                yield f"it lets {found} in."


def _connected(_props: Props) -> Iterator[str]:
    yield "it joins the network to another one."


def _check_route_target(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    for route in _routes(resource):
        for key in ROUTE_TARGETS:
            found = text(route, key)
            if found and not (key == "gatewayId" and (found == "local" or found.startswith("vpce-"))):
                yield f"a route's {key} is {found}, which leads {_whither(key, found)}."
    if resource.type in ROUTE_TABLES:
        for gateway in items(resource.props, "propagatingVgws"):
            yield f"propagatingVgws holds {gateway}, whose routes lead out of the network."


def _whither(key: str, target: str) -> str:
    to_internet = key in INTERNET_KEYS or (key == "gatewayId" and target.startswith(INTERNET_TARGETS))
    return "to the internet" if to_internet else "out of the network"


PREFIX_LIST_ENTRY = "aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry"
PREFIX_LISTS = frozenset({"aws:ec2/managedPrefixList:ManagedPrefixList", PREFIX_LIST_ENTRY})
ACL_RULE = "aws:ec2/networkAclRule:NetworkAclRule"
ACLS = frozenset({"aws:ec2/defaultNetworkAcl:DefaultNetworkAcl", "aws:ec2/networkAcl:NetworkAcl", ACL_RULE})
CONNECTIONS = frozenset(
    {
        "aws:directconnect/gatewayAssociation:GatewayAssociation",
        "aws:ec2/localGatewayRouteTableVpcAssociation:LocalGatewayRouteTableVpcAssociation",
        "aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion",
        "aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
        "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",
        "aws:ec2/vpnConnection:VpnConnection",
        "aws:ec2/vpnGateway:VpnGateway",
        "aws:ec2/vpnGatewayAttachment:VpnGatewayAttachment",
        "aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation",
        "aws:ec2clientvpn/endpoint:Endpoint",
        "aws:ec2clientvpn/networkAssociation:NetworkAssociation",
        "aws:ec2transitgateway/instanceConnectEndpoint:InstanceConnectEndpoint",
        "aws:ec2transitgateway/vpcAttachment:VpcAttachment",
        "aws:networkmanager/vpcAttachment:VpcAttachment",
        "aws:vpclattice/serviceNetworkVpcAssociation:ServiceNetworkVpcAssociation",
    }
)

WHY = "Functions reach DynamoDB and SNS through endpoints; any other way out is a way out for the data."

RULES = (
    PropertyRule(
        id="network-internet-gateway",
        severity=RuleSeverity.CRITICAL,
        types=INTERNET_GATEWAYS,
        title="A network has no internet gateway.",
        why=WHY,
        fix="remove it; use VPC endpoints.",
        url=f"{VPC_DOCS}/VPC_Internet_Gateway.html",
        references=("NIST.800.53.R5-VPCNoUnrestrictedRouteToIGW",),
        exceptions_allowed=False,
        check=_forbidden,
    ),
    PropertyRule(
        id="network-nat-gateway",
        severity=RuleSeverity.CRITICAL,
        types=NAT_GATEWAYS,
        title="A network has no NAT gateway.",
        why=WHY,
        fix="remove it; use VPC endpoints.",
        url=f"{VPC_DOCS}/vpc-nat-gateway.html",
        exceptions_allowed=False,
        check=_forbidden,
    ),
    PropertyRule(
        id="network-elastic-ip",
        severity=RuleSeverity.HIGH,
        types=PUBLIC_ADDRESSES,
        title="There is no public address.",
        why=WHY,
        fix="remove it.",
        url=f"{VPC_DOCS}/vpc-eips.html",
        check=_forbidden,
    ),
    PropertyRule(
        id="network-connection",
        severity=RuleSeverity.HIGH,
        types=CONNECTIONS,
        title="A network is joined to no other one.",
        why="What another network lets out or in is decided there; its way to the internet becomes ours.",
        fix="remove it; offer a service by a VPC endpoint instead.",
        url=f"{VPC_DOCS}/extend-intro.html",
        check=_connected,
    ),
    ResourceRule(
        id="network-prefix-list",
        severity=RuleSeverity.HIGH,
        types=PREFIX_LISTS,
        title="A prefix list holds addresses of private networks only.",
        why="A security group or a route that names the list is as open as the list, and doesn't show it.",
        fix="remove the entry.",
        url=f"{VPC_DOCS}/managed-prefix-lists.html",
        check=_check_prefix_list,
    ),
    ResourceRule(
        id="network-acl-open",
        severity=RuleSeverity.MEDIUM,
        types=ACLS,
        title="No network ACL lets the world in.",
        why="Nothing here serves the public; an ACL that says so holds where a security group was mistaken.",
        fix="name the range of the network.",
        url=f"{VPC_DOCS}/vpc-network-acls.html",
        references=("CKV_AWS_229", "CKV_AWS_230", "CKV_AWS_231", "CKV_AWS_232", "AWS-0105", "FSBP EC2.21"),
        check=_check_acl,
    ),
    PropertyRule(
        id="network-default-vpc",
        severity=RuleSeverity.HIGH,
        types=DEFAULT_NETWORKS,
        title="The account's default network is not used.",
        why="Its subnets are public, and it is the same for everybody in the account.",
        fix="use the private network of the stack.",
        url=f"{VPC_DOCS}/default-vpc.html",
        references=("CKV_AWS_148", "AWS-0101"),
        check=_adopted,
    ),
    PropertyRule(
        id="network-subnet-public",
        severity=RuleSeverity.HIGH,
        types=SUBNETS,
        title="Subnets give out no public addresses.",
        why=WHY,
        fix="set mapPublicIpOnLaunch and assignIpv6AddressOnCreation to false.",
        url=f"{VPC_DOCS}/subnet-public-ip.html",
        references=("CKV_AWS_130", "AWS-0164", "FSBP EC2.15"),
        check=_check_subnet,
    ),
    PropertyRule(
        id="network-public-ip",
        severity=RuleSeverity.HIGH,
        types=MACHINES | TEMPLATES,
        title="Machines get no public address.",
        why=WHY,
        fix="remove associatePublicIpAddress.",
        url="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html",
        references=("CKV_AWS_88", "FSBP EC2.9"),
        check=_check_public_ip,
    ),
    ResourceRule(
        id="network-default-route",
        severity=RuleSeverity.CRITICAL,
        types=ROUTE_TABLES | {ROUTE},
        title="No route leads to addresses of the internet.",
        why=WHY,
        fix="remove the route.",
        url=f"{VPC_DOCS}/route-table-options.html",
        references=("NIST.800.53.R5-VPCNoUnrestrictedRouteToIGW",),
        exceptions_allowed=False,
        check=_check_default_route,
    ),
    ResourceRule(
        id="network-internet-route",
        severity=RuleSeverity.CRITICAL,
        types=ROUTE_TABLES | {ROUTE},
        title="Routes lead to VPC endpoints and within the network only.",
        why=WHY,
        fix="remove the route, or the propagation.",
        url=f"{VPC_DOCS}/route-table-options.html",
        references=(
            "NIST.800.53.R5-VPCNoUnrestrictedRouteToIGW",
            "HIPAA.Security-VPCNoUnrestrictedRouteToIGW",
        ),
        exceptions_allowed=False,
        check=_check_route_target,
    ),
)
