"""A refresh takes what somebody did into the state. It stays drift, and the printed remedy removes it."""

import io
import json
import zipfile
from typing import Any

import pytest

from components.stacks import PROJECTS
from operations.deployment.operate import EventedStack
from operations.drift.companions import SETS
from operations.drift.report import Check, Finding, Severity
from operations.engine.failure import StackName
from operations.workspace import stack_of
from sandbox import Sandbox
from tests.operations.drift import remedy_runner
from tests.operations.drift.runs import drift, run

pytestmark = pytest.mark.long
EVERYTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)
ENVIRONMENT = "dev"


def attack(box: Sandbox, environment: str = ENVIRONMENT) -> dict[tuple[str, str], Any]:
    """Open an account in many ways; return the place of each and what must be found there."""

    def names(kind: str) -> str:
        return f"{kind}-{environment}-{box.account(environment).suffix}"

    def client(service: str) -> Any:
        return box.client(service, environment)

    iam, ec2 = client("iam"), client("ec2")
    role, function, table = (names(f"payments-{kind}") for kind in ("function-role", "function", "table"))
    iam.put_role_policy(RoleName=role, PolicyName="back door", PolicyDocument=EVERYTHING)
    foreign = iam.create_policy(PolicyName="foreign", PolicyDocument=EVERYTHING)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=names("reader-role"), PolicyArn=foreign)
    network = box.outputs("network", environment)
    group = network["functionSecurityGroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
    )
    ec2.authorize_security_group_egress(
        GroupId=group,
        IpPermissions=[{"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}],
    )
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network["vpcId"])
    route_tables = ec2.describe_route_tables(
        Filters=[{"Name": "tag:Name", "Values": [names("private-route-table")]}]
    )["RouteTables"]
    ec2.create_route(
        RouteTableId=route_tables[0]["RouteTableId"],
        DestinationCidrBlock="0.0.0.0/0",
        GatewayId=gateway,
    )
    client("dynamodb").update_time_to_live(
        TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "createdAt"}
    )
    client("lambda").update_function_code(FunctionName=function, ZipFile=_zip("evil"))
    variables = client("lambda").get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    client("lambda").update_function_configuration(
        FunctionName=function,
        Environment={"Variables": {**variables, "PYTHONPATH": "/tmp"}},  # noqa: S108
    )
    return {
        ("payments-function-role", "inlinePolicies[0]"): "back door",
        ("reader-role", "managedPolicyArns[0]"): foreign,
        ("function-security-group", "ingress[0]"): "0.0.0.0/0",
        ("function-security-group", "egress[0]"): "::/0",
        ("private-route-table", "routes[0]"): gateway,
        ("payments-table", "ttl.enabled"): True,
        ("payments-table", "ttl.attributeName"): "createdAt",
        ("payments-function", "codeSha256"): "",
        ("payments-function", "environment.variables.PYTHONPATH"): "/tmp",  # noqa: S108
    }


def _zip(text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        zipped.writestr("payment_processor/handler.py", text)
    return buffer.getvalue()


def launder(box: Sandbox, environment: str = ENVIRONMENT) -> None:
    """Take all of it into the states, as a colleague's `pulumi refresh` does."""
    for project in PROJECTS:
        name = StackName(project=project, environment=environment)
        stack_of(EventedStack, name, root=box.root, command=box.command()).refresh(run_program=True)


def found(box: Sandbox, environment: str = ENVIRONMENT) -> list[Finding]:
    report = run(box, Check.CLOUD, Check.CODE, environments=(environment,))
    assert report.not_checked == ()
    return drift(report)


def check_laundering(box: Sandbox) -> None:
    expected = attack(box)
    launder(box)
    findings = found(box)
    places = {(each.resource, each.path): each for each in findings}
    assert expected.keys() <= places.keys()
    # Beside its owner, a set that the program owns differs from the state.
    assert {each.type for place, each in places.items() if place not in expected} <= SETS.keys()
    for place, value in expected.items():
        assert str(value) in str(places[place].target) or places[place].check is Check.CODE
    for place in expected:
        if place[0].endswith(("role", "group", "table")) and not place[0].startswith("payments-table"):
            assert places[place].severity is Severity.CRITICAL
    assert not [each.fix for each in findings if "pulumi " in each.fix]
    for environment, command in remedy_runner.commands(findings):
        remedy_runner.run(box, environment, command)
    assert found(box) == []
    names = {each["PolicyName"] for each in _attached(box)}
    assert "foreign" not in names


def _attached(box: Sandbox) -> list[dict[str, Any]]:
    role = f"reader-role-{ENVIRONMENT}-{box.account(ENVIRONMENT).suffix}"
    attached = box.client("iam", ENVIRONMENT).list_attached_role_policies(RoleName=role)
    return list(attached["AttachedPolicies"])


def test_what_a_refresh_took_into_the_state_stays_drift_until_its_remedy_removes_it(
    deployed_copy: Sandbox,
) -> None:
    check_laundering(deployed_copy)
