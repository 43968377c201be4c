"""The reader role may make every call of the check, whatever tags somebody has removed."""

from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from operations.drift.stack import Resource, Stack
from operations.drift.unmanaged.account import Account
from operations.drift.unmanaged.attached import attached
from operations.drift.unmanaged.inventory import inventory
from operations.drift.unmanaged.managed import Managed
from operations.drift.unmanaged.network import attached_to_network
from operations.engine.failure import StackName
from tests.components.deployer_access.documents import documents_of
from tests.components.deployer_access.evaluator import Call, decide

ACCOUNT, REGION = "111111111111", "us-east-1"
ANSWERS: dict[str, Any] = {
    "list_aliases": {
        "Aliases": [{"Name": "live", "AliasArn": "a", "FunctionVersion": "1", "AliasName": "a"}]
    },
}


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{'' if service == 'iam' else REGION}:{ACCOUNT}:{resource}"


FUNCTION = arn("lambda", "function:payments-function-dev-acme")
RESOURCES: dict[str, dict[str, Any]] = {
    "aws:lambda/function:Function": {"name": "payments-function-dev-acme", "arn": FUNCTION},
    "aws:dynamodb/table:Table": {
        "name": "payments-table-dev-acme",
        "arn": arn("dynamodb", "table/payments-table-dev-acme"),
    },
    "aws:sqs/queue:Queue": {"url": "https://q", "arn": arn("sqs", "payments-queue-dev-acme")},
    "aws:sns/topic:Topic": {"arn": arn("sns", "payments-notification-topic-dev-acme")},
    "aws:kms/key:Key": {"keyId": "k", "arn": arn("kms", "key/k")},
    "aws:iam/role:Role": {"name": "payments-function-role-dev-acme"},
    "aws:iam/policy:Policy": {"arn": arn("iam", "policy/payments/dev/payments-runtime-policy-dev-acme")},
    "aws:cloudwatch/logGroup:LogGroup": {"name": "payments-log-group-dev-acme", "arn": "a"},
    "aws:ec2/vpc:Vpc": {"id": "vpc-1", "arn": arn("ec2", "vpc/vpc-1")},
}
ASKED_OF = {
    "lambda": {"": FUNCTION, "list_functions": "*", "list_event_source_mappings": "*"},
    "dynamodb": {"": arn("dynamodb", "table/payments-table-dev-acme"), "list_tables": "*"},
    "sqs": {"": arn("sqs", "payments-queue-dev-acme"), "list_queues": "*"},
    "sns": {"": arn("sns", "payments-notification-topic-dev-acme"), "list_topics": "*"},
    "kms": {"": arn("kms", "key/k"), "list_aliases": "*"},
    "iam": {
        "": "*",
        "list_instance_profiles_for_role": arn("iam", "role/payments/dev/payments-function-role-dev-acme"),
        "list_entities_for_policy": arn("iam", "policy/payments/dev/payments-runtime-policy-dev-acme"),
    },
    "logs": {"": arn("logs", "log-group:payments-log-group-dev-acme"), "describe_log_groups": "*"},
    "cloudwatch": {"": arn("cloudwatch", "alarm:*")},
    "ec2": {"": "*"},
}
"""Service to method to the resource that IAM checks; the empty method stands for the others."""


class Recording:
    """A client that answers next to nothing, and remembers what it was asked."""

    def __init__(self, service: str, asked: set[tuple[str, str]]) -> None:
        self._service, self._asked = service, asked

    def can_paginate(self, _operation: str) -> bool:
        return False

    def __getattr__(self, operation: str) -> Any:
        self._asked.add((self._service, operation))
        return lambda **_: ANSWERS.get(operation, {})


def every_call() -> set[tuple[str, str]]:
    """Return service and method of every call that the check can make."""
    found: set[tuple[str, str]] = set()
    stack = Stack(
        name=StackName(project="payments", environment="dev"),
        resources={
            type_: Resource(key=type_, type=type_, name=type_, asked={}, seen=outputs)
            for type_, outputs in RESOURCES.items()
        },
        outputs={},
        references={},
        providers={},
    )
    account, managed = Account(clients=lambda service: Recording(service, found)), Managed([stack])
    list(attached(account, managed, REGION))
    list(attached_to_network(account, managed, REGION))
    list(inventory(account, managed, REGION, "-dev-acme"))
    assert account.unanswered == {}
    return found


@pytest.fixture(scope="module")
def asked() -> set[tuple[str, str]]:
    return every_call()


def test_the_reader_may_make_every_call_without_any_tag(asked: set[tuple[str, str]]) -> None:
    documents = documents_of("reader-role")
    refused = {
        (service, operation)
        for service, operation in asked
        if decide(
            documents,
            Call(
                action=action_of(service, operation),
                resource=ASKED_OF[service].get(operation, ASKED_OF[service][""]),
            ),
        )
        != "allowed"
    }
    assert refused == set()


def test_all_services_in_use_are_asked(asked: set[tuple[str, str]]) -> None:
    assert {service for service, _ in asked} == ASKED_OF.keys()
    assert len(asked) >= 33


def action_of(service: str, method: str) -> str:
    model = botocore.session.get_session().get_service_model(service)
    (name,) = [each for each in model.operation_names if xform_name(each) == method]
    return f"{service}:{name}"


def test_a_call_that_is_refused_is_not_an_empty_answer() -> None:
    class Refusing:
        def can_paginate(self, _operation: str) -> bool:
            return False

        def list_functions(self) -> None:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListFunctions")

    account = Account(clients=lambda _: Refusing())
    assert account.list("lambda", "list_functions", "Functions") == []
    assert "AccessDenied" in account.unanswered["lambda:list_functions"]
