"""Verifications on the sandbox: the deployed function, or one that was broken, behind the real queue."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from operations.verification import Failed, NotVerifiable, Passed, Target, verify
from operations.verification.account import Account
from operations.verification.probes import Kind, SentProbes, body_digest, probes
from operations.verification.sent_probes import SentProbesRecord
from sandbox import Sandbox
from sandbox.delivery.lambdas import Processed

FOREIGN = '{"paymentId": "somebody-elses"}'
LOOKALIKE = '{"paymentId": "verification:0a1b2c3d4e5f:accepted"}'


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
    bodies: list[str] = []
    for name in ("deadLetterQueueUrl", "verificationDeadLetterQueueUrl"):
        answer = sqs.receive_message(
            QueueUrl=target.outputs[name], MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        bodies += [message["Body"] for message in answer.get("Messages", [])]
    return [item["pk"]["S"] for item in items if item["sk"]["S"] != "SENT"] + bodies


def code(body: str) -> bytes:
    """A function's zip whose handler does something else."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("payment_processor/__init__.py", "")
        archive.writestr("payment_processor/handler.py", f"def handler(event, context):\n    {body}\n")
    return content.getvalue()


def test_an_environment_that_works_passes_and_keeps_nothing_of_it(box: Sandbox, target: Target) -> None:
    published: list[Processed] = []
    sqs, dynamodb = box.client("sqs", "dev"), box.client("dynamodb", "dev")
    dead_letters = target.outputs["verificationDeadLetterQueueUrl"]
    customers = '{"paymentId": "verify-of-a-customer"}'
    sqs.send_message(QueueUrl=target.outputs["deadLetterQueueUrl"], MessageBody=customers)
    for body in (FOREIGN, LOOKALIKE):
        sqs.send_message(QueueUrl=dead_letters, MessageBody=body)
    run = "ffffffffffff"  # of a verification that was killed
    (poison,) = (each for each in probes(run, datetime.now(UTC)) if each.kind is Kind.POISON)
    for _ in range(2):  # one of which it did not record
        left = sqs.send_message(QueueUrl=dead_letters, MessageBody=poison.bodies[0])["MessageId"]
    SentProbesRecord(dynamodb, target.outputs["tableName"]).put(
        SentProbes(run=run, digests={left: body_digest(poison.bodies[0])})
    )
    watched = replace(target, deliver=lambda: published.append(box.process("dev")))

    verification = verify(watched, time_limit=60)

    assert isinstance(verification, Passed), verification
    assert verification.artifact_digest == target.outputs["artifactDigest"]
    told = [message.message for each in published for message in each.published]
    assert len(told) == 3, "accepted, duplicate and rejected, once each"
    assert sorted(held(box, target)) == sorted([customers, FOREIGN, LOOKALIKE, poison.bodies[0]])
    sqs.purge_queue(QueueUrl=dead_letters)
    sqs.purge_queue(QueueUrl=target.outputs["deadLetterQueueUrl"])


def test_a_verification_that_is_killed_while_it_sends_has_recorded_what_it_sent(
    box: Sandbox, target: Target
) -> None:
    run, sent = "eeeeeeeeeeee", list[str]()
    account = Account(target, run)

    class Killed:
        def send_message(self, **call: Any) -> Any:
            if len(sent) == 2:
                raise KeyboardInterrupt
            answer = box.client("sqs", "dev").send_message(**call)
            sent.append(answer["MessageId"])
            return answer

    account._sqs = Killed()
    with pytest.raises(KeyboardInterrupt):
        account.send(probes(run, datetime.now(UTC)))
    record = SentProbesRecord(box.client("dynamodb", "dev"), target.outputs["tableName"])
    assert [*record.get(run).digests] == sent
    box.client("sqs", "dev").purge_queue(QueueUrl=target.outputs["verificationQueueUrl"])
    record.delete(run)


def test_a_mapping_that_is_disabled_fails_it_before_anything_is_sent(box: Sandbox, target: Target) -> None:
    functions = box.client("lambda", "dev")
    (mapping,) = functions.list_event_source_mappings(EventSourceArn=target.outputs["queueArn"])[
        "EventSourceMappings"
    ]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)

    with pytest.raises(NotVerifiable, match="the event source mapping of the request queue is Disabled"):
        verify(replace(target, deliver=lambda: pytest.fail("sent")))
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


ALARM = "payments-function-errors-alarm-dev-acme"


def ring(box: Sandbox, value: str) -> None:
    box.client("cloudwatch", "dev").set_alarm_state(AlarmName=ALARM, StateReason="a test", StateValue=value)


def test_an_alarm_that_was_on_before_is_not_blamed_on_the_release(box: Sandbox, target: Target) -> None:
    ring(box, "ALARM")
    verification = verify(target, time_limit=60)
    ring(box, "OK")

    assert isinstance(verification, Passed), verification
    assert verification.alarms_before == (ALARM,)


def test_an_alarm_that_begins_without_a_failed_probe_is_no_verdict(box: Sandbox, target: Target) -> None:
    def deliver() -> None:
        box.process("dev")
        ring(box, "ALARM")

    with pytest.raises(NotVerifiable, match=f"no probe failed: the alarm {ALARM} began"):
        verify(replace(target, deliver=deliver), time_limit=60)
    ring(box, "OK")


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
