"""What somebody makes beside the stacks is found, each at the resource that it is attached to."""

import ipaddress
import json
from datetime import date
from typing import Any

import pytest

from operations.drift.report import Check, Classification, Finding, Severity
from operations.drift.unmanaged.ignores import Ignore
from sandbox import Sandbox
from tests.operations.drift import remedy_runner
from tests.operations.drift.runs import run

pytestmark = pytest.mark.long
ENVIRONMENT = "dev"
ANYBODY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
    }
)
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "999999999999"}, "Action": "sts:AssumeRole"}],
    }
)


def plant(box: Sandbox) -> set[tuple[str, str]]:
    """Attach things to managed resources; return resource and kind of each."""
    end = f"-{ENVIRONMENT}-{box.account(ENVIRONMENT).suffix}"

    def client(service: str) -> Any:
        return box.client(service, ENVIRONMENT)

    lambda_, iam, ec2, sns, kms = (client(name) for name in ("lambda", "iam", "ec2", "sns", "kms"))
    payments, network = box.outputs("payments", ENVIRONMENT), box.outputs("network", ENVIRONMENT)
    function, vpc = f"payments-function{end}", network["vpcId"]
    lambda_.add_permission(
        FunctionName=function, StatementId="open", Action="lambda:InvokeFunction", Principal="*"
    )
    lambda_.create_function_url_config(FunctionName=function, AuthType="NONE")
    lambda_.publish_version(FunctionName=function)
    lambda_.create_alias(FunctionName=function, Name="old", FunctionVersion="1")
    foreign = client("sqs").create_queue(QueueName="foreign")["QueueUrl"]
    foreign_arn = client("sqs").get_queue_attributes(QueueUrl=foreign, AttributeNames=["QueueArn"])[
        "Attributes"
    ]["QueueArn"]
    lambda_.create_event_source_mapping(FunctionName=function, EventSourceArn=foreign_arn)
    client("sqs").set_queue_attributes(
        QueueUrl=foreign,
        Attributes={
            "RedrivePolicy": json.dumps(
                {"deadLetterTargetArn": payments["deadLetterQueueArn"], "maxReceiveCount": 1}
            )
        },
    )
    client("dynamodb").put_resource_policy(ResourceArn=payments["tableArn"], Policy=ANYBODY)
    sns.subscribe(TopicArn=payments["topicArn"], Protocol="sqs", Endpoint=foreign_arn)
    key = next(
        each["TargetKeyId"]
        for each in kms.list_aliases()["Aliases"]
        if each["AliasName"] == f"alias/payments-key{end}"
    )
    kms.create_grant(KeyId=key, GranteePrincipal="arn:aws:iam::999999999999:root", Operations=["Decrypt"])
    kms.create_alias(AliasName="alias/second", TargetKeyId=key)
    iam.create_instance_profile(InstanceProfileName="profile")
    iam.add_role_to_instance_profile(InstanceProfileName="profile", RoleName=f"reader-role{end}")
    iam.create_user(UserName="somebody")
    policies = iam.list_policies(Scope="Local")["Policies"]
    deployer = next(each["Arn"] for each in policies if each["PolicyName"] == f"deployer-network-policy{end}")
    iam.attach_user_policy(UserName="somebody", PolicyArn=deployer)
    client("logs").put_subscription_filter(
        logGroupName=f"payments-log-group{end}",
        filterName="copy",
        filterPattern="",
        destinationArn=lambda_.get_function(FunctionName=function)["Configuration"]["FunctionArn"],
    )
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.create_egress_only_internet_gateway(VpcId=vpc)
    ec2.create_subnet(VpcId=vpc, CidrBlock=_last_range(ec2, vpc))
    ec2.create_security_group(GroupName="wide", Description="wide", VpcId=vpc)
    ec2.create_route_table(VpcId=vpc)
    ec2.create_network_acl(VpcId=vpc)
    acls = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkAcls"]
    default = next(each["NetworkAclId"] for each in acls if each["IsDefault"])
    ec2.create_network_acl_entry(
        NetworkAclId=default,
        RuleNumber=50,
        Protocol="-1",
        RuleAction="allow",
        Egress=False,
        CidrBlock="203.0.113.0/24",
    )
    other = ec2.create_vpc(CidrBlock="10.200.0.0/24")["Vpc"]["VpcId"]
    ec2.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=other)
    ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock="10.201.0.0/24")
    return {
        ("payments-function", "permission"),
        ("payments-function", "functionUrl"),
        ("payments-function", "alias"),
        ("payments-function", "eventSourceMapping"),
        ("payments-dead-letter-queue", "deadLetterSource"),
        ("payments-table", "resourcePolicy"),
        ("payments-notification-topic", "subscription"),
        ("payments-key", "grant"),
        ("payments-key", "alias"),
        ("reader-role", "instanceProfile"),
        ("deployer-network-policy", "attachedTo"),
        ("payments-log-group", "subscriptionFilter"),
        ("vpc", "internetGateway"),
        ("vpc", "egressOnlyInternetGateway"),
        ("vpc", "subnet"),
        ("vpc", "securityGroup"),
        ("vpc", "routeTable"),
        ("vpc", "networkAcl"),
        ("vpc", "networkAclEntry"),
        ("vpc", "peering"),
        ("vpc", "addressRange"),
    }


