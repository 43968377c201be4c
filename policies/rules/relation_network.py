"""How networks hang together: subnets lead nowhere, endpoints are there, traffic is logged, the default is
closed.
"""

from collections.abc import Iterator, Mapping

from policies.properties import blocks, size, text
from policies.resource import CheckedResource
from policies.rule import RuleContext, RuleSeverity, StackRule
from policies.rules.endpoint import ENDPOINT_TYPE, PRIVATELINK_DOCS
from policies.rules.network import (
    INTERNET_GATEWAYS,
    INTERNET_TARGETS,
    NAT_GATEWAYS,
    ROUTE,
    ROUTE_TABLES,
    VPC_DOCS,
)
from policies.rules.security_group import DEFAULT_GROUP, SINGLE_RULES

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
MAIN_ASSOCIATION = "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation"
DEFAULT_TABLE = "aws:ec2/defaultRouteTable:DefaultRouteTable"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
GATEWAYS = INTERNET_GATEWAYS | NAT_GATEWAYS
GATEWAY_KEYS = ("gatewayId", "natGatewayId", "egressOnlyGatewayId", "carrierGatewayId")
SERVICES = ("dynamodb", "sns")
PLACES: Mapping[str, tuple[str, str, str]] = {
    "Gateway": (
        "routeTableIds",
        "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation",
        "route table",
    ),
    "Interface": (
        "subnetIds",
        "aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation",
        "subnet",
    ),
}
"""Type of an endpoint to where it has to be: the property, the resource that adds to it, and its name."""


def _check_endpoints(vpc: CheckedResource, context: RuleContext) -> Iterator[str]:
    found = [text(endpoint.props, "serviceName") or "" for endpoint in _in(vpc, context, ENDPOINT_TYPE)]
    for service in SERVICES:
        wanted = f"com.amazonaws.{context.stack.region}.{service}"
        if not any(name.removeprefix("cn.") == wanted for name in found):
            yield f"it has no endpoint for {service}."


def _check_attached(endpoint: CheckedResource, context: RuleContext) -> Iterator[str]:
    kind = text(endpoint.props, "vpcEndpointType") or "Gateway"
    if kind not in PLACES:
        return
    key, association, called = PLACES[kind]
    if not size(endpoint.props, key) and not context.graph.referring(endpoint, "vpcEndpointId", association):
        yield f"it is in no {called}, so that nothing reaches it."


def _check_flow_log(vpc: CheckedResource, context: RuleContext) -> Iterator[str]:
    kinds = [text(log.props, "trafficType") for log in _in(vpc, context, FLOW_LOG)]
    if "ALL" not in kinds:
        yield "it has no flow log of all traffic." if kinds else "it has no flow log."


def _check_default_group(vpc: CheckedResource, context: RuleContext) -> Iterator[str]:
    if not _in(vpc, context, DEFAULT_GROUP):
        yield "its default security group is left as AWS makes it: open inside and to the outside."
    for rule in _default_group_rules(vpc, context):
        yield f"{rule.name} opens its default security group again."


def _default_group_rules(vpc: CheckedResource, context: RuleContext) -> Iterator[CheckedResource]:
    """Yield the rules of the stack on a network's default security group, by whichever way they name it."""
    graph = context.graph
    for kind in sorted(SINGLE_RULES):
        yield from graph.referring(vpc, "securityGroupId", kind)
        for group in _in(vpc, context, DEFAULT_GROUP):
            yield from graph.referring(group, "securityGroupId", kind)


def _in(vpc: CheckedResource, context: RuleContext, kind: str) -> list[CheckedResource]:
    return context.graph.referring(vpc, "vpcId", kind)


