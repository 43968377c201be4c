"""Verifications on the sandbox: the deployed function, or one that was broken, behind the real queue."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from operations.verification import Failed, NotVerifiable, Passed, Target, verify
from sandbox import Sandbox
from sandbox.delivery.lambdas import Processed

FOREIGN = '{"paymentId": "somebody-elses"}'


@pytest.fixture(scope="module")
def box(deployed: Sandbox) -> Iterator[Sandbox]:
    with deployed.copy() as copied:
        yield copied


@pytest.fixture
def target(box: Sandbox) -> Target:
    return box.target("dev")


def held(box: Sandbox, target: Target) -> list[str]:
    """The keys of the ledger's items, and the bodies of the dead letters."""
    items = box.client("dynamodb", "dev").scan(TableName=target.outputs["tableName"])["Items"]
    sqs = box.client("sqs", "dev")
    answer = sqs.receive_message(
        QueueUrl=target.outputs["deadLetterQueueUrl"], MaxNumberOfMessages=10, VisibilityTimeout=0
    )
    return [item["pk"]["S"] for item in items] + [message["Body"] for message in answer.get("Messages", [])]


def code(body: str) -> bytes:
    """A function's zip whose handler does something else."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("payment_processor/__init__.py", "")
        archive.writestr("payment_processor/handler.py", f"def handler(event, context):\n    {body}\n")
    return content.getvalue()


def test_an_environment_that_works_passes_and_keeps_nothing_of_it(box: Sandbox, target: Target) -> None:
    published: list[Processed] = []
    dead_letters = {"QueueUrl": target.outputs["deadLetterQueueUrl"]}
    box.client("sqs", "dev").send_message(**dead_letters, MessageBody=FOREIGN)
    box.client("sqs", "dev").send_message(**dead_letters, MessageBody='{"paymentId": "verify-of-yesterday"}')
    watched = replace(target, deliver=lambda: published.append(box.process("dev")))

    verification = verify(watched, time_limit=60)

    assert isinstance(verification, Passed), verification
    assert verification.artifact_digest == target.outputs["artifactDigest"]
    told = [message.message for each in published for message in each.published]
    assert len(told) == 3, "accepted, duplicate and rejected, once each"
    assert held(box, target) == [FOREIGN]
    box.client("sqs", "dev").purge_queue(**dead_letters)


def test_an_alarm_that_is_going_off_fails_it_before_anything_is_sent(box: Sandbox, target: Target) -> None:
    alarm = "payments-function-errors-alarm-dev-acme"
    state = {"AlarmName": alarm, "StateReason": "a test"}
    box.client("cloudwatch", "dev").set_alarm_state(**state, StateValue="ALARM")

    verification = verify(replace(target, deliver=lambda: pytest.fail("sent")))
    box.client("cloudwatch", "dev").set_alarm_state(**state, StateValue="OK")

    assert isinstance(verification, Failed)
    assert verification.reasons == (f"the alarm {alarm} is going off",)


@pytest.mark.parametrize(
    ("handler", "reason"),
    [
        ("raise RuntimeError", "accepted: 1 messages of a valid payment came to the dead-letter queue"),
        ("return {'batchItemFailures': []}", "accepted: the payment is not in the ledger (after 2 s)"),
    ],
    ids=["that fails", "that loses payments"],
)
def test_a_function_fails_it(box: Sandbox, target: Target, handler: str, reason: str) -> None:
    function = target.outputs["functionName"]
    box.client("lambda", "dev").update_function_code(FunctionName=function, ZipFile=code(handler))

    verification = verify(target, time_limit=2)

    assert isinstance(verification, Failed)
    assert reason in verification.reasons
    assert held(box, target) == []


def test_an_account_that_can_not_be_asked_says_nothing_of_the_artifact(target: Target) -> None:
    def refusing(service: str) -> Any:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeAlarms")

    with pytest.raises(NotVerifiable, match=r"payments/dev could not be verified: .*AccessDenied"):
        verify(replace(target, client=refusing))
