import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic.alias_generators import to_camel
from typer.testing import CliRunner, Result

from components.promotion_gate import Standing
from operations import REPOSITORY
from operations.deployment.operate import Operator
from operations.engine.failure import StackName
from operations.verification import Failed, Passed, Target, Verification
from operations.verification import deployment as verified_deployment
from operations.workspace import UNVERIFIED_TOO
from scripts import deploy as script
from tests.builders import STANDING
from tests.operations.small_projects import THING, Repository, repository

# The script on another repository's projects.
SCRIPT = (
    "import sys, pathlib, scripts.deploy as deploy; deploy.REPOSITORY = pathlib.Path({root!r}); deploy.app()"
)


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    made = repository(tmp_path / "repository")
    made.project("bootstrap-iam", THING + 'Thing("a"); pulumi.export("answer", 42)')
    made.project("network", THING + 'Thing("b")')
    made.project("payments", THING + 'Thing("c")')
    return made


def start(repo: Repository, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603  the script
        [sys.executable, "-c", SCRIPT.format(root=str(repo.root)), *arguments],
        cwd=REPOSITORY,
        env=repo.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def deploy(repo: Repository, *arguments: str) -> tuple[int, str, str]:
    process = start(repo, *arguments)
    output, talk = process.communicate(timeout=300)
    return process.returncode, output, talk


def statuses(output: str) -> dict[str, Any]:
    return {stack["project"]: stack["status"] for stack in json.loads(output)["stacks"]}


def test_an_environment_goes_up_and_comes_down(repo: Repository) -> None:
    projects = ["--project", "bootstrap-iam", "--project", "network"]
    code, output, talk = deploy(repo, "up", "--env", "dev", *projects, "--yes", "--json")

    assert (code, statuses(output)) == (0, {"bootstrap-iam": "succeeded", "network": "succeeded"})
    assert "network/dev is up: 2 create" in talk

    code, output, _ = deploy(repo, "destroy", "--env", "dev", "--yes", "--parallel", "2")

    assert code == 0
    assert output.splitlines()[0].startswith("payments/dev is destroyed: no changes")
    assert output.splitlines()[1].startswith("network/dev is destroyed: 2 delete")
    assert output.splitlines()[-1] == "destroy: 3 succeeded"


def test_a_failure_exits_1_and_leaves_the_rest_alone(repo: Repository) -> None:
    repo.program("bootstrap-iam", "import pulumi\nraise pulumi.RunError('region is not set')")
    code, output, _ = deploy(repo, "up", "--env", "dev", "--yes")

    assert code == 1
    assert output.splitlines()[1:] == [
        "    bootstrap-iam/dev: region is not set",
        "network/dev was not touched: bootstrap-iam/dev failed",
        "payments/dev was not touched: bootstrap-iam/dev failed",
        "up: 1 failed, 2 not run",
    ]


def test_ctrl_c_ends_in_order_says_what_was_done_and_leaves_no_lock(repo: Repository, tmp_path: Path) -> None:
    began = tmp_path / "began"
    waits = f"import time, pathlib; Thing('a'); pathlib.Path({str(began)!r}).touch(); time.sleep(600)"
    repo.program("bootstrap-iam", THING + waits)
    process = start(repo, "up", "--env", "dev", "--yes", "--json")
    while not began.exists():
        assert process.poll() is None
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGINT)
    output, talk = process.communicate(timeout=300)

    assert process.returncode == 130
    assert statuses(output) == {"bootstrap-iam": "failed", "network": "not run", "payments": "not run"}
    assert "the engine ends what it has begun" in talk
    assert "network/dev was not touched: interrupted" in talk
    assert "Traceback" not in talk

    repo.program("bootstrap-iam", THING + 'Thing("a")')
    code, _, _ = deploy(repo, "up", "--env", "dev", "--project", "bootstrap-iam", "--yes")

    assert code == 0


