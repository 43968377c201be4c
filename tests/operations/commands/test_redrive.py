"""The script against a deployed stack: what failed for a passing reason is settled, poison does not loop."""

import json
from collections import Counter
from functools import cache
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from operations import workspace
from operations.commands import redrive
from sandbox import Sandbox
from sandbox.payments import Kind, payment
from sandbox.settling import settle

ENVIRONMENT, RECEIVES = "dev", 2
PRIVATE = ("DE02120300000000202051", "NL02ABNA0123456789")


@pytest.fixture
def box(deployed_copy: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The sandbox, in whose environment this process works."""
    for name, value in deployed_copy.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(workspace, "outputs", cache(workspace.outputs))  # they stay as they are
    return deployed_copy


def run(*arguments: str, code: int) -> Result:
    done = CliRunner().invoke(redrive.app, [*arguments, "--env", ENVIRONMENT])
    assert done.exit_code == code, done.output
    assert not [private for private in PRIVATE if private in done.output]
    return done


def reasons() -> dict[str, int]:
    shown = json.loads(CliRunner().invoke(redrive.app, ["show", "--env", ENVIRONMENT, "--json"]).stdout)
    return Counter(each["reason"] for each in shown["messages"])


def send(box: Sandbox, *kinds: Kind) -> dict[str, Any]:
    outputs = box.outputs("payments", ENVIRONMENT)
    settle(box, ENVIRONMENT, [payment(kind, f"redrive-{kind}") for kind in kinds], outputs)
    return outputs


def test_an_empty_queue_leaves_nothing_to_do(box: Sandbox) -> None:
    assert run("show", code=0).stdout == "The dead-letter queue of dev is empty.\n"
    assert "0 to redrive" in run("run", "--yes", code=0).stderr


def test_poison_is_shown_by_reason_and_never_redriven(box: Sandbox) -> None:
    send(box, Kind.CONFLICT, Kind.MALFORMED, Kind.ACCEPTED)
    shown = run("show", "--messages", code=1).stdout
    assert "conflict" in shown
    assert "amount must be an integer of" in " ".join(shown.split())
    asked = run("run", "--yes", code=1).stderr
    assert "0 to redrive" in asked
    assert "2 refused, which would only come back" in asked
    assert box.process(ENVIRONMENT).receives == {}
    assert reasons() == {"conflict": 1, "malformed": 1}


def test_what_failed_for_a_passing_reason_is_settled_once_by_a_redrive(box: Sandbox) -> None:
    sns, topic = box.client("sns", ENVIRONMENT), box.outputs("payments", ENVIRONMENT)["topicArn"]
    sns.delete_topic(TopicArn=topic)
    send(box, Kind.ACCEPTED, Kind.REJECTED, Kind.MALFORMED)
    assert reasons() == {"unnotified": 2, "malformed": 1}

    sns.create_topic(Name=topic.rpartition(":")[2])
    assert "2 to redrive" in run("run", "--dry-run", code=1).stderr
    assert "pass --yes" in run("run", code=2).stderr
    assert box.process(ENVIRONMENT).receives == {}, "neither has done anything"
    moved = json.loads(run("run", "--reason", "unnotified", "--yes", "--json", code=0).stdout)["redriven"]
    assert [each["problem"] for each in moved] == [None, None]

    processed = box.process(ENVIRONMENT)
    assert processed.receives == {each["new_message_id"]: 1 for each in moved}
    told = Counter(json.loads(each.message)["paymentId"] for each in processed.published)
    assert told == {"redrive-accepted": 1, "redrive-rejected": 1}
    assert reasons() == {"malformed": 1}


def test_what_fails_again_and_again_is_refused_after_two_redrives(box: Sandbox) -> None:
    sns, topic = box.client("sns", ENVIRONMENT), box.outputs("payments", ENVIRONMENT)["topicArn"]
    sns.delete_topic(TopicArn=topic)
    send(box, Kind.ACCEPTED)
    for _ in range(2):
        assert "1 to redrive" in run("run", "--yes", code=0).stderr
        assert set(box.process(ENVIRONMENT).receives.values()) == {RECEIVES}
    assert reasons() == {"returned": 1}
    assert "1 refused" in run("run", "--yes", code=1).stderr
    assert "1 to redrive" in run("run", "--dry-run", "--max-redrives", "3", code=1).stderr


def test_a_payment_that_is_asked_for_and_not_there_is_a_finding(box: Sandbox) -> None:
    assert "payment-0009 is not in the queue" in run("run", "--payment", "payment-0009", code=1).stderr


@pytest.mark.parametrize("reason", ["malformed", "conflict", "returned"])
def test_a_final_reason_can_not_be_asked_for(reason: str) -> None:
    assert "never redriven" in run("run", "--reason", reason, code=2).output


def test_an_unknown_environment_is_a_usage_error() -> None:
    done = CliRunner().invoke(redrive.app, ["show", "--env", "prd"])
    assert (done.exit_code, done.stderr) == (2, "'prd' is not one of dev, staging, prod.\n")
