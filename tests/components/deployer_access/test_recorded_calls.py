"""The deployer's documents, held against every call of a real deployment to the sandbox and back.

The calls are those of the sandbox's provider, with the permissions that AWS would ask for
them; moto itself asks for none. The AWS plugin reads more than that provider does: PLUGIN_READS says what.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.box import Sandbox
from sandbox.provider.call_log import FILE
from tests.components.deployer_access.documents import documents_of
from tests.components.deployer_access.evaluator import Call, decide
from tests.components.deployer_access.linter import dependent_actions

DOCUMENTS = {role: documents_of(role, "dev") for role in ("deployer-role", "destroyer-role")}
ACCOUNT, REGION = "111111111111", "us-east-1"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:payments-function-dev-acme"
MAPPINGS = f"arn:aws:lambda:{REGION}:{ACCOUNT}:event-source-mapping:*"
TAGS = {"Environment": "dev", "EnvironmentSuffix": "acme"}
OWN = {f"aws:ResourceTag/{key}": value for key, value in TAGS.items()}

SANDBOX_ONLY = {"kms:ListKeys"}
"""How the sandbox's provider finds what an interrupted deployment left; the AWS plugin has no such search."""


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def iam(resource: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{resource}"


PLUGIN_READS = {
    # aws:ec2/*: attributes and defaults of a VPC, what hinders a subnet's or a group's deletion
    "*": "ec2:DescribeNetworkAcls ec2:DescribeNetworkInterfaces ec2:DescribeRouteTables ec2:DescribeSubnets "
    "ec2:DescribeSecurityGroups ec2:DescribeSecurityGroupRules ec2:DescribeVpcs ec2:DescribeVpcEndpoints "
    "ec2:DescribeVpcEndpointServices ec2:DescribePrefixLists ec2:DescribeFlowLogs ec2:DescribeTags "
    "ec2:DescribeAvailabilityZones kms:ListAliases logs:DescribeLogGroups lambda:ListEventSourceMappings "
    "sns:GetSubscriptionAttributes",
    arn("ec2", "vpc/vpc-1"): "ec2:DescribeVpcAttribute",
    # aws:dynamodb/table
    arn(
        "dynamodb", "table/payments-table-dev-acme"
    ): "dynamodb:DescribeTable dynamodb:DescribeContinuousBackups "
    "dynamodb:DescribeTimeToLive dynamodb:ListTagsOfResource",
    # aws:sqs/*
    arn("sqs", "payments-queue-dev-acme"): "sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ListQueueTags",
    # aws:sns/*
    arn("sns", "payments-notification-topic-dev-acme"): "sns:GetTopicAttributes sns:ListTagsForResource "
    "sns:ListSubscriptionsByTopic",
    # aws:lambda/*
    FUNCTION: "lambda:GetFunction lambda:GetFunctionConfiguration lambda:GetFunctionCodeSigningConfig "
    "lambda:GetFunctionConcurrency lambda:GetFunctionEventInvokeConfig lambda:GetFunctionRecursionConfig "
    "lambda:GetRuntimeManagementConfig lambda:GetPolicy lambda:ListTags lambda:ListVersionsByFunction",
    f"{FUNCTION}:$LATEST": "lambda:GetFunctionEventInvokeConfig",
    MAPPINGS.replace("*", "0b0e"): "lambda:GetEventSourceMapping lambda:ListTags",
    # aws:cloudwatch/*
    arn("cloudwatch", "alarm:*"): "cloudwatch:DescribeAlarms",
    arn("cloudwatch", "alarm:payments-function-errors-alarm-dev-acme"): "cloudwatch:ListTagsForResource",
    f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/payments-dashboard-dev-acme": "cloudwatch:GetDashboard",
    arn("logs", "log-group:payments-log-group-dev-acme"): "logs:ListTagsForResource",
    # aws:kms/*
    arn("kms", "key/0b0e"): "kms:DescribeKey kms:GetKeyPolicy kms:GetKeyRotationStatus kms:ListResourceTags",
    # aws:iam/*
    iam("role/payments/dev/payments-function-role-dev-acme"): "iam:GetRole",
    # aws:ec2/vpcEndpoint with private DNS, and what Lambda left in a subnet
    "arn:aws:route53:::hostedzone/Z1": "route53:AssociateVPCWithHostedZone",
}
"""Resource to the actions that the AWS plugin takes on it beyond the recorded ones (the Terraform provider's,
https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service)."""


@pytest.fixture(scope="module")
def calls(
    deployed: Sandbox, deployment_calls: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, Any]]:
    """The calls of deployer and destroyer while dev comes up for the first time and goes away again."""
    going: Path = tmp_path_factory.mktemp("calls") / "calls.jsonl"
    with pytest.MonkeyPatch.context() as patch, deployed.copy() as box:
        patch.setenv(FILE, str(going))
        box.destroy("dev", projects=["network", "payments"])
    return [
        each
        for log in (deployment_calls, going)
        for each in recorded_in(log)
        if role_of(each) in DOCUMENTS and each["account"] == ACCOUNT
    ]