def _last_range(ec2: Any, vpc: str) -> str:
    block = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["CidrBlock"]
    return str([*ipaddress.IPv4Network(block).subnets(new_prefix=28)][-1])


def kind(finding: Finding) -> str:
    return finding.path.strip("()").split(" ")[0]


def check_attached(box: Sandbox) -> None:
    clean = run(box, Check.UNMANAGED, environments=(ENVIRONMENT,))
    assert (clean.findings, clean.not_checked) == ((), ())
    assert clean.notes[f"unmanaged in {ENVIRONMENT}"].endswith("list calls as the reader role")
    expected = plant(box)
    report = run(box, Check.UNMANAGED, environments=(ENVIRONMENT,))
    assert report.not_checked == ()
    assert {(each.resource, kind(each)) for each in report.findings} == expected
    assert all(each.severity.rank >= Severity.MEDIUM.rank for each in report.findings)
    assert len({(each.resource, each.path) for each in report.findings}) == len(report.findings)
    for environment, command in remedy_runner.commands(report.findings):
        remedy_runner.run(box, environment, command)
    again = run(box, Check.UNMANAGED, environments=(ENVIRONMENT,))
    assert [(each.resource, each.path) for each in again.findings] == []


def test_what_is_attached_to_managed_resources_is_found_and_its_remedy_removes_it(
    deployed_copy: Sandbox,
) -> None:
    check_attached(deployed_copy)


def check_inventory(box: Sandbox) -> None:
    assert run(box, Check.UNMANAGED, environments=(ENVIRONMENT,), inventory=True).findings == ()
    end = f"-{ENVIRONMENT}-{box.account(ENVIRONMENT).suffix}"
    iam = box.client("iam", ENVIRONMENT)
    iam.create_role(RoleName=f"shadow-role{end}", AssumeRolePolicyDocument=TRUST)
    iam.create_role(RoleName="audit", AssumeRolePolicyDocument=TRUST)
    iam.create_user(UserName="somebody")
    iam.create_service_linked_role(AWSServiceName="lambda.amazonaws.com")
    box.client("sqs", ENVIRONMENT).create_queue(QueueName=f"copy-queue{end}")
    box.client("logs", ENVIRONMENT).create_log_group(logGroupName="old")
    report = run(box, Check.UNMANAGED, environments=(ENVIRONMENT,), inventory=True)
    found = {(kind(each), str(each.target).rpartition("/")[2]): each.severity for each in report.findings}
    assert found == {
        ("role", f"shadow-role{end}"): Severity.HIGH,
        ("role", "audit"): Severity.LOW,
        ("user", "somebody"): Severity.CRITICAL,
        ("queue", f"copy-queue{end}"): Severity.HIGH,
        ("logGroup", "old"): Severity.LOW,
    }


def test_the_inventory_lists_everything_else_the_environments_names_first(deployed_copy: Sandbox) -> None:
    check_inventory(deployed_copy)


def test_an_ignored_resource_is_waived_until_its_day() -> None:
    ignore = Ignore(
        arn="arn:aws:iam::*:role/audit-*",
        reason="The organisation's auditors read every account.",
        owner="security",
        expires=date(2026, 12, 31),
    )
    assert ignore.fits("arn:aws:iam::111111111111:role/audit-read", date(2026, 12, 31))
    assert not ignore.fits("arn:aws:iam::111111111111:role/audit-read", date(2027, 1, 1))
    assert not ignore.fits("arn:aws:iam::111111111111:role/payments", date(2026, 12, 1))
    assert Classification.WAIVED.value == "waived"
