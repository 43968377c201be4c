"""What the rules about networks say of which network."""

import pytest

from policies.rules.network import (
    ACL_RULE,
    ACLS,
    CONNECTIONS,
    DEFAULT_NETWORKS,
    INTERNET_GATEWAYS,
    NAT_GATEWAYS,
    PREFIX_LIST_ENTRY,
    PUBLIC_ADDRESSES,
)
from tests.policies.cases import MISSING, Case, Cases
from tests.policies.compliant import INSTANCE, ROUTE, ROUTE_TABLE, SUBNET
from tests.policies.engine import UNKNOWN, Made

CASES = Cases()
PREFIX_LIST = "aws:ec2/managedPrefixList:ManagedPrefixList"

for rule, types in (
    ("network-internet-gateway", INTERNET_GATEWAYS),
    ("network-nat-gateway", NAT_GATEWAYS),
    ("network-elastic-ip", PUBLIC_ADDRESSES),
):
    for kind in sorted(types):
        CASES.forbidden(rule, kind, "it leads to the internet.")
for kind in sorted(DEFAULT_NETWORKS):
    CASES.forbidden(
        "network-default-vpc", kind, "it adopts a network that AWS made, whose subnets are public."
    )

(
    CASES.about("network-subnet-public", SUBNET)
    .reads("mapPublicIpOnLaunch", "true or false")
    .broken({"mapPublicIpOnLaunch": True}, "mapPublicIpOnLaunch is true.")
    .broken({"mapPublicIpOnLaunch": "true"}, "mapPublicIpOnLaunch is true.")
    .reads_nothing_without("assignIpv6AddressOnCreation", "true or false")
    .broken({"assignIpv6AddressOnCreation": True}, "assignIpv6AddressOnCreation is true.")
)
(
    CASES.about("network-public-ip", INSTANCE)
    .reads("associatePublicIpAddress", "true or false")
    .broken({"associatePublicIpAddress": True}, "associatePublicIpAddress is true.")
    .broken(
        {"networkInterfaces": [{"associatePublicIpAddress": "true"}]},
        "networkInterfaces: associatePublicIpAddress is true.",
    )
    .fine({"networkInterfaces": None})
    .broken(
        {"networkInterfaces": ["text"]}, "networkInterfaces must be a list of objects, but it is a string."
    )
    .unknown({"networkInterfaces": UNKNOWN}, "networkInterfaces")
)
(
    CASES.about("network-default-route", ROUTE)
    .reads("destinationCidrBlock", "a string")
    .broken({"destinationCidrBlock": "0.0.0.0/0"}, "a route leads 0.0.0.0/0 out of the network.")
    .broken({"destinationIpv6CidrBlock": "::/0"}, "a route leads ::/0 out of the network.")
    .reads_nothing_without("destinationIpv6CidrBlock", "a string")
    .reads_nothing_without("cidrBlock", "a string")
    .reads_nothing_without("ipv6CidrBlock", "a string")
)
for half in ("0.0.0.0/1", "128.0.0.0/1", "8.8.8.0/24", "everywhere"):
    CASES.about("network-default-route", ROUTE).broken(
        {"destinationCidrBlock": half}, f"a route leads {half} out of the network."
    )
for kind in sorted(CONNECTIONS):
    CASES.forbidden("network-connection", kind, "it joins the network to another one.")
PREFIXES = Made(type=PREFIX_LIST, name="prefixes", props={"entries": [{"cidr": "10.0.0.0/16"}]})
ENTRY = Made(type=PREFIX_LIST_ENTRY, name="entry", props={"cidr": "10.0.0.0/16"})
(
    CASES.about("network-prefix-list", PREFIXES)
    .reads("entries", "a list of objects")
    .broken({"entries.0.cidr": "0.0.0.0/0"}, "it holds 0.0.0.0/0, which is beyond private networks.")
    .unknown({"entries.0.cidr": UNKNOWN}, "cidr")
)
(
    CASES.about("network-prefix-list", ENTRY)
    .reads("cidr", "a string")
    .broken({"cidr": "::/0"}, "it holds ::/0, which is beyond private networks.")
)
INGRESS = [{"action": "allow", "cidrBlock": "10.0.0.0/16", "protocol": "-1"}]
for kind in sorted(ACLS - {ACL_RULE}):
    (
        CASES.about("network-acl-open", Made(type=kind, name="acl", props={"ingress": INGRESS}))
        .reads("ingress", "a list of objects")
        .broken({"ingress.0.cidrBlock": "0.0.0.0/0"}, "it lets 0.0.0.0/0 in.")
        .broken({"ingress.0.ipv6CidrBlock": "::/0"}, "it lets ::/0 in.")
        .broken({"ingress.0.cidrBlock": "0.0.0.0/0", "ingress.0.action": "ALLOW"}, "it lets 0.0.0.0/0 in.")
        .fine({"ingress.0.cidrBlock": "0.0.0.0/0", "ingress.0.action": "deny"})
    )