def recorded_in(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def role_of(recorded: dict[str, Any]) -> str:
    """The caller's role, without environment and suffix."""
    name = recorded["caller"].split("/")[1]
    return str(name.removesuffix("-dev-acme"))


def refusals(calls: list[dict[str, Any]]) -> set[str]:
    return {
        f"{role_of(recorded)} {recorded['operation']}: {need.action} {need.resource} {dict(need.conditions)}"
        for recorded in calls
        for need in needs(recorded)
        if decide(DOCUMENTS[role_of(recorded)], need) != "allowed"
    }


def needs(recorded: dict[str, Any]) -> list[Call]:
    """The permissions of a recorded call, with what AWS knows and the log does not."""
    created = {
        key.replace("RequestTag", "ResourceTag"): value
        for need in recorded["needs"]
        for key, value in need["conditions"].items()
        if key.startswith("aws:RequestTag/")
    }
    found = []
    for need in recorded["needs"]:
        action, resource, conditions = need["action"], need["resource"], dict(need["conditions"])
        match recorded["operation"], action:
            case "CreateKey", "kms:PutKeyPolicy":  # on the very key, which has the request's tags
                conditions |= created
            case _, "kms:CreateGrant":  # lent to a service, never to a person
                conditions["kms:GrantIsForAWSResource"] = True
            case "CreateEventSourceMapping", "lambda:TagResource":
                resource = MAPPINGS
            case "GetEventSourceMapping", _ if not conditions.get("lambda:FunctionArn"):
                conditions["lambda:FunctionArn"] = FUNCTION
        if action not in SANDBOX_ONLY:
            found.append(Call(action=action, resource=resource, conditions=conditions))
    return found


def test_a_whole_deployment_was_recorded(calls: list[dict[str, Any]]) -> None:
    operations = {f"{each['service']}:{each['operation']}" for each in calls}
    assert {
        "ec2:CreateVpc",
        "ec2:DeleteVpc",
        "lambda:CreateFunction",
        "lambda:DeleteFunction",
        "dynamodb:CreateTable",
        "dynamodb:DeleteTable",
    } <= operations


def test_the_first_deployment_and_the_last_are_the_destroyers(calls: list[dict[str, Any]]) -> None:
    writing = {role_of(each) for each in calls if each["operation"].startswith(("Create", "Delete", "Put"))}
    assert writing == {"destroyer-role"}


def test_every_call_is_allowed(calls: list[dict[str, Any]]) -> None:
    assert refusals(calls) == set()


def test_every_call_would_be_refused_in_another_deployments_name(calls: list[dict[str, Any]]) -> None:
    """The same calls on `blue`'s resources: what is still allowed is harmless reading."""
    others = [
        Call(
            action=need.action,
            resource=need.resource.replace("-acme", "-blue"),
            conditions=json.loads(json.dumps(need.conditions).replace("acme", "blue")),
        )
        for recorded in calls
        for need in needs(recorded)
    ]
    allowed = {need.action for need in others if decide(DOCUMENTS["destroyer-role"], need) == "allowed"}
    readings = {action for action in allowed if action.split(":")[1].startswith(("Describe", "List", "Get"))}
    # Ids tell nothing of whose a new mapping is; which function it feeds does, and that is refused.
    assert allowed - readings == {"lambda:TagResource"}


def test_reads_of_the_real_plugin_are_allowed() -> None:
    conditions = {**OWN, "lambda:FunctionArn": FUNCTION}
    refused = {
        (action, resource)
        for resource, actions in PLUGIN_READS.items()
        for action in actions.split()
        if decide(DOCUMENTS["destroyer-role"], Call(action=action, resource=resource, conditions=conditions))
        != "allowed"
    }
    assert refused == set()


def test_no_action_that_aws_makes_dependent_on_another_is_missing(calls: list[dict[str, Any]]) -> None:
    """By the Service Authorization Reference, but for what it lists for other uses of the same actions."""
    unused = {
        "ec2:DescribeVpcs",
        "ecs:ListClusters",  # flow logs of tasks
        "ecs:ListContainerInstances",
        "ecs:ListServices",
        "ecs:ListTaskDefinitions",
        "ecs:ListTasks",
        "iam:CreateServiceLinkedRole",  # multi-Region keys, replicas of tables
        "cloudwatch:DescribeInsightRules",
        "ec2:CreateSecurityGroup",
    }
    granted = {
        action
        for document in DOCUMENTS["destroyer-role"]
        for statement in json.loads(document)["Statement"]
        if statement["Effect"] == "Allow"
        for action in (
            statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        )
    }
    dependent = {
        action for each in calls for need in each["needs"] for action in dependent_actions(need["action"])
    }
    assert dependent - unused <= granted
