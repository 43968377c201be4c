"""Whole runs on the sandbox, through the real engine: in sync, changed by hand, and in trouble."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import pytest

from components import artifact
from operations.drift.detect import Request, detect
from operations.drift.outcome import exit_code
from operations.drift.report import Check, Classification, Severity, Status
from operations.drift.sources import Exported, Live
from operations.drift.stack import Stack
from operations.engine.command import EngineCommand
from operations.engine.failure import StackName
from operations.workspace import engine_command
from sandbox import Sandbox
from tests.operations.drift.look import Look
from tests.operations.drift.runs import drift, of_class, run
from tests.operations.drift.test_parity import CONTROLLED


def test_nine_stacks_as_deployed_are_in_sync_and_stay_as_they_are(look: Look) -> None:
    report = look.report
    assert report.not_checked == ()
    assert drift(report) == []
    controlled = of_class(report, Classification.CONTROLLED)
    assert {(found.resource, found.path): found.explained_by for found in controlled} == CONTROLLED
    assert {report.status(check) for check in Check} == {Status.IN_SYNC}
    assert exit_code(report) == 0
    assert look.touched == set()


def test_a_setting_that_is_not_deployed_yet_is_found_by_code(deployed_copy: Sandbox) -> None:
    box = deployed_copy
    path = box.root / "projects/payments/Pulumi.prod.yaml"
    path.write_text(path.read_text().replace("payments:memoryMb: 2048", "payments:memoryMb: 3072"))

    report = run(box, Check.CODE, projects=("payments",), environments=("prod",))

    (found,) = drift(report)
    assert (found.check, found.resource, found.path) == (Check.CODE, "payments-function", "memorySize")
    assert (found.baseline, found.target) == (2048, 3072)
    assert report.not_checked == ()


def test_a_checkout_that_was_never_promoted_is_found_by_code_and_not_refused_by_the_gate(
    deployed_copy: Sandbox,
) -> None:
    box = deployed_copy
    functions = shutil.copytree(artifact.FUNCTIONS, box.folder / "functions")
    with (functions / "payment_processor/handler.py").open("a") as handler:
        handler.write("# Another artifact.\n")
    built = artifact.build("payment_processor", functions=functions)
    program = box.root / "projects/payments/__main__.py"
    own = 'artifact.build("payment_processor")'
    other = f'artifact.build("payment_processor", functions=Path({str(functions)!r}))'
    assert own in program.read_text()
    program.write_text(program.read_text().replace(own, other))

    report = run(box, Check.CODE, projects=("payments",), environments=("prod",))

    found = {(each.resource, each.path): each for each in drift(report)}
    assert found["payments-function", "sourceCodeHash"].target == built.source_code_hash
    assert found["payments-function", "code.hash"].severity is Severity.HIGH
    assert {resource for resource, _ in found} == {"payments-function"}
    assert exit_code(report) == 1


def test_an_account_that_can_not_be_reached_is_not_checked_and_parity_is(deployed: Sandbox) -> None:
    command = engine_command({**deployed.environ, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"})

    report = detect(
        Request(
            source=Live(root=deployed.root, command=command),
            root=deployed.root,
            command=command,
            checks=(Check.CLOUD, Check.PARITY),
            projects=("network",),
            environments=("prod",),
        )
    )

    (left_out,) = report.not_checked
    assert (left_out.check, left_out.project, left_out.environment) == (Check.CLOUD, "network", "prod")
    assert "127.0.0.1:9" in left_out.reason
    assert "Traceback" not in left_out.reason
    assert report.status(Check.PARITY) is Status.IN_SYNC
    assert exit_code(report) == 2


def lock(box: Sandbox) -> None:
    folder = box.folder / "state/.pulumi/locks/organization/payments/prod"
    folder.mkdir(parents=True, exist_ok=True)
    holder = {"pid": 7, "username": "ada", "hostname": "laptop", "timestamp": "2026-01-01T00:00:00Z"}
    (folder / "lock.json").write_text(json.dumps(holder))


def half_deploy(box: Sandbox) -> None:
    (path,) = (box.folder / "state").rglob("stacks/payments/prod.json")
    document = json.loads(path.read_text())
    latest = document["checkpoint"]["latest"]
    begun = next(each for each in latest["resources"] if each["urn"].endswith("::payments-table"))
    latest["pending_operations"] = [{"resource": begun, "type": "updating"}]
    path.write_text(json.dumps(document))


def forget(box: Sandbox) -> None:
    for path in (box.folder / "state").rglob("stacks/payments/prod.json"):
        path.unlink()


@pytest.mark.parametrize(
    ("trouble", "said", "fix"),
    [
        (lock, "locked by ada@laptop", "pulumi -C projects/payments cancel prod"),
        (half_deploy, "cut off while updating payments-table", "scripts/deploy.py up --env prod"),
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
    assert {found.project for found in report.findings} == {"network"}
    assert {found.classification for found in report.findings} == {
        Classification.CONTROLLED,
        Classification.IDENTITY,
    }
    assert exit_code(report) == 2


def test_an_export_that_is_missing_or_malformed_is_said(tmp_path: Path) -> None:
    (tmp_path / "payments.staging.json").write_text("{")
    report = detect(Request(source=Exported(folder=tmp_path), checks=(Check.PARITY,), projects=("payments",)))
    reasons = {left_out.environment: left_out.reason for left_out in report.not_checked}
    assert "malformed" in reasons["staging"]
    assert "payments.prod.json is missing" in reasons["prod"]
    assert exit_code(report) == 2


def test_ctrl_c_reaches_the_engine_before_it_is_waited_for() -> None:
    class Interrupted:
        name = "live"

        def read(self, name: StackName) -> Stack:
            raise KeyboardInterrupt(name)

    command = Mock(spec=EngineCommand)
    with pytest.raises(KeyboardInterrupt):
        detect(Request(source=Interrupted(), command=command))
    command.interrupt.assert_called_once_with()
