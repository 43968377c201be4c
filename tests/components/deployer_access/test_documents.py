"""The managed policies of all three environments: within AWS's limits, and without a linter's findings."""

import json

import pytest

from tests.components.deployer_access.documents import ENVIRONMENTS, bootstrapped, policies
from tests.components.deployer_access.linter import findings

POLICIES = sorted(policies("dev"))
MANAGED_POLICY_CHARACTERS = 6144
TRUST_POLICY_CHARACTERS = 2048
ATTACHED_POLICIES = 10

FALSE_POSITIVES = {
    # parliament wants all of an action's resource types in one statement. They are in two, under different
    # conditions: what is created gets the tags, what it is created in has them already (ChangeOwn).
    ("CreateRouteTable", "RESOURCE_MISMATCH", "ec2:CreateRouteTable"),
    ("CreateSecurityGroupRule", "RESOURCE_MISMATCH", "ec2:AuthorizeSecurityGroupEgress"),
    ("CreateSecurityGroupRule", "RESOURCE_MISMATCH", "ec2:AuthorizeSecurityGroupIngress"),
    ("CreateSubnet", "RESOURCE_MISMATCH", "ec2:CreateSubnet"),
    ("CreateVpcEndpoint", "RESOURCE_MISMATCH", "ec2:CreateVpcEndpoint"),
    # The same: the alias by its name in one, the key by its tags in the other.
    *(
        (statement, "RESOURCE_MISMATCH", f"kms:{action}")
        for statement in ("ManageOwnKeys", "NameOwnKeys")
        for action in ("CreateAlias", "DeleteAlias", "UpdateAlias")
    ),
    # parliament's database has no resource for it; AWS asks for `log-group::log-stream:`.
    ("FindLogGroup", "RESOURCE_MISMATCH", "logs:DescribeLogGroups"),
    ("FindLogGroups", "RESOURCE_MISMATCH", "logs:DescribeLogGroups"),
    # parliament's database is older than the key:
    # https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-resource-aliases
    *(
        (
            "UseKey",
            "UNKNOWN_CONDITION_FOR_ACTION",
            f"Unknown condition kms:ResourceAliases for action kms:{action}",
        )
        for action in ("Decrypt", "GenerateDataKey")
    ),
    # Lambda checks that the role may do this to every resource before it attaches a function to a VPC:
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
    *(
        (statement, "RESOURCE_STAR", f"ec2:{action}")
        for statement in ("AttachToNetwork", "NetworkInterfacesAndTraces")
        for action in (
            "AssignPrivateIpAddresses",
            "CreateNetworkInterface",
            "DeleteNetworkInterface",
            "UnassignPrivateIpAddresses",
        )
    ),
}
"""Statement, parliament's issue, and what it is about."""
CROSS_SERVICE = "Unknown condition lambda:SourceFunctionArn"
"""Lambda sets this key on requests to every service; parliament's database knows keys of the service only."""


def found(environment: str) -> set[tuple[str, str, str]]:
    return {
        (statement, issue, subject)
        for document in policies(environment).values()
        for statement, each in findings(document).items()
        for issue, subject in each
        if not subject.startswith(CROSS_SERVICE)
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_parliament_finds_nothing_but_these_false_positives(environment: str) -> None:
    assert found(environment) - FALSE_POSITIVES == set()


def test_every_false_positive_is_still_reported() -> None:
    assert FALSE_POSITIVES - found("dev") == set()


def test_the_linter_does_find_what_is_wrong() -> None:
    wrong = {"Sid": "Wrong", "Effect": "Allow", "Action": "sqs:SendMesage", "Resource": "*"}
    assert findings(json.dumps({"Version": "2012-10-17", "Statement": [wrong]}))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("name", POLICIES)
def test_a_document_fits_into_a_managed_policy(environment: str, name: str) -> None:
    assert len("".join(policies(environment)[name].split())) <= MANAGED_POLICY_CHARACTERS


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("name", POLICIES)
def test_a_document_fits_with_the_longest_suffix_too(environment: str, name: str) -> None:
    document = policies(environment)[name]
    account = bootstrapped(environment).outputs["accountId"]
    grown = document.replace(f"-{environment}-acme", f"-{environment}-{'a' * 12}")
    grown = grown.replace('"acme"', f'"{"a" * 12}"')
    assert account in document
    assert len(document) < len(grown) <= MANAGED_POLICY_CHARACTERS


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_trust_policies_fit_too(environment: str) -> None:
    for role in bootstrapped(environment, "repo:acme/payments:environment:production").of_type(
        "iam/role:Role"
    ):
        assert len(role.inputs["assumeRolePolicy"]) <= TRUST_POLICY_CHARACTERS


def test_no_more_policies_are_attached_to_a_role_than_aws_takes() -> None:
    attachments = bootstrapped("dev").of_type("RolePolicyAttachment")
    roles = [each.inputs["role"] for each in attachments]
    assert max(map(roles.count, roles)) <= ATTACHED_POLICIES


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_document_names_no_other_environments_account_or_region(environment: str) -> None:
    places = {"dev": ("111111111111", "us-east-1"), "staging": ("222222222222", "us-west-2")}
    places["prod"] = ("333333333333", "eu-west-1")
    others = [place for other, pair in places.items() if other != environment for place in pair]
    for document in policies(environment).values():
        assert [place for place in others if place in document] == []


@pytest.mark.parametrize("name", POLICIES)
def test_statements_have_distinct_ids_and_allow_no_wildcard_actions(name: str) -> None:
    statements = json.loads(policies("dev")[name])["Statement"]
    ids = [statement["Sid"] for statement in statements]
    assert len(ids) == len(set(ids))
    for statement in statements:
        if statement["Effect"] == "Deny":
            continue
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        assert not [action for action in actions if "*" in action]