SINGLE = Made(type=ACL_RULE, name="rule", props={"ruleAction": "allow", "cidrBlock": "10.0.0.0/16"})
(
    CASES.about("network-acl-open", SINGLE)
    .reads("cidrBlock", "a string")
    .reads_nothing_without("ipv6CidrBlock", "a string")
    .reads_nothing_without("egress", "true or false")
    .broken({"cidrBlock": "0.0.0.0/0"}, "it lets 0.0.0.0/0 in.")
    .broken({"ipv6CidrBlock": "::/0"}, "it lets ::/0 in.")
    .fine({"cidrBlock": "0.0.0.0/0", "egress": True})
    .fine({"cidrBlock": "0.0.0.0/0", "ruleAction": "deny"})
    .unknown({"cidrBlock": "0.0.0.0/0", "ruleAction": UNKNOWN}, "ruleAction")
    .fine({"cidrBlock": "0.0.0.0/0", "ruleAction": MISSING})
    .broken({"cidrBlock": "0.0.0.0/0", "ruleAction": 7}, "ruleAction must be a string, but it is a number.")
)
(
    CASES.about("network-default-route", ROUTE_TABLE)
    .broken({"routes.0.cidrBlock": "0.0.0.0/0"}, "a route leads 0.0.0.0/0 out of the network.")
    .broken({"routes.0.ipv6CidrBlock": "::/0"}, "a route leads ::/0 out of the network.")
    .reads("routes", "a list of objects")
    .fine({"routes": []})
)
(
    CASES.about("network-internet-route", ROUTE)
    .broken({"gatewayId": "igw-1"}, "a route's gatewayId is igw-1, which leads to the internet.")
    .broken({"gatewayId": "eigw-1"}, "a route's gatewayId is eigw-1, which leads to the internet.")
    .broken({"gatewayId": "nat-1"}, "a route's gatewayId is nat-1, which leads to the internet.")
    .broken({"gatewayId": "cagw-1"}, "a route's gatewayId is cagw-1, which leads to the internet.")
    .broken({"natGatewayId": "nat-1"}, "a route's natGatewayId is nat-1, which leads to the internet.")
    .broken(
        {"egressOnlyGatewayId": "eigw-1"},
        "a route's egressOnlyGatewayId is eigw-1, which leads to the internet.",
    )
    .broken(
        {"carrierGatewayId": "cagw-1"}, "a route's carrierGatewayId is cagw-1, which leads to the internet."
    )
    .fine({"gatewayId": "vpce-1"})
    .fine({"gatewayId": MISSING, "vpcEndpointId": "vpce-1"})
    .broken({"gatewayId": "vgw-1"}, "a route's gatewayId is vgw-1, which leads out of the network.")
    .broken(
        {"gatewayId": MISSING, "destinationPrefixListId": "pl-1", "networkInterfaceId": "eni-1"},
        "a route's networkInterfaceId is eni-1, which leads out of the network.",
    )
    .reads("gatewayId", "a string")
    .reads_nothing_without("natGatewayId", "a string")
    .reads_nothing_without("egressOnlyGatewayId", "a string")
    .reads_nothing_without("carrierGatewayId", "a string")
)
for key in (
    "coreNetworkArn",
    "instanceId",
    "localGatewayId",
    "networkInterfaceId",
    "odbNetworkArn",
    "transitGatewayId",
    "vpcPeeringConnectionId",
):
    CASES.about("network-internet-route", ROUTE).broken(
        {"gatewayId": MISSING, key: "elsewhere"},
        f"a route's {key} is elsewhere, which leads out of the network.",
    ).reads_nothing_without(key, "a string")
(
    CASES.about("network-internet-route", ROUTE_TABLE)
    .broken({"routes.0.gatewayId": "igw-1"}, "a route's gatewayId is igw-1, which leads to the internet.")
    .broken(
        {"propagatingVgws": ["vgw-1"]},
        "propagatingVgws holds vgw-1, whose routes lead out of the network.",
    )
    .fine({"propagatingVgws": []})
    .reads_nothing_without("propagatingVgws", "a list")
    .reads("routes", "a list of objects")
)


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()
