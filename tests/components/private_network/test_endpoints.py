import pytest

from components.private_network import PrivateNetwork
from tests.builders import private_network_args, with_provider
from tests.recorder import Recorder, record


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return record(with_provider(lambda opts: PrivateNetwork("network", private_network_args(), opts)))


def test_dynamodb_is_reached_through_a_gateway_in_the_private_route_table(recorder: Recorder) -> None:
    inputs = recorder.one("VpcEndpoint", "dynamodb-endpoint").inputs
    assert inputs["vpcEndpointType"] == "Gateway"
    assert inputs["serviceName"] == "com.amazonaws.us-east-1.dynamodb"
    assert inputs["routeTableIds"] == ["private-route-table-id"]


def test_sns_is_reached_through_an_interface_under_its_usual_name(recorder: Recorder) -> None:
    inputs = recorder.one("VpcEndpoint", "sns-endpoint").inputs
    assert inputs["vpcEndpointType"] == "Interface"
    assert inputs["serviceName"] == "com.amazonaws.us-east-1.sns"
    assert inputs["privateDnsEnabled"] is True
    assert inputs["subnetIds"] == ["private-subnet-a-id", "private-subnet-b-id"]
    assert inputs["securityGroupIds"] == ["endpoint-security-group-id"]


@pytest.mark.parametrize(
    ("endpoint", "actions", "resource"),
    [
        (
            "dynamodb-endpoint",
            [
                f"dynamodb:{name}"
                for name in ("ConditionCheckItem", "GetItem", "PutItem", "Query", "UpdateItem")
            ],
            "arn:aws:dynamodb:us-east-1:111111111111:table/*-dev-acme",
        ),
        ("sns-endpoint", "sns:Publish", "arn:aws:sns:us-east-1:111111111111:*-dev-acme"),
    ],
)
def test_an_endpoint_lets_own_principals_reach_own_resources_only(
    recorder: Recorder, endpoint: str, actions: object, resource: str
) -> None:
    (statement,) = recorder.one("VpcEndpoint", endpoint).document()["Statement"]
    assert statement["Effect"] == "Allow"
    assert statement["Action"] == actions
    assert statement["Resource"] == resource
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": "111111111111"}}


def test_functions_reach_the_two_endpoints_by_https_and_nothing_else(recorder: Recorder) -> None:
    rules = {each.name: each.inputs for each in recorder.of_type("SecurityGroupEgressRule")}
    assert set(rules) == {"function-to-sns-rule", "function-to-dynamodb-rule"}
    assert rules["function-to-sns-rule"]["referencedSecurityGroupId"] == "endpoint-security-group-id"
    assert rules["function-to-dynamodb-rule"]["prefixListId"] == "dynamodb-endpoint-prefix-list"
    for rule in rules.values():
        assert rule["securityGroupId"] == "function-security-group-id"


def test_nobody_but_functions_reaches_the_sns_endpoint_and_nobody_the_functions(recorder: Recorder) -> None:
    rule = recorder.one("SecurityGroupIngressRule").inputs
    assert rule["securityGroupId"] == "endpoint-security-group-id"
    assert rule["referencedSecurityGroupId"] == "function-security-group-id"


def test_every_rule_is_for_https_and_names_no_address_range(recorder: Recorder) -> None:
    for rule in [*recorder.of_type("SecurityGroupEgressRule"), *recorder.of_type("SecurityGroupIngressRule")]:
        ports = {key: rule.inputs[key] for key in ("ipProtocol", "fromPort", "toPort")}
        assert ports == {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
        assert not {"cidrIpv4", "cidrIpv6"} & set(rule.inputs)


def test_security_groups_have_no_rules_of_their_own(recorder: Recorder) -> None:
    for group in recorder.of_type("securityGroup:SecurityGroup"):
        assert not {"ingress", "egress"} & set(group.inputs)
        assert group.inputs["vpcId"] == "vpc-id"


def test_the_security_groups_own_all_of_their_rules(recorder: Recorder) -> None:
    groups = {each.name: each.inputs for each in recorder.of_type("VpcSecurityGroupRulesExclusive")}
    assert groups["function-security-group-rules"] == {
        "securityGroupId": "function-security-group-id",
        "ingressRuleIds": [],
        "egressRuleIds": ["function-to-sns-rule-id", "function-to-dynamodb-rule-id"],
    }
    assert groups["endpoint-security-group-rules"] == {
        "securityGroupId": "endpoint-security-group-id",
        "ingressRuleIds": ["sns-from-function-rule-id"],
        "egressRuleIds": [],
    }
