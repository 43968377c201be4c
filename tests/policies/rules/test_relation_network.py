"""What the rules about how networks hang together say of which stack."""

import pytest

from policies.rules.security_group import SINGLE_RULES
from tests.policies.cases import MISSING, Case, Cases
from tests.policies.compliant import (
    ASSOCIATION,
    DEFAULT_GROUP,
    ENDPOINT,
    FLOW_LOG,
    ROUTE,
    ROUTE_TABLE,
    SUBNET,
    VPC,
    resource,
)
from tests.policies.engine import UNKNOWN, Made

CASES = Cases()
DEFAULT_TABLE = "aws:ec2/defaultRouteTable:DefaultRouteTable"
MAIN = "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation"
GATEWAY = Made(type="aws:ec2/internetGateway:InternetGateway", name="gateway", props={"id": "igw-1"})
NAT = Made(type="aws:ec2/natGateway:NatGateway", name="nat", props={"id": "nat-1"})


def of(kind: str, name: str, **props: object) -> Made:
    made = resource(kind, name=name)
    return made.but(props={**made.props, **props})


NETWORK = of(VPC, "vpc", id="vpc-1", defaultRouteTableId="rtb-main")
HERE = of(SUBNET, "subnet", id="subnet-1")
TABLE = of(ROUTE_TABLE, "table", id="rtb-1")
LINK = of(ASSOCIATION, "link")
OUT = of(ROUTE, "out")

(
    CASES.about_stack("relation-private-subnet", HERE, NETWORK, TABLE, LINK, OUT, GATEWAY, NAT)
    .broken({"table.routes.0.gatewayId": "igw-9"}, "its route table table leads to igw-9.")
    .broken({"table.routes.0.natGatewayId": "nat-9"}, "its route table table leads to nat-9.")
    .broken({"table.routes.0.egressOnlyGatewayId": "eigw-9"}, "its route table table leads to eigw-9.")
    .broken({"table.routes.0.carrierGatewayId": "cagw-9"}, "its route table table leads to cagw-9.")
    .fine({"table.routes.0.gatewayId": "local"})
    .fine({"table.routes": MISSING})
    .fine({"table.routes": None})
    .broken({"table.routes": ["text"]}, "routes must be a list of objects, but it is a string.")
    .unknown({"table.routes": UNKNOWN}, "routes")
    .unknown({"table.routes.0.gatewayId": UNKNOWN}, "gatewayId")
    .broken({"out.gatewayId": "igw-1"}, "its route table table leads to gateway by out.")
    .broken({"out.natGatewayId": "nat-1"}, "its route table table leads to nat by out.")
    .fine({"out.gatewayId": "igw-1", "out.routeTableId": "rtb-other"})
    .unknown({"out.gatewayId": UNKNOWN}, "gatewayId")
    .fine({"out.gatewayId": "igw-1", "link.subnetId": "subnet-other"})
    .unknown({"link.subnetId": UNKNOWN}, "link.subnetId")
    .unknown({"link.routeTableId": UNKNOWN}, "routeTableId")
)
UNMADE = OUT.but(props={**OUT.props, "gatewayId": UNKNOWN}, links={"gatewayId": (GATEWAY.urn,)})
CASES.about_stack("relation-private-subnet", HERE, NETWORK, TABLE, LINK, GATEWAY).having(
    "a gateway that is not made yet", UNMADE, messages=["its route table table leads to gateway by out."]
)
ADOPTED = of(ROUTE_TABLE, "adopted", id="rtb-main", defaultRouteTableId="rtb-main").but(type=DEFAULT_TABLE)
VPC_WITH_TABLE = NETWORK.but(props={**NETWORK.props, "id": "vpc-1"})
MAIN_LINK = Made(type=MAIN, name="main", props={"vpcId": "vpc-1", "routeTableId": "rtb-1"})
(
    CASES.about_stack("relation-private-subnet", HERE, VPC_WITH_TABLE, TABLE, MAIN_LINK)
    .broken({"table.routes.0.gatewayId": "igw-9"}, "its route table table leads to igw-9.")
    .fine({"table.routes.0.gatewayId": "igw-9", "main.vpcId": "vpc-other"})
    .fine({"table.routes.0.gatewayId": "igw-9", "subnet.vpcId": "vpc-other"})
    .unknown({"subnet.vpcId": UNKNOWN}, "vpcId")
)
CASES.about_stack("relation-private-subnet", HERE, VPC_WITH_TABLE, ADOPTED).broken(
    {"adopted.routes.0.gatewayId": "igw-9"}, "its route table adopted leads to igw-9."
)

