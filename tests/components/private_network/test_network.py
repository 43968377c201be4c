import ipaddress

import pytest

from components.private_network import PrivateNetwork
from tests.builders import private_network_args, with_provider
from tests.recorder import Recorder, record, render


def recorded(**changed: object) -> Recorder:
    return record(
        with_provider(lambda opts: PrivateNetwork("network", private_network_args(**changed), opts)),
        project="network",
    )


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return recorded()


def test_the_vpc_resolves_private_names(recorder: Recorder) -> None:
    inputs = recorder.one("ec2/vpc:Vpc").inputs
    assert inputs == {
        "cidrBlock": "10.10.0.0/20",
        "enableDnsSupport": True,
        "enableDnsHostnames": True,
        "tags": {"Name": "vpc-dev-acme"},
    }


def test_there_is_one_private_subnet_in_each_of_two_zones(recorder: Recorder) -> None:
    subnets = recorder.of_type("ec2/subnet:Subnet")
    assert {each.inputs["availabilityZone"] for each in subnets} == {"us-east-1a", "us-east-1b"}
    assert {each.tag_name for each in subnets} == {"private-subnet-a-dev-acme", "private-subnet-b-dev-acme"}
    assert {each.inputs["mapPublicIpOnLaunch"] for each in subnets} == {False}


@pytest.mark.parametrize("cidr", ["10.0.0.0/16", "10.10.0.0/20", "192.168.7.0/24"])
def test_subnets_are_disjoint_parts_of_the_vpc_with_room(cidr: str) -> None:
    subnets = recorded(cidr=cidr).of_type("ec2/subnet:Subnet")
    first, second = (ipaddress.ip_network(each.inputs["cidrBlock"]) for each in subnets)
    assert not first.overlaps(second)
    for subnet in (first, second):
        assert subnet.subnet_of(ipaddress.ip_network(cidr))  # type: ignore[arg-type]  # both are IPv4
        assert subnet.prefixlen <= 28  # AWS's smallest


def test_declared_zone_ids_place_the_subnets_without_a_lookup() -> None:
    recorder = recorded(availability_zone_ids=("use1-az4", "use1-az6"))
    subnets = {each.name: each.inputs for each in recorder.of_type("ec2/subnet:Subnet")}
    assert subnets["private-subnet-a"]["availabilityZoneId"] == "use1-az4"
    assert subnets["private-subnet-b"]["availabilityZoneId"] == "use1-az6"
    assert not any("availabilityZone" in inputs for inputs in subnets.values())
    assert recorder.calls == []


def test_an_impaired_zone_does_not_change_the_default_zones(recorder: Recorder) -> None:
    (call,) = recorder.calls
    assert "state" not in call.args


def test_local_zones_are_not_asked_for(recorder: Recorder) -> None:
    (call,) = recorder.calls
    assert call.args["filters"] == [{"name": "opt-in-status", "values": ["opt-in-not-required"]}]


def test_there_is_no_way_to_the_internet(recorder: Recorder) -> None:
    types = {each.type.rpartition(":")[2] for each in recorder.aws}
    assert not types & {"InternetGateway", "NatGateway", "EgressOnlyInternetGateway", "Route", "Eip"}
    assert recorder.one("ec2/routeTable:RouteTable").inputs["routes"] == []


def test_each_subnet_uses_the_private_route_table(recorder: Recorder) -> None:
    associations = recorder.of_type("RouteTableAssociation")
    assert {each.inputs["subnetId"] for each in associations} == {
        "private-subnet-a-id",
        "private-subnet-b-id",
    }
    assert {each.inputs["routeTableId"] for each in associations} == {"private-route-table-id"}


def test_the_default_security_group_lets_nothing_through(recorder: Recorder) -> None:
    inputs = recorder.one("DefaultSecurityGroup").inputs
    assert (inputs.get("ingress"), inputs.get("egress")) == ([], [])
    assert inputs["vpcId"] == "vpc-id"


def test_components_nest_as_the_console_shows_them(recorder: Recorder) -> None:
    network = "fintech:network:PrivateNetwork"
    assert recorder.ancestors(recorder.one("ec2/vpc:Vpc")) == [network]
    assert recorder.ancestors(recorder.one("ec2/flowLog:FlowLog")) == ["fintech:network:FlowLogs", network]
    for endpoint in recorder.of_type("ec2/vpcEndpoint:VpcEndpoint"):
        assert recorder.ancestors(endpoint) == ["fintech:network:Endpoints", network]


def test_the_program_exports_where_functions_run() -> None:
    assert render("network", "prod").own_outputs == {
        "accountId": "333333333333",
        "vpcId": "vpc-id",
        "privateSubnetIds": ["private-subnet-a-id", "private-subnet-b-id"],
        "functionSecurityGroupId": "function-security-group-id",
        "dynamodbEndpointId": "dynamodb-endpoint-id",
        "snsEndpointId": "sns-endpoint-id",
    }
