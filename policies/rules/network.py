"""Networks: private, with no way to the internet and none from it."""

from collections.abc import Iterator

from policies.properties import Props, blocks, flag, text
from policies.resource import Resource
from policies.rule import Context, PropertyRule, ResourceRule, Severity

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

EVERYWHERE = frozenset({"0.0.0.0/0", "::/0"})
INTERNET_TARGETS = ("igw-", "eigw-", "nat-", "cagw-")


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


def _routes(resource: Resource) -> list[Props]:
    return [resource.props] if resource.type == ROUTE else blocks(resource.props, "routes")


def _check_default_route(resource: Resource, _context: Context) -> Iterator[str]:
    for route in _routes(resource):
        for key in ("destinationCidrBlock", "cidrBlock", "destinationIpv6CidrBlock", "ipv6CidrBlock"):
            found = text(route, key)
            if found in EVERYWHERE:
                yield f"a route leads {found} out of the network."


def _check_route_target(resource: Resource, _context: Context) -> Iterator[str]:
    for route in _routes(resource):
        for key in ("gatewayId", "natGatewayId", "egressOnlyGatewayId", "carrierGatewayId"):
            found = text(route, key)
            if found and (key != "gatewayId" or found.startswith(INTERNET_TARGETS)):
                yield f"a route's {key} is {found}, which leads to the internet."


WHY = "Functions reach DynamoDB and SNS through endpoints; any other way out is a way out for the data."

RULES = (
    PropertyRule(
        id="network-internet-gateway",
        severity=Severity.CRITICAL,
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
        severity=Severity.CRITICAL,
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
        severity=Severity.HIGH,
        types=PUBLIC_ADDRESSES,
        title="There is no public address.",
        why=WHY,
        fix="remove it.",
        url=f"{VPC_DOCS}/vpc-eips.html",
        check=_forbidden,
    ),
    PropertyRule(
        id="network-default-vpc",
        severity=Severity.HIGH,
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
        severity=Severity.HIGH,
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
        severity=Severity.HIGH,
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
        severity=Severity.CRITICAL,
        types=ROUTE_TABLES | {ROUTE},
        title="No route leads everywhere.",
        why=WHY,
        fix="remove the route.",
        url=f"{VPC_DOCS}/route-table-options.html",
        references=("NIST.800.53.R5-VPCNoUnrestrictedRouteToIGW",),
        exceptions_allowed=False,
        check=_check_default_route,
    ),
    ResourceRule(
        id="network-internet-route",
        severity=Severity.CRITICAL,
        types=ROUTE_TABLES | {ROUTE},
        title="No route leads to an internet or NAT gateway.",
        why=WHY,
        fix="remove the route.",
        url=f"{VPC_DOCS}/route-table-options.html",
        references=(
            "NIST.800.53.R5-VPCNoUnrestrictedRouteToIGW",
            "HIPAA.Security-VPCNoUnrestrictedRouteToIGW",
        ),
        exceptions_allowed=False,
        check=_check_route_target,
    ),
)