def test_a_stack_file_that_can_not_be_read_exits_2_and_is_named(repo: Repository) -> None:
    (repo.root / "projects" / "payments" / "Pulumi.dev.yaml").write_text("config: {")
    code, output, talk = deploy(repo, "up", "--env", "dev", "--yes")

    assert (code, output) == (2, "")
    assert "Pulumi.dev.yaml" in talk
    assert "Traceback" not in talk


# What the options come to, without an engine


@pytest.fixture
def operated(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Operator, str, StackName]]:
    """Whatever an operator is asked to do."""
    asked: list[tuple[Operator, str, StackName]] = []
    for action in ("up", "preview"):

        def operate(self: Operator, name: StackName, action: str = action) -> dict[str, int]:
            asked.append((self, action, name))
            return {"update": 1}

        monkeypatch.setattr(Operator, action, operate)
    monkeypatch.setattr(script, "outputs", lambda *_, **__: {})
    return asked


def run(*arguments: str) -> Result:
    return CliRunner().invoke(script.app, list(arguments))


@pytest.mark.parametrize(("options", "transient"), [([], {}), (["--unverified"], UNVERIFIED_TOO)])
def test_a_preview_passes_the_gate_where_it_is_asked_to(
    operated: list[tuple[Operator, str, StackName]], options: list[str], transient: dict[str, Any]
) -> None:
    done = run("preview", "--env", "staging", *options, "--json")

    assert (done.exit_code, set(statuses(done.stdout).values())) == (0, {"succeeded"}), done.stderr
    assert [(action, dict(operator.transient)) for operator, action, _ in operated] == [
        ("preview", transient)
    ] * 3


def test_only_a_preview_passes_the_gate(operated: list[tuple[Operator, str, StackName]]) -> None:
    assert run("up", "--env", "staging", "--yes", "--unverified").exit_code == 2
    assert operated == []


@pytest.mark.parametrize("passed", [True, False])
def test_up_verifies_where_it_is_asked_to_and_what_fails_stops_those_above(
    operated: list[tuple[Operator, str, StackName]], monkeypatch: pytest.MonkeyPatch, passed: bool
) -> None:
    recorded: list[Verification] = []

    def target_of(environment: str, **_: Any) -> Target:
        running = Standing(artifact_digest=STANDING.artifact_digest, release="r-1")
        outputs = {to_camel(key): value for key, value in running.as_outputs().items()}
        return Target(environment=environment, outputs=outputs, client=lambda _: None)

    def verify(target: Target, **_: Any) -> Verification:
        about: dict[str, Any] = {"environment": target.environment, "artifact_digest": "", "seconds": 1}
        return Passed(**about) if passed else Failed(**about, reasons=("a payment was lost",))

    monkeypatch.setattr(script, "target_of", target_of)
    monkeypatch.setattr(verified_deployment, "verify", verify)
    monkeypatch.setattr(verified_deployment, "record", lambda found, *_: recorded.append(found))
    arguments = ("up", "--env", "dev", "--env", "staging", "--project", "payments", "--yes", "--json")

    assert run(*arguments).exit_code == 0
    assert recorded == []
    done = run(*arguments, "--verify")

    assert done.exit_code == (0 if passed else 1), done.stderr
    assert [found.environment for found in recorded] == (["dev", "staging"] if passed else ["dev"])
    stacks = {stack["environment"]: stack["status"] for stack in json.loads(done.stdout)["stacks"]}
    assert (
        stacks == {"dev": "succeeded", "staging": "succeeded"}
        if passed
        else {
            "dev": "failed",
            "staging": "not run",
        }
    )
    assert ("a payment was lost" in done.stdout) is not passed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["up", "--env", "live", "--yes"], "There is no environment 'live'. There are dev, staging, prod."),
        (["up", "--env", "dev"], "There is no terminal to ask on: pass --yes to go ahead."),
        (["destroy"], "--env"),
    ],
)
def test_a_mistaken_call_exits_2_and_says_why(arguments: list[str], message: str) -> None:
    done = run(*arguments)

    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr
