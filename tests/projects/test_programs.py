"""What holds for every resource of every stack: names, tags, destroyability, the chain, the differences."""

import re
from functools import cache
from typing import Any

import pytest

from components.environment import LADDER
from tests.builders import ARTIFACT, SECTIONS
from tests.recorder import Recorder, Registered, render

STACKS = [(project, environment) for project in SECTIONS for environment in LADDER]
REGIONS = {"dev": "us-east-1", "staging": "us-west-2", "prod": "eu-west-1"}
ACCOUNTS = {"dev": "111111111111", "staging": "222222222222", "prod": "333333333333"}
NAME_KEYS = ("name", "dashboardName")
UNNAMED = {
    "QueuePolicy",
    "RedriveAllowPolicy",
    "TopicPolicy",
    "TopicSubscription",
    "RolePoliciesExclusive",
    "RolePolicyAttachment",
    "RolePolicyAttachmentsExclusive",
    "VpcSecurityGroupRulesExclusive",
    "FunctionEventInvokeConfig",
    "RouteTableAssociation",
}
"""Parts of other resources, which AWS gives neither name nor tags."""


@cache
def program(project: str, environment: str) -> Recorder:
    return render(project, environment)


def physical_name(resource: Registered) -> str | None:
    return next((resource.inputs[key] for key in NAME_KEYS if key in resource.inputs), resource.tag_name)


@pytest.mark.parametrize(("project", "environment"), STACKS)
def test_every_resource_is_named_by_the_convention(project: str, environment: str) -> None:
    for resource in program(project, environment).aws:
        name = physical_name(resource)
        if resource.type.rpartition(":")[2] in UNNAMED:
            assert name is None
        else:
            assert re.fullmatch(rf"(alias/)?[a-z][a-z0-9]*(-[a-z0-9]+)*-{environment}-acme", name or ""), (
                resource.urn
            )


@pytest.mark.parametrize(("project", "environment"), STACKS)
def test_names_are_unique_in_their_type(project: str, environment: str) -> None:
    names = [(each.type, physical_name(each)) for each in program(project, environment).aws]
    named = [each for each in names if each[1]]
    assert len(named) == len(set(named))


@pytest.mark.parametrize(("project", "environment"), STACKS)
def test_logical_names_have_neither_environment_nor_suffix(project: str, environment: str) -> None:
    for resource in program(project, environment).resources:
        assert not {"acme", *LADDER} & set(resource.name.split("-"))


@pytest.mark.parametrize(("project", "environment"), STACKS)
def test_everything_may_be_destroyed(project: str, environment: str) -> None:
    for resource in program(project, environment).resources:
        assert not resource.protect
        assert not resource.retain_on_delete
        assert not [key for key, value in resource.inputs.items() if "rotect" in key and value]
        assert resource.inputs.get("skipDestroy") is not True


@pytest.mark.parametrize(("project", "environment"), STACKS)
def test_keys_go_in_the_shortest_time_there_is(project: str, environment: str) -> None:
    windows = {
        key.inputs["deletionWindowInDays"] for key in program(project, environment).of_type("kms/key:Key")
    }
    assert windows <= {7}


@pytest.mark.parametrize("project", ["network", "payments"])
@pytest.mark.parametrize("environment", LADDER)
def test_only_bootstrap_iam_makes_roles_and_policies(project: str, environment: str) -> None:
    assert [each.urn for each in program(project, environment).aws if each.type.startswith("aws:iam/")] == []


@pytest.mark.parametrize("environment", LADDER)
def test_every_role_that_a_service_assumes_carries_the_boundary(environment: str) -> None:
    roles = [
        role
        for role in program("bootstrap-iam", environment).of_type("iam/role:Role")
        if "Service" in role.document("assumeRolePolicy")["Statement"][0]["Principal"]
    ]
    assert len(roles) == 2
    assert {role.inputs["permissionsBoundary"] for role in roles} == {"arn:of:workload-boundary-policy"}


def test_every_function_has_a_dead_letter_queue_and_every_mapping_a_bound() -> None:
    for environment in LADDER:
        for function in program("payments", environment).of_type("lambda/function:Function"):
            assert "dead-letter-queue" in function.inputs["deadLetterConfig"]["targetArn"]
        for mapping in program("payments", environment).of_type("EventSourceMapping"):
            assert mapping.inputs["scalingConfig"]["maximumConcurrency"] >= 2


@pytest.mark.parametrize("project", SECTIONS)
def test_environments_have_the_same_resources(project: str) -> None:
    shapes = [
        sorted(
            (each.type, each.name, "".join(program(project, environment).ancestors(each))) for each in found
        )
        for environment in LADDER
        for found in [program(project, environment).resources]
    ]
    assert shapes[0] == shapes[1] == shapes[2]


def neutral(value: Any, environment: str) -> Any:
    """A value with the identity of its environment taken out."""
    if isinstance(value, dict):
        return {key: neutral(each, environment) for key, each in value.items()}
    if isinstance(value, list):
        return [neutral(each, environment) for each in value]
    if not isinstance(value, str):
        return value
    text = value.replace(ACCOUNTS[environment], "<account>").replace(REGIONS[environment], "<region>")
    return re.sub(rf"\b{environment}\b", "<environment>", text)


def test_staging_and_prod_payments_differ_in_controlled_variations_alone() -> None:
    staging = {each.urn.partition("::")[2]: each.inputs for each in program("payments", "staging").aws}
    prod = {each.urn.partition("::")[2]: each.inputs for each in program("payments", "prod").aws}
    different = {
        (urn.rpartition("::")[2], key)
        for urn in staging
        for key in staging[urn].keys() | prod[urn].keys()
        if key != "code" and neutral(staging[urn].get(key), "staging") != neutral(prod[urn].get(key), "prod")
    }
    assert different == {
        ("payments-function", "memorySize"),
        ("payments-function", "reservedConcurrentExecutions"),
        ("payments-event-source-mapping", "scalingConfig"),
        ("payments-queue", "redrivePolicy"),
        ("payments-verification-queue", "redrivePolicy"),
        ("payments-verification-depth-alarm", "threshold"),
        ("payments-log-group", "retentionInDays"),
        ("payments-dead-letter-depth-alarm", "threshold"),
        ("payments-function-errors-alarm", "threshold"),
        ("payments-function-throttles-alarm", "threshold"),
        ("payments-oldest-message-alarm", "threshold"),
        ("payments-dashboard", "dashboardBody"),
    }


@pytest.mark.parametrize(
    ("project", "environment", "read"),
    [
        ("bootstrap-iam", "prod", []),
        ("network", "prod", ["bootstrap-iam/prod"]),
        ("payments", "dev", ["bootstrap-iam/dev", "network/dev"]),
        ("payments", "staging", ["bootstrap-iam/staging", "network/staging", "payments/dev"]),
        ("payments", "prod", ["bootstrap-iam/prod", "network/prod", "payments/dev", "payments/staging"]),
    ],
)
def test_a_program_reads_the_stacks_before_it_in_the_chain(
    project: str, environment: str, read: list[str]
) -> None:
    assert sorted(program(project, environment).read_stacks) == [f"organization/{name}" for name in read]


def test_prod_shows_the_tables_of_the_environments_below_it_lowest_first() -> None:
    tables = {
        "organization/payments/dev": render("payments", "dev").outputs | {"tableArn": "arn:dev"},
        "organization/payments/staging": render("payments", "staging").outputs | {"tableArn": "arn:staging"},
    }
    assert render("payments", "prod", references=tables).outputs["upstreamTableArns"] == [
        "arn:dev",
        "arn:staging",
    ]
    assert render("payments", "dev").outputs["upstreamTableArns"] == []


def test_the_release_is_told_by_its_digest() -> None:
    assert program("payments", "prod").outputs["artifactDigest"] == ARTIFACT.digest


def test_outputs_of_payments_are_the_projects_contract() -> None:
    outputs = program("payments", "staging").outputs
    assert outputs["accountId"] == ACCOUNTS["staging"]
    assert outputs["tableName"] == "payments-table-staging-acme"
    assert outputs["functionName"] == "payments-function-staging-acme"
