"""The network, and who writes down what flows in it."""

from tests.operations.drift.out_of_band.change import (
    Change,
    Place,
    Shown,
    changed,
    flipped,
    gone,
    let_in,
    listed,
    one_of,
    policy,
    removed,
    tagged,
    text,
)

VPC, SUBNET, ROUTES = "vpc", "private-subnet-a", "private-route-table"
GATEWAY, INTERFACE, FLOW_LOG = "dynamodb-endpoint", "sns-endpoint", "vpc-flow-log"


def of_vpc(name: str) -> Change:
    def apply(place: Place, value: bool) -> None:
        place.client("ec2").modify_vpc_attribute(
            VpcId=place.id, **{f"{name[0].upper()}{name[1:]}": {"Value": value}}
        )

    return changed(VPC, name, flipped, apply)


def of_subnet(name: str) -> Change:
    def apply(place: Place, value: bool) -> None:
        place.client("ec2").modify_subnet_attribute(
            SubnetId=place.id, **{f"{name[0].upper()}{name[1:]}": {"Value": value}}
        )

    return changed(SUBNET, name, flipped, apply)


def _way_out(place: Place, value: str) -> Shown:
    ec2 = place.client("ec2")
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=place.outputs["vpcId"])
    ec2.create_route(RouteTableId=place.id, DestinationCidrBlock=value, GatewayId=gateway)
    return Shown({"routes[0]": {"cidrBlock": value, "gatewayId": gateway}})


def _resolver(place: Place, value: str) -> Shown:
    ec2 = place.client("ec2")
    options = ec2.create_dhcp_options(DhcpConfigurations=[{"Key": "domain-name", "Values": [value]}])
    found = options["DhcpOptions"]["DhcpOptionsId"]
    ec2.associate_dhcp_options(DhcpOptionsId=found, VpcId=place.id)
    return Shown(dhcpOptionsId=found)


def _main_table(place: Place, _: str) -> Shown:
    ec2 = place.client("ec2")
    here = [{"Name": "vpc-id", "Values": [place.id]}, {"Name": "association.main", "Values": ["true"]}]
    (main,) = ec2.describe_route_tables(Filters=here)["RouteTables"]
    (own,) = [each["RouteTableAssociationId"] for each in main["Associations"] if each["Main"]]
    table = ec2.create_route_table(VpcId=place.id)["RouteTable"]["RouteTableId"]
    ec2.replace_route_table_association(AssociationId=own, RouteTableId=table)
    return Shown(mainRouteTableId=table)


def _other_table(place: Place) -> None:
    ec2 = place.client("ec2")
    table = ec2.create_route_table(VpcId=place.states[VPC]["id"])["RouteTable"]["RouteTableId"]
    ec2.replace_route_table_association(AssociationId=place.id, RouteTableId=table)


def _endpoint(place: Place, **changes: object) -> None:
    place.client("ec2").modify_vpc_endpoint(VpcEndpointId=place.id, **changes)


def _admit(place: Place, name: str) -> Shown:
    group = place.states[name]["id"]
    _endpoint(place, AddSecurityGroupIds=[group])
    return Shown({"securityGroupIds[1]": group})


def _tags(resource: str) -> tuple[Change, ...]:
    return tagged(
        resource,
        lambda place, tags: place.client("ec2").create_tags(Resources=[place.id], Tags=listed(tags)),
        lambda place, names: place.client("ec2").delete_tags(
            Resources=[place.id], Tags=[{"Key": name} for name in names]
        ),
    )


CHANGES: tuple[Change, ...] = (
    of_vpc("enableDnsSupport"),
    of_vpc("enableDnsHostnames"),
    of_vpc("enableNetworkAddressUsageMetrics"),
    of_subnet("mapPublicIpOnLaunch"),
    of_subnet("assignIpv6AddressOnCreation"),
    changed(VPC, "dhcpOptionsId", text, _resolver),
    changed(VPC, "mainRouteTableId", text, _main_table),
    changed(ROUTES, "routes", one_of("0.0.0.0/0", "198.51.100.0/24"), _way_out),
    removed("private-subnet-a-routes", _other_table),
    removed(
        "private-subnet-b-routes",
        lambda place: place.client("ec2").disassociate_route_table(AssociationId=place.id),
    ),
    *policy(
        GATEWAY,
        "policy",
        lambda place, document: _endpoint(place, PolicyDocument=document),
        let_in("sns:Publish"),
    ),
    *policy(
        INTERFACE,
        "policy",
        lambda place, document: _endpoint(place, PolicyDocument=document),
        let_in("sns:Publish"),
    ),
    changed(
        GATEWAY,
        "routeTableIds[0]",
        gone,
        lambda place, _: _endpoint(place, RemoveRouteTableIds=[place.states[ROUTES]["id"]]),
    ),
    changed(
        INTERFACE,
        "subnetIds[1]",
        gone,
        lambda place, _: _endpoint(place, RemoveSubnetIds=[place.outputs["subnetIds"][1]]),
    ),
    changed(
        INTERFACE, "securityGroupIds", one_of("function-security-group", "default-security-group"), _admit
    ),
    removed(
        "dynamodb-endpoint", lambda place: place.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[place.id])
    ),
    removed(FLOW_LOG, lambda place: place.client("ec2").delete_flow_logs(FlowLogIds=[place.id])),
    *(
        change
        for resource in (
            VPC,
            SUBNET,
            ROUTES,
            INTERFACE,
            FLOW_LOG,
            "function-security-group",
            "default-security-group",
            "sns-from-function-rule",
            "function-to-sns-rule",
        )
        for change in _tags(resource)
    ),
)
