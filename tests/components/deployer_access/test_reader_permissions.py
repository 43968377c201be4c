"""The reader's document, held against every call of a real look at a deployed environment, and back."""

import json
from typing import Any

import pytest

from components.deployer_access.reader_permissions import reader_permissions
from tests.builders import placement
from tests.components.deployer_access.documents import deployer_documents, documents_of
from tests.components.deployer_access.evaluator import Call, decide
from tests.components.deployer_access.test_recorded_calls import ACCOUNT, FUNCTION, OWN, PLUGIN_READS, needs
from tests.operations.drift.look import Look
from tests.operations.drift.unmanaged.test_permissions import action_of, every_call

Calls = tuple[dict[str, Any], ...]

DOCUMENTS = documents_of("reader-role")
READS = ("Describe", "Get", "List")
DATA = {
    "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:Query dynamodb:Scan": "table/payments-table-dev-acme",
    "sqs:ReceiveMessage": "payments-queue-dev-acme",
    "logs:FilterLogEvents logs:GetLogEvents": "log-group:payments-log-group-dev-acme:*",
    "lambda:InvokeFunction": "function:payments-function-dev-acme",
}
ONLY_TO_CREATE = {"route53:AssociateVPCWithHostedZone"}
"""Of the plugin's calls, those that come with a creation."""
PLUGIN_READS_OF_ACCESS = {
    f"arn:aws:iam::{ACCOUNT}:role/payments/dev/payments-function-role-dev-acme": (
        "iam:GetRole iam:GetRolePolicy iam:ListRolePolicies iam:ListAttachedRolePolicies"
    ),
    f"arn:aws:iam::{ACCOUNT}:policy/payments/dev/payments-payments-policy-dev-acme": (
        "iam:GetPolicy iam:GetPolicyVersion iam:ListPolicyVersions"
    ),
    f"arn:aws:iam::{ACCOUNT}:role/deployer-role-dev-acme": (
        "iam:GetRole iam:GetRolePolicy iam:ListRolePolicies iam:ListAttachedRolePolicies"
    ),
}
"""The same of bootstrap-iam's resources, which the deployer does not read."""


def actions(statements: list[dict[str, Any]]) -> set[str]:
    return {
        action
        for statement in statements
        for action in (
            statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        )
    }


def granted() -> set[str]:
    return actions([statement for document in DOCUMENTS for statement in json.loads(document)["Statement"]])


@pytest.fixture
def calls(look: Look) -> Calls:
    """The calls of looking at dev, with a program's preview and with the account against the state."""
    return look.calls


def test_the_look_was_recorded_whole_and_is_the_readers_alone(calls: Calls) -> None:
    operations = {f"{each['service']}:{each['operation']}" for each in calls}
    assert {"ec2:DescribeVpcs", "dynamodb:DescribeTable", "iam:GetRole", "kms:GetKeyPolicy"} <= operations
    callers = {each["caller"].split("/")[1] for each in calls}
    assert callers == {"reader-role-dev-acme"}


def test_every_call_of_a_look_is_allowed(calls: Calls) -> None:
    refused = {
        f"{recorded['operation']}: {need.action} on {need.resource} {dict(need.conditions)}"
        for recorded in calls
        for need in needs(recorded)
        if decide(DOCUMENTS, need) != "allowed"
    }
    assert refused == set()


def test_reads_of_the_real_plugin_are_allowed() -> None:
    conditions = {**OWN, "lambda:FunctionArn": FUNCTION}
    refused = {
        action
        for resource, wanted in {**PLUGIN_READS, **PLUGIN_READS_OF_ACCESS}.items()
        for action in wanted.split()
        if decide(DOCUMENTS, Call(action=action, resource=resource, conditions=conditions)) != "allowed"
    }
    assert refused == ONLY_TO_CREATE


def test_nothing_is_granted_that_no_check_and_no_plugin_needs(
    calls: Calls,
) -> None:
    looked = {need.action for recorded in calls for need in needs(recorded)}
    reads = {**PLUGIN_READS, **PLUGIN_READS_OF_ACCESS}
    plugin = {action for wanted in reads.values() for action in wanted.split()}
    workflow = {"iam:GetOpenIDConnectProvider"}  # there is one where workflows are trusted
    environment = {"kms:Decrypt"}  # Lambda's, on the caller's behalf
    unmanaged = {action_of(service, method) for service, method in every_call()}
    assert granted() <= looked | plugin | workflow | environment | unmanaged


def test_it_grants_reads_of_configuration_alone() -> None:
    assert {action for action in granted() if not action.split(":")[1].startswith(READS)} == {"kms:Decrypt"}


@pytest.mark.parametrize("wanted", DATA)
def test_no_data_can_be_read(wanted: str) -> None:
    for action in wanted.split():
        service = action.split(":")[0]
        resource = f"arn:aws:{service}:us-east-1:{ACCOUNT}:{DATA[wanted]}"
        assert decide(DOCUMENTS, Call(action=action, resource=resource, conditions=OWN)) == "not allowed"


@pytest.mark.parametrize(
    ("via", "decision"), [("lambda", "allowed"), ("dynamodb", "not allowed"), ("sqs", "not allowed")]
)
def test_a_key_opens_a_functions_environment_and_no_data(via: str, decision: str) -> None:
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/0b0e"
    conditions = {**OWN, "kms:ViaService": f"{via}.us-east-1.amazonaws.com"}
    assert decide(DOCUMENTS, Call(action="kms:Decrypt", resource=key, conditions=conditions)) == decision
    assert decide(DOCUMENTS, Call(action="kms:Decrypt", resource=key, conditions=OWN)) == "not allowed"


@pytest.mark.parametrize("action", ["iam:UpdateAssumeRolePolicy", "iam:AttachRolePolicy", "iam:DeleteRole"])
@pytest.mark.parametrize("role", ["reader-role", "reader-pipeline-role"])
def test_the_deployer_can_not_change_who_reads(action: str, role: str) -> None:
    resource = f"arn:aws:iam::{ACCOUNT}:role/{role}-dev-acme"
    assert decide(deployer_documents("dev"), Call(action=action, resource=resource)) == "denied"


def test_statements_name_this_environment_wherever_aws_lets_them() -> None:
    everything = {
        statement.sid
        for statement in reader_permissions(placement("dev"))
        if list(statement.resources) == ["*"]
    }
    assert everything == {"Network", "Lists"}
