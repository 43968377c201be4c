"""The verifier's document as deployed, held against every call of a real verification, and back."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import pytest

from operations.verification import Passed, verify
from sandbox import Sandbox
from sandbox.provider.authorization import needs
from tests.components.deployer_access.evaluator import Call, decide
from tests.components.deployer_access.test_reader_permissions import actions
from tests.components.deployer_access.test_recorded_calls import ACCOUNT, OWN, REGION, arn

KEY = arn("kms", "key/0b0e")
LENT = {
    "dynamodb:DeleteItem": ("kms:Decrypt",),
    "dynamodb:PutItem": ("kms:Decrypt",),
    "dynamodb:Query": ("kms:Decrypt",),
    "sqs:ReceiveMessage": ("kms:Decrypt",),
    "sqs:SendMessage": ("kms:Decrypt", "kms:GenerateDataKey"),
}
"""What a service does with the environment's key on the caller's behalf.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
"""


@dataclass
class Facts:
    """What IAM knows of dev's account, and a verifier's calls do not need."""

    account: str = ACCOUNT
    region: str = REGION
    about: Mapping[str, Any] = field(default_factory=dict)

    def tags(self, _: str) -> Mapping[str, str]:
        return {}

    def boundary(self, _: str) -> str | None:
        return None


@dataclass
class Recorder:
    """Hears the calls of boto3 clients, as the permissions that they need."""

    calls: list[Call] = field(default_factory=list)

    def attach(self, client: Any) -> Any:
        client.meta.events.register("before-parameter-build", self._take)
        return client

    def _take(self, params: Mapping[str, Any], event_name: str, **_: Any) -> None:
        service, operation = event_name.split(".")[1:]
        for need in needs(service, operation, params, Facts()):
            keys = list(_leading_keys(params)) if service == "dynamodb" else []
            conditions = {**need.conditions, **({"dynamodb:LeadingKeys": keys} if keys else {})}
            self.calls.append(Call(**{**asdict(need), "conditions": conditions}))
            via = {**OWN, "kms:ViaService": f"{service}.{REGION}.amazonaws.com"}
            self.calls += [
                Call(action=lent, resource=KEY, conditions=via) for lent in LENT.get(need.action, ())
            ]


def _leading_keys(params: Mapping[str, Any]) -> Iterator[str]:
    given = (
        params.get("ExpressionAttributeValues", {}).get(":pk")
        or params.get("Key", {}).get("pk")
        or params.get("Item", {}).get("pk")
    )
    if given:
        yield given["S"]


@pytest.fixture(scope="module")
def box(deployed: Sandbox) -> Iterator[Sandbox]:
    with deployed.copy() as box:
        yield box


@pytest.fixture(scope="module")
def calls(box: Sandbox) -> list[Call]:
    """The calls of a verification of dev that passes, with a message that no verification sent."""
    target, recorder = box.target("dev"), Recorder()
    box.client("sqs", "dev").send_message(
        QueueUrl=target.outputs["verificationDeadLetterQueueUrl"],
        MessageBody='{"paymentId": "somebody-elses"}',
    )
    identity = target.client("sts").get_caller_identity()["Arn"]
    assert ":assumed-role/verifier-role-dev-acme/" in identity

    found = verify(replace(target, client=lambda service: recorder.attach(target.client(service))))

    assert isinstance(found, Passed), found
    return recorder.calls


@pytest.fixture(scope="module")
def documents(box: Sandbox) -> list[str]:
    """What is attached to the verifier's role in dev's account."""
    iam = box.client("iam", "dev")
    attached = iam.list_attached_role_policies(RoleName="verifier-role-dev-acme")["AttachedPolicies"]
    return [
        json.dumps(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])
        for arn in (each["PolicyArn"] for each in attached)
        for version in [iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]]
    ]


def refused(documents: list[str], calls: list[Call]) -> set[str]:
    return {each.action for each in calls if decide(documents, each) != "allowed"}


def test_every_call_of_a_verification_is_allowed(documents: list[str], calls: list[Call]) -> None:
    assert {
        f"{each.action} on {each.resource} {dict(each.conditions)}"
        for each in calls
        if decide(documents, each) != "allowed"
    } == set()


def test_nothing_is_granted_that_a_verification_does_not_do(documents: list[str], calls: list[Call]) -> None:
    granted = actions([each for document in documents for each in json.loads(document)["Statement"]])

    assert granted == {each.action for each in calls}


@pytest.mark.parametrize(
    "elsewhere",
    [
        lambda text: text.replace("-acme", "-blue").replace('"acme"', '"blue"'),
        lambda text: text.replace("-dev-", "-staging-").replace('"dev"', '"staging"'),
    ],
    ids=["another deployment", "another environment"],
)
def test_the_same_calls_elsewhere_are_refused(
    documents: list[str], calls: list[Call], elsewhere: Callable[[str], str]
) -> None:
    moved = [Call(**json.loads(elsewhere(json.dumps(asdict(each), default=dict)))) for each in calls]

    assert refused(documents, moved) == {each.action for each in calls} - {
        "cloudwatch:DescribeAlarms",
        "lambda:ListEventSourceMappings",
    }


def test_the_same_calls_on_somebody_elses_payments_are_refused(
    documents: list[str], calls: list[Call]
) -> None:
    theirs = [
        replace(each, conditions={**each.conditions, "dynamodb:LeadingKeys": ["PAYMENT#theirs"]})
        for each in calls
        if each.action.startswith("dynamodb:")
    ]

    assert refused(documents, theirs) == {"dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query"}


def test_customers_messages_can_neither_be_read_nor_written(documents: list[str], calls: list[Call]) -> None:
    customers = [
        replace(each, resource=each.resource.replace("payments-verification-", "payments-"))
        for each in calls
        if each.action.startswith("sqs:") and "verification" in each.resource
    ]
    assert refused(documents, customers) == {
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
    }