def _check_subnet(subnet: CheckedResource, context: RuleContext) -> Iterator[str]:
    graph = context.graph
    tables = [
        table
        for association in graph.referring(subnet, "subnetId", ASSOCIATION)
        for table in graph.linked(association, "routeTableId", *sorted(ROUTE_TABLES))
    ]
    for table in tables or _main_tables(subnet, context):
        for inline in blocks(table.props, "routes"):
            for key in GATEWAY_KEYS:
                found = text(inline, key)
                if found and found.startswith(INTERNET_TARGETS):
                    yield f"its route table {table.name} leads to {found}."
        for route in graph.referring(table, "routeTableId", ROUTE):
            for key in GATEWAY_KEYS:
                for gateway in graph.linked(route, key, *sorted(GATEWAYS)):
                    yield f"its route table {table.name} leads to {gateway.name} by {route.name}."


def _main_tables(subnet: CheckedResource, context: RuleContext) -> list[CheckedResource]:
    """Return the tables that hold for subnets without an association of their own."""
    graph = context.graph
    vpcs = graph.linked(subnet, "vpcId", VPC)
    adopted = [table for vpc in vpcs for table in graph.referring(vpc, "defaultRouteTableId", DEFAULT_TABLE)]
    replaced = [
        table
        for vpc in vpcs
        for association in graph.referring(vpc, "vpcId", MAIN_ASSOCIATION)
        for table in graph.linked(association, "routeTableId", *sorted(ROUTE_TABLES))
    ]
    return replaced or adopted


RULES = (
    StackRule(
        id="relation-private-subnet",
        severity=RuleSeverity.CRITICAL,
        types=frozenset({SUBNET}),
        reads=frozenset({ASSOCIATION, MAIN_ASSOCIATION, ROUTE, VPC}) | ROUTE_TABLES | GATEWAYS,
        title="No subnet's routes lead to the internet.",
        why="Functions run in these subnets; a route out is a way out for the data.",
        fix="remove the route, and use VPC endpoints.",
        url=f"{VPC_DOCS}/configure-subnets.html",
        references=("NIST.800.53.R5-VPCNoUnrestrictedRouteToIGW",),
        exceptions_allowed=False,
        check=_check_subnet,
    ),
    StackRule(
        id="relation-vpc-endpoints",
        severity=RuleSeverity.HIGH,
        types=frozenset({VPC}),
        reads=frozenset({ENDPOINT_TYPE}),
        title="Every network has endpoints for DynamoDB and SNS.",
        why="Without a way to the internet, they are how a function reaches its ledger and its topic.",
        fix="add the endpoint.",
        url=f"{PRIVATELINK_DOCS}/concepts.html",
        references=("FSBP EC2.10",),
        check=_check_endpoints,
    ),
    StackRule(
        id="relation-endpoint-attached",
        severity=RuleSeverity.MEDIUM,
        types=frozenset({ENDPOINT_TYPE}),
        reads=frozenset(association for _, association, _ in PLACES.values()),
        title="Every endpoint is where its network's subnets reach it.",
        why="An endpoint that no route and no subnet leads to is there on paper only.",
        fix="set routeTableIds of a gateway endpoint, subnetIds of an interface endpoint.",
        url=f"{PRIVATELINK_DOCS}/concepts.html",
        check=_check_attached,
    ),
    StackRule(
        id="relation-vpc-flow-log",
        severity=RuleSeverity.MEDIUM,
        types=frozenset({VPC}),
        reads=frozenset({FLOW_LOG}),
        title="Every network logs all its traffic.",
        why="Who talked to whom can't be found out afterwards.",
        fix="add a flow log with trafficType ALL.",
        url=f"{VPC_DOCS}/flow-logs.html",
        references=("CKV2_AWS_11", "AwsSolutions-VPC7", "W60", "AWS-0178", "FSBP EC2.6"),
        check=_check_flow_log,
    ),
    StackRule(
        id="relation-vpc-default-security-group",
        severity=RuleSeverity.MEDIUM,
        types=frozenset({VPC}),
        reads=SINGLE_RULES | {DEFAULT_GROUP},
        title="Every network's default security group is taken over and closed.",
        why="Whatever is started without a group of its own gets the default one.",
        fix="add a DefaultSecurityGroup with empty ingress and egress.",
        url=f"{VPC_DOCS}/default-security-group.html",
        references=("CKV2_AWS_12", "AWS-0173", "FSBP EC2.2"),
        check=_check_default_group,
    ),
)
