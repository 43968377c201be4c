"""Whole runs on the sandbox, through the real engine: in sync, changed by hand, and in trouble."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from operations.drift.detect import Request, detect
from operations.drift.formats import FORMATS
from operations.drift.outcome import exit_code
from operations.drift.report import Check, Classification, Kind, Report, Severity, Status
from operations.drift.sources import Exported, Live
from sandbox import Sandbox
from tests.operations.drift.runs import drift
from tests.operations.drift.test_parity import CONTROLLED


def run(
    box: Sandbox,
    *checks: Check,
    projects: tuple[str, ...] = ("bootstrap-iam", "network", "payments"),
    environments: tuple[str, ...] | None = None,
) -> Report:
    command = box.command()
    return detect(
        Request(
            source=Live(root=box.root, command=command),
            root=box.root,
            command=command,
            checks=checks or tuple(Check),
            projects=projects,
            environments=environments,
        )
    )


def states(box: Sandbox) -> dict[str, bytes]:
    folder = box.folder / "state"
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_nine_stacks_as_deployed_are_in_sync_and_stay_as_they_are(deployed: Sandbox) -> None:
    before = states(deployed)

    report = run(deployed, environments=("prod",))

    assert report.not_checked == ()
    assert drift(report) == []
    assert {(found.resource, found.path): found.explained_by for found in report.findings} == CONTROLLED
    assert {report.status(check) for check in Check} == {Status.IN_SYNC}
    assert exit_code(report) == 0
    assert states(deployed) == before


def test_what_was_changed_behind_a_stacks_back_is_found_by_cloud(deployed_copy: Sandbox) -> None:
    box = deployed_copy
    before = states(box)
    box.client("lambda", "prod").update_function_configuration(
        FunctionName="payments-function-prod-acme", MemorySize=4096
    )
    sqs, url = box.client("sqs", "prod"), box.outputs("payments", "prod")["queueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "99"})
    sqs.tag_queue(QueueUrl=url, Tags={"Rogue": "yes"})
    box.client("cloudwatch", "prod").delete_alarms(AlarmNames=["payments-oldest-message-alarm-prod-acme"])
    box.client("iam", "prod").attach_role_policy(
        RoleName="payments-function-role-prod-acme",
        PolicyArn="arn:aws:iam::333333333333:policy/workload-boundary-policy-prod-acme",
    )
    box.client("ec2", "prod").authorize_security_group_ingress(
        GroupId=box.outputs("network", "prod")["functionSecurityGroupId"],
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        ],
    )

    report = run(box, Check.CLOUD, projects=("network", "payments"), environments=("prod",))

    found = {(each.resource, each.path.partition("[")[0]): each for each in drift(report)}
    assert found.keys() == {
        ("payments-function", "memorySize"),
        ("payments-queue", "visibilityTimeoutSeconds"),
        ("payments-queue", "tags"),
        ("payments-oldest-message-alarm", ""),
        # The engine calls these two the same:
        ("payments-function-role", "managedPolicyArns"),
        ("function-security-group", "ingress"),
    }
    memory = found["payments-function", "memorySize"]
    assert (memory.baseline, memory.target, memory.environment) == (2048, 4096, "prod")
    assert found["payments-oldest-message-alarm", ""].kind is Kind.MISSING
    assert found["payments-function-role", "managedPolicyArns"].severity is Severity.CRITICAL
    assert found["function-security-group", "ingress"].severity is Severity.CRITICAL
    assert exit_code(report) == 1
    assert states(box) == before
    for render in FORMATS.values():
        assert "memorySize" in render(report)


def lock(box: Sandbox) -> None:
    folder = box.folder / "state/.pulumi/locks/organization/payments/prod"
    folder.mkdir(parents=True, exist_ok=True)
    holder = {"pid": 7, "username": "ada", "hostname": "laptop", "timestamp": "2026-01-01T00:00:00Z"}
    (folder / "lock.json").write_text(json.dumps(holder))


def forget(box: Sandbox) -> None:
    for path in (box.folder / "state").rglob("stacks/payments/prod.json"):
        path.unlink()


@pytest.mark.parametrize(
    ("trouble", "said", "fix"),
    [
        (lock, "locked by ada@laptop", "pulumi -C projects/payments cancel prod"),
        (forget, "no stack named", "scripts/deploy.py up --env prod --project payments"),
    ],
)
def test_a_stack_in_trouble_is_not_checked_and_the_others_are(
    deployed_copy: Sandbox, trouble: Callable[[Sandbox], None], said: str, fix: str
) -> None:
    trouble(deployed_copy)

    report = run(deployed_copy, Check.PARITY, projects=("network", "payments"))

    (left_out,) = report.not_checked
    assert (left_out.project, left_out.environment) == ("payments", "prod")
    assert said in left_out.reason
    assert fix in left_out.fix
    assert report.status(Check.PARITY) is Status.NOT_CHECKED
    assert [found.project for found in report.findings] == ["network"]
    assert {found.classification for found in report.findings} == {Classification.CONTROLLED}
    assert exit_code(report) == 2


def test_an_export_that_is_missing_or_malformed_is_said(tmp_path: Path) -> None:
    (tmp_path / "payments.staging.json").write_text("{")
    report = detect(Request(source=Exported(folder=tmp_path), checks=(Check.PARITY,), projects=("payments",)))
    reasons = {left_out.environment: left_out.reason for left_out in report.not_checked}
    assert "malformed" in reasons["staging"]
    assert "payments.prod.json is missing" in reasons["prod"]
    assert exit_code(report) == 2
