import json
from typing import Any

import pytest

from operations.deployment.access import needed_access, with_role
from operations.deployment.changes import Change
from operations.engine.failure import StackName

STACK = StackName(project="payments", environment="prod")


def change(kind: str, operation: str = "update", *properties: str) -> Change:
    return Change(
        stack=STACK,
        urn=f"urn:pulumi:prod::payments::{kind}::x",
        type=kind,
        operation=operation,
        properties=properties,
    )


@pytest.mark.parametrize(
    "changes",
    [
        [],
        [change("aws:lambda/function:Function", "update", "memorySize")],
        [change("aws:lambda/function:Function", "create")],
        [change("aws:cloudwatch/metricAlarm:MetricAlarm", "update", "threshold")],
        [change("aws:cloudwatch/metricAlarm:MetricAlarm", "create")],
        [change("aws:sns/topicSubscription:TopicSubscription", "create")],
        [change("aws:sqs/queue:Queue", "update", "tags.Owner", "tagsAll.Owner")],
        [change("aws:ec2/vpcEndpoint:VpcEndpoint", "update", "policy")],
    ],
)
def test_an_ordinary_update_needs_the_deployer(changes: list[Change]) -> None:
    assert needed_access(changes) == "deployer"


@pytest.mark.parametrize(
    "protected",
    [
        change("aws:dynamodb/table:Table", "create"),
        change("aws:dynamodb/table:Table", "replace", "hashKey"),
        change("aws:dynamodb/table:Table", "update", "pointInTimeRecovery.enabled"),
        change("aws:sqs/queue:Queue", "update", "redrivePolicy"),
        change("aws:sqs/queuePolicy:QueuePolicy", "update", "policy"),
        change("aws:sns/topicPolicy:TopicPolicy", "update", "policy"),
        change("aws:sns/topicSubscription:TopicSubscription", "delete"),
        change("aws:kms/key:Key", "update", "policy"),
        change("aws:kms/key:Key", "update"),
        change("aws:kms/alias:Alias", "replace"),
        change("aws:cloudwatch/logGroup:LogGroup", "update", "retentionInDays"),
        change("aws:cloudwatch/metricAlarm:MetricAlarm", "delete"),
        change("aws:ec2/vpc:Vpc", "create"),
        change("aws:ec2/flowLog:FlowLog", "delete"),
    ],
)
def test_creating_opening_and_deleting_what_holds_payments_needs_the_destroyer(protected: Change) -> None:
    ordinary = change("aws:lambda/function:Function", "update", "memorySize")
    assert needed_access([ordinary, protected]) == "destroyer"


def state(**roles: str) -> dict[str, Any]:
    inputs = {"region": "eu-west-1", "assumeRoles": json.dumps([{"duration": "1h", **roles}])}
    return {
        "manifest": {"time": "now"},
        "resources": [
            {"type": "pulumi:pulumi:Stack", "urn": "stack"},
            {"type": "pulumi:providers:aws", "urn": "p", "inputs": inputs, "outputs": dict(inputs)},
            {"type": "aws:sqs/queue:Queue", "urn": "q", "inputs": {"assumeRoles": "no provider"}},
        ],
    }


def test_a_state_is_handed_to_another_role_and_changes_in_nothing_else() -> None:
    before = state(roleArn="deployer", externalId="d")
    assert with_role(before, "destroyer", "o") == state(roleArn="destroyer", externalId="o")
    assert before == state(roleArn="deployer", externalId="d")


def test_a_state_that_is_the_roles_already_stays() -> None:
    assert with_role(state(roleArn="destroyer", externalId="o"), "destroyer", "o") is None
    assert with_role({}, "destroyer", "o") is None
