from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from sandbox.provider.authorization import Need, needs
from tests.sandbox.provider.service_authorization import conforms

TAGS = {"Project": "payments", "Environment": "dev"}


@dataclass
class World:
    """What IAM knows beside the call."""

    account: str = "111111111111"
    region: str = "eu-west-1"
    about: Mapping[str, Any] = field(default_factory=dict)

    def tags(self, arn: str) -> Mapping[str, str]:
        return {} if arn.endswith("*") else {"Environment": "dev"}

    def boundary(self, role: str) -> str | None:
        return f"arn:aws:iam::{self.account}:policy/boundary-of-{role}"


def _arn(service: str, resource: str, region: str = "eu-west-1") -> str:
    return f"arn:aws:{service}:{region}:111111111111:{resource}"


def _needs(
    service: str, operation: str, parameters: dict[str, Any], **about: Any
) -> dict[tuple[str, str], Any]:
    found = needs(service, operation, parameters, World(about=about))
    return {(need.action, need.resource): need.conditions for need in found}


def test_a_tagged_subnet_needs_rights_on_itself_its_vpc_and_its_tags() -> None:
    tags = [{"ResourceType": "subnet", "Tags": [{"Key": name, "Value": text} for name, text in TAGS.items()]}]
    found = _needs("ec2", "CreateSubnet", {"VpcId": "vpc-0123456789", "TagSpecifications": tags})
    requested = {
        "aws:RequestTag/Project": "payments",
        "aws:RequestTag/Environment": "dev",
        "aws:TagKeys": ["Environment", "Project"],
    }
    region = {"aws:RequestedRegion": "eu-west-1"}
    assert found == {
        ("ec2:CreateSubnet", _arn("ec2", "subnet/*")): {**region, **requested},
        ("ec2:CreateSubnet", _arn("ec2", "vpc/vpc-0123456789")): {
            **region,
            "aws:ResourceTag/Environment": "dev",
        },
        ("ec2:CreateTags", _arn("ec2", "subnet/*")): {
            **region,
            **requested,
            "ec2:CreateAction": "CreateSubnet",
        },
    }


def test_a_role_brings_its_boundary_along() -> None:
    boundary = _arn("iam", "policy/workload-boundary-policy-dev-acme", "")
    found = _needs("iam", "CreateRole", {"RoleName": "r", "Path": "/", "PermissionsBoundary": boundary})
    assert found["iam:CreateRole", _arn("iam", "role/r", "")]["iam:PermissionsBoundary"] == boundary


@pytest.mark.parametrize(
    "operation", ["AttachRolePolicy", "PutRolePolicy", "DetachRolePolicy", "DeleteRolePermissionsBoundary"]
)
def test_changing_a_roles_rights_depends_on_the_boundary_that_it_has(operation: str) -> None:
    found = _needs("iam", operation, {"RoleName": "r", "PolicyArn": "arn:aws:iam::1:policy/p"})
    conditions = found[f"iam:{operation}", _arn("iam", "role/r", "")]
    assert conditions["iam:PermissionsBoundary"] == _arn("iam", "policy/boundary-of-r", "")


def test_a_role_without_a_boundary_brings_none_along() -> None:
    class Bare(World):
        def boundary(self, role: str) -> str | None:
            return None

    (need,) = needs("iam", "CreateRole", {"RoleName": "r", "Path": "/"}, Bare())
    assert "iam:PermissionsBoundary" not in need.conditions