SNS = of(ENDPOINT, "sns", vpcId="vpc-1")
DYNAMODB = of(ENDPOINT, "dynamodb", vpcId="vpc-1", serviceName="com.amazonaws.us-east-1.dynamodb")
(
    CASES.about_stack("relation-vpc-endpoints", NETWORK, SNS, DYNAMODB)
    .without("sns", "it has no endpoint for sns.")
    .without("dynamodb", "it has no endpoint for dynamodb.")
    .broken({"sns.serviceName": "com.amazonaws.us-east-1.sqs"}, "it has no endpoint for sns.")
    .broken({"sns.serviceName": "com.amazonaws.eu-west-2.sns"}, "it has no endpoint for sns.")
    .broken({"sns.serviceName": "test.evil.us-east-1.sns"}, "it has no endpoint for sns.")
    .fine({"sns.serviceName": "cn.com.amazonaws.us-east-1.sns"})
    .broken({"sns.serviceName": MISSING}, "it has no endpoint for sns.")
    .broken({"sns.serviceName": None}, "it has no endpoint for sns.")
    .broken({"sns.serviceName": 7}, "serviceName must be a string, but it is a number.")
    .unknown({"sns.serviceName": UNKNOWN}, "serviceName")
    .broken({"sns.vpcId": "vpc-other"}, "it has no endpoint for sns.")
    .unknown({"sns.vpcId": UNKNOWN, "dynamodb.vpcId": UNKNOWN}, "vpcId")
)
ROUTED = of(
    ENDPOINT, "routed", id="vpce-1", vpcEndpointType="Gateway", subnetIds=None, routeTableIds=["rtb-1"]
)
PLACED = of(ENDPOINT, "placed", id="vpce-2")
NOWHERE = "it is in no {}, so that nothing reaches it."
for endpoint, key, where, kind in (
    (ROUTED, "routeTableIds", "route table", "RouteTable"),
    (PLACED, "subnetIds", "subnet", "Subnet"),
):
    association = Made(
        type=f"aws:ec2/vpcEndpoint{kind}Association:VpcEndpoint{kind}Association",
        name="association",
        props={"vpcEndpointId": endpoint.props["id"]},
    )
    (
        CASES.about_stack("relation-endpoint-attached", endpoint)
        .broken({f"{endpoint.name}.{key}": []}, NOWHERE.format(where))
        .broken({f"{endpoint.name}.{key}": None}, NOWHERE.format(where))
        .broken({f"{endpoint.name}.{key}": MISSING}, NOWHERE.format(where))
        .broken({f"{endpoint.name}.{key}": "x"}, f"{key} must be a list, but it is a string.")
        .unknown({f"{endpoint.name}.{key}": UNKNOWN}, key)
        .unknown({f"{endpoint.name}.vpcEndpointType": UNKNOWN}, "vpcEndpointType")
    )
    bare = endpoint.but(props={**endpoint.props, key: None})
    CASES.about_stack("relation-endpoint-attached", bare, association).without(
        "association", NOWHERE.format(where)
    ).broken({"association.vpcEndpointId": "vpce-other"}, NOWHERE.format(where))
CASES.about_stack("relation-endpoint-attached", ROUTED).fine(
    {"routed.vpcEndpointType": "GatewayLoadBalancer", "routed.routeTableIds": None}
)
FLOWS = of(FLOW_LOG, "flows", vpcId="vpc-1")
(
    CASES.about_stack("relation-vpc-flow-log", NETWORK, FLOWS)
    .without("flows", "it has no flow log.")
    .broken({"flows.vpcId": "vpc-other"}, "it has no flow log.")
    .broken({"flows.trafficType": "REJECT"}, "it has no flow log of all traffic.")
    .broken({"flows.trafficType": MISSING}, "it has no flow log of all traffic.")
    .broken({"flows.trafficType": None}, "it has no flow log of all traffic.")
    .broken({"flows.trafficType": 7}, "trafficType must be a string, but it is a number.")
    .unknown({"flows.trafficType": UNKNOWN}, "trafficType")
    .unknown({"flows.vpcId": UNKNOWN}, "flows.vpcId")
)
CLOSED = of(DEFAULT_GROUP, "closed", vpcId="vpc-1")
OPENED = "opening opens its default security group again."
LEFT = "its default security group is left as AWS makes it: open inside and to the outside."
(
    CASES.about_stack("relation-vpc-default-security-group", NETWORK, CLOSED)
    .without("closed", LEFT)
    .broken({"closed.vpcId": "vpc-other"}, LEFT)
    .broken({"closed.vpcId": MISSING}, LEFT)
    .unknown({"closed.vpcId": UNKNOWN}, "closed.vpcId")
)
GUARDED = NETWORK.but(props={**NETWORK.props, "defaultSecurityGroupId": "sg-default"})
ADOPTED_GROUP = CLOSED.but(props={**CLOSED.props, "id": "sg-default"})
for kind in sorted(SINGLE_RULES):
    opening = Made(type=kind, name="opening", props={"securityGroupId": "sg-other"})
    (
        CASES.about_stack("relation-vpc-default-security-group", GUARDED, CLOSED, opening)
        .broken({"opening.securityGroupId": "sg-default"}, OPENED)
        .unknown({"opening.securityGroupId": UNKNOWN}, "opening.securityGroupId")
    )
    CASES.about_stack("relation-vpc-default-security-group", NETWORK, ADOPTED_GROUP, opening).broken(
        {"opening.securityGroupId": "sg-default"}, OPENED
    )


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()
