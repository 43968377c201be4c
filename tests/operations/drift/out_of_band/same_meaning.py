"""What can be written otherwise in the accounts without a change of meaning: no check may call it drift."""

import json
from collections.abc import Callable
from typing import Any

from tests.operations.drift.out_of_band.change import Place, listed


def reworded(value: Any) -> Any:
    """The same policy: its statements, actions and keys the other way round, a single action as a list."""
    if isinstance(value, dict):
        turned = {key: reworded(value[key]) for key in reversed(value)}
        if isinstance(turned.get("Action"), str):
            turned["Action"] = [turned["Action"]]
        return turned
    if isinstance(value, list):
        return [reworded(each) for each in reversed(value)]
    return value


def _policy(place: Place, name: str = "policy") -> str:
    return json.dumps(reworded(place.document(name)), indent=3)


def _sqs(place: Place, name: str, text: str) -> None:
    place.client("sqs").set_queue_attributes(QueueUrl=place.id, Attributes={name: text})


def _tags(place: Place) -> dict[str, str]:
    return dict(reversed(place.outputs["tagsAll"].items()))


def _groups_and_subnets(place: Place) -> None:
    held = place.outputs["vpcConfig"]
    place.client("lambda").update_function_configuration(
        FunctionName=place.id,
        VpcConfig={
            "SubnetIds": held["subnetIds"][::-1],
            "SecurityGroupIds": held["securityGroupIds"][::-1],
        },
        Environment={"Variables": dict(reversed(place.outputs["environment"]["variables"].items()))},
    )


def _redrive(place: Place) -> None:
    _sqs(
        place, "RedrivePolicy", json.dumps(dict(reversed(place.document("redrivePolicy").items())), indent=2)
    )


def _dashboard(place: Place) -> None:
    body = dict(reversed(place.document("dashboardBody").items()))
    place.client("cloudwatch").put_dashboard(DashboardName=place.id, DashboardBody=json.dumps(body, indent=1))


def _retagged(place: Place) -> None:
    place.client("sqs").untag_queue(QueueUrl=place.id, TagKeys=list(_tags(place)))
    place.client("sqs").tag_queue(QueueUrl=place.id, Tags=_tags(place))


REWRITINGS: tuple[tuple[str, Callable[[Place], object]], ...] = (
    ("payments-queue-policy", lambda place: _sqs(place, "Policy", _policy(place))),
    ("payments-queue", _redrive),
    ("payments-queue", _retagged),
    (
        "payments-alarm-topic-policy",
        lambda place: place.client("sns").set_topic_attributes(
            TopicArn=place.id, AttributeName="Policy", AttributeValue=_policy(place)
        ),
    ),
    (
        "payments-alarm-topic",
        lambda place: place.client("sns").tag_resource(ResourceArn=place.id, Tags=listed(_tags(place))),
    ),
    (
        "payments-key",
        lambda place: place.client("kms").put_key_policy(
            KeyId=place.id, PolicyName="default", Policy=_policy(place)
        ),
    ),
    (
        "deployer-network-policy",
        lambda place: place.client("iam").create_policy_version(
            PolicyArn=place.id, PolicyDocument=_policy(place), SetAsDefault=True
        ),
    ),
    (
        "deployer-role",
        lambda place: place.client("iam").update_assume_role_policy(
            RoleName=place.id, PolicyDocument=_policy(place, "assumeRolePolicy")
        ),
    ),
    (
        "dynamodb-endpoint",
        lambda place: place.client("ec2").modify_vpc_endpoint(
            VpcEndpointId=place.id, PolicyDocument=_policy(place)
        ),
    ),
    ("payments-function", _groups_and_subnets),
    ("payments-dashboard", _dashboard),
)
"""Resource, and what rewrites it."""
