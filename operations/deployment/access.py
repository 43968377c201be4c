"""Which role of an environment an operation needs, as data: the deployer's, or the destroyer's.

changes of a preview → the destroyer, if one of them creates, opens or deletes what holds payments
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from components.provider import DEPLOYER, DESTROYER
from operations.deployment.changes import Change

PROTECTED = frozenset(
    {
        "aws:cloudwatch/logGroup:LogGroup",
        "aws:dynamodb/table:Table",
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        "aws:kms/alias:Alias",
        "aws:kms/key:Key",
        "aws:sns/topic:Topic",
        "aws:sns/topicPolicy:TopicPolicy",
        "aws:sqs/queue:Queue",
        "aws:sqs/queuePolicy:QueuePolicy",
        "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
    }
)
"""Types of which the destroyer makes every change but one of tags."""
PROTECTED_OPERATIONS: Mapping[str, frozenset[str]] = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": frozenset({"delete", "replace"}),
    "aws:ec2/flowLog:FlowLog": frozenset({"delete", "replace"}),
    "aws:ec2/vpc:Vpc": frozenset({"create", "delete", "replace"}),
    "aws:ec2/vpcEndpoint:VpcEndpoint": frozenset({"create", "replace"}),
    "aws:sns/topicSubscription:TopicSubscription": frozenset({"delete", "replace", "update"}),
}
"""Types of which the destroyer makes these changes, and the deployer the others."""
_TAGS = ("tags", "tagsAll")


def needed_access(changes: Sequence[Change]) -> str:
    """Return `destroyer` if the deployer may not make one of the changes, else `deployer`."""
    return DESTROYER if any(map(_is_protected, changes)) else DEPLOYER


def _is_protected(change: Change) -> bool:
    settings = [path for path in change.properties if not path.startswith(_TAGS)]
    if change.type in PROTECTED:
        return change.operation != "update" or bool(settings) or not change.properties
    return change.operation in PROTECTED_OPERATIONS.get(change.type, ())


def with_role(deployment: Mapping[str, Any], role_arn: str, external_id: str) -> dict[str, Any] | None:
    """Return a stack's state with its AWS provider assuming another role of the same account.

    `pulumi destroy` runs no program: its providers are those of the state. None where none has to change.
    """
    before = list(deployment.get("resources") or ())
    after = [_assuming(each, role_arn, external_id) for each in before]
    return {**deployment, "resources": after} if after != before else None


def _assuming(resource: Mapping[str, Any], role_arn: str, external_id: str) -> Mapping[str, Any]:
    if resource["type"] != "pulumi:providers:aws":
        return resource
    sides = {
        side: {
            **resource[side],
            "assumeRoles": json.dumps(
                [
                    {**role, "roleArn": role_arn, "externalId": external_id}
                    for role in json.loads(resource[side]["assumeRoles"])
                ]
            ),
        }
        for side in ("inputs", "outputs")
        if "assumeRoles" in resource.get(side, {})
    }
    return {**resource, **sides}