def test_a_function_passes_its_role_and_lends_its_key() -> None:
    role, key = _arn("iam", "role/r", ""), _arn("kms", "key/1")
    found = _needs(
        "lambda",
        "CreateFunction",
        {
            "FunctionName": "f",
            "Role": role,
            "KMSKeyArn": key,
            "Tags": TAGS,
            "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
        },
    )
    assert found["iam:PassRole", role]["iam:PassedToService"] == "lambda.amazonaws.com"
    assert found["kms:CreateGrant", key]["kms:ViaService"] == "lambda.eu-west-1.amazonaws.com"
    assert found["lambda:CreateFunction", _arn("lambda", "function:f")]["lambda:SubnetIds"] == ["subnet-1"]
    assert ("lambda:TagResource", _arn("lambda", "function:f")) in found
    assert ("ec2:DescribeSubnets", "*") in found


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    [
        ("sqs", "CreateQueue", {"QueueName": "q"}, [("sqs:CreateQueue", _arn("sqs", "q"))]),
        ("sqs", "DeleteQueue", {"QueueUrl": "http://x/1/q"}, [("sqs:DeleteQueue", _arn("sqs", "q"))]),
        ("sns", "CreateTopic", {"Name": "t"}, [("sns:CreateTopic", _arn("sns", "t"))]),
        ("sns", "Unsubscribe", {"SubscriptionArn": "arn"}, [("sns:Unsubscribe", "*")]),
        ("dynamodb", "DescribeTable", {"TableName": "t"},
         [("dynamodb:DescribeTable", _arn("dynamodb", "table/t"))]),
        ("logs", "CreateLogGroup", {"logGroupName": "g"},
         [("logs:CreateLogGroup", _arn("logs", "log-group:g:log-stream:"))]),
        ("logs", "TagResource", {"resourceArn": _arn("logs", "log-group:g"), "tags": TAGS},
         [("logs:TagResource", _arn("logs", "log-group:g"))]),
        ("cloudwatch", "DeleteAlarms", {"AlarmNames": ["a"]},
         [("cloudwatch:DeleteAlarms", _arn("cloudwatch", "alarm:a"))]),
        ("cloudwatch", "PutDashboard", {"DashboardName": "d", "DashboardBody": ""},
         [("cloudwatch:PutDashboard", _arn("cloudwatch", "dashboard/d", ""))]),
        ("kms", "CreateAlias", {"AliasName": "alias/k", "TargetKeyId": "1"},
         [("kms:CreateAlias", _arn("kms", "alias/k")), ("kms:CreateAlias", _arn("kms", "key/1"))]),
        ("kms", "ListKeys", {}, [("kms:ListKeys", "*")]),
        ("kms", "CreateKey", {"Tags": [{"TagKey": "a", "TagValue": "b"}]},
         [("kms:CreateKey", "*"), ("kms:TagResource", _arn("kms", "key/*"))]),
        ("ec2", "DescribeVpcs", {"VpcIds": ["vpc-0123456789"]}, [("ec2:DescribeVpcs", "*")]),
        ("ec2", "DescribeVpcAttribute", {"VpcId": "vpc-0123456789"},
         [("ec2:DescribeVpcAttribute", _arn("ec2", "vpc/vpc-0123456789"))]),
        ("ec2", "RevokeSecurityGroupEgress",
         {"GroupId": "sg-0123456789", "SecurityGroupRuleIds": ["sgr-0123456789"]},
         [("ec2:RevokeSecurityGroupEgress", _arn("ec2", "security-group/sg-0123456789"))]),
        ("ec2", "CreateTags", {"Resources": ["sg-0123456789"], "Tags": [{"Key": "a", "Value": "b"}]},
         [("ec2:CreateTags", _arn("ec2", "security-group/sg-0123456789"))]),
        ("iam", "CreatePolicy", {"PolicyName": "p", "Path": "/", "Tags": [{"Key": "a", "Value": "b"}]},
         [("iam:CreatePolicy", _arn("iam", "policy/p", "")), ("iam:TagPolicy", _arn("iam", "policy/p", ""))]),
        ("lambda", "CreateEventSourceMapping", {"FunctionName": "f", "EventSourceArn": _arn("sqs", "q")},
         [("lambda:CreateEventSourceMapping", "*")]),
        ("lambda", "DeleteEventSourceMapping", {"UUID": "1"},
         [("lambda:DeleteEventSourceMapping", _arn("lambda", "event-source-mapping:1"))]),
    ],
)  # fmt: skip
def test_the_resources_are_those_that_iam_sees(
    service: str, operation: str, parameters: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    found = needs(service, operation, parameters, World())
    assert [(need.action, need.resource) for need in found] == expected


def test_an_association_is_judged_by_what_it_associates() -> None:
    found = _needs(
        "ec2",
        "DisassociateRouteTable",
        {"AssociationId": "rtbassoc-0123456789"},
        routeTableId="rtb-0123456789",
        subnetId="subnet-0123456789",
    )
    assert {resource for _, resource in found} == {
        _arn("ec2", "route-table/rtb-0123456789"),
        _arn("ec2", "subnet/subnet-0123456789"),
    }


def test_the_reference_is_what_needs_are_held_against() -> None:
    assert conforms(Need("sqs:CreateQueue", _arn("sqs", "q")))
    assert not conforms(Need("sqs:MakeQueue", _arn("sqs", "q")))
    assert not conforms(Need("sqs:CreateQueue", "*"))
    assert not conforms(Need("sqs:CreateQueue", _arn("sns", "q")))
