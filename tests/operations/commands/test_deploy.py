import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic.alias_generators import to_camel
from typer.testing import CliRunner, Result

from components.promotion_gate import PromotionState
from operations import REPOSITORY
from operations.commands import deploy as script
from operations.deployment.changes import Change
from operations.deployment.operate import Operator
from operations.engine.failure import StackName
from operations.promotion import direct_deployment
from operations.promotion.record import EntryKind
from operations.verification import Failed, Passed, Target, Verification
from operations.verification import deployment as verified_deployment
from operations.workspace import UNVERIFIED_TOO
from tests.builders import STANDING
from tests.operations.small_projects import THING, Repository, repository

# The script on another repository's projects.
SCRIPT = (
    "import pathlib, operations.commands.deploy as deploy; "
    "deploy.REPOSITORY = pathlib.Path({root!r}); deploy.app()"
)


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    made = repository(tmp_path / "repository")
    made.project("bootstrap-iam", THING + 'Thing("a"); pulumi.export("answer", 42)')
    made.project("network", THING + 'Thing("b")')
    made.project("payments", THING + 'Thing("c")')
    return made


def start(repo: Repository, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603  the script
        [sys.executable, "-c", SCRIPT.format(root=str(repo.root)), *arguments],
        cwd=REPOSITORY,
        env={**repo.environ, **variables},
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


def test_an_engine_whose_script_is_killed_completes_the_update_and_leaves_no_lock(
    repo: Repository, tmp_path: Path
) -> None:
    began, killed = tmp_path / "began", tmp_path / "killed"
    waits = f"""
import time, pathlib
Thing("a")
if not pulumi.runtime.is_dry_run():
    pathlib.Path({str(began)!r}).touch()
    while not pathlib.Path({str(killed)!r}).exists(): time.sleep(0.02)
Thing("b")
"""
    repo.program("bootstrap-iam", THING + waits)
    process = start(repo, "up", "--env", "dev", "--project", "bootstrap-iam", "--yes")
    while not began.exists():
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.communicate(timeout=60)
    killed.touch()
    state = repo.root / "state" / ".pulumi"
    deadline = time.monotonic() + 120
    while list((state / "locks").rglob("*.json")):
        assert time.monotonic() < deadline, "the engine left its lock"
        time.sleep(0.1)
    resources = json.loads((state / "stacks" / "bootstrap-iam" / "dev.json").read_text())
    urns = [each["urn"] for each in resources["checkpoint"]["latest"]["resources"]]
    assert {urn.rpartition("::")[2] for urn in urns} >= {"a", "b"}
    assert not resources["checkpoint"]["latest"].get("pending_operations")


def stacks_of(repo: Repository) -> list[str]:
    folder = repo.root / "state" / ".pulumi" / "stacks"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.json"))


def test_a_preview_leaves_no_stack_behind_and_no_stack_file_changed(repo: Repository) -> None:
    before = {path: path.read_text() for path in (repo.root / "projects").rglob("Pulumi.*.yaml")}
    code, output, _ = deploy(repo, "preview", "--env", "dev", "--json")
    assert (code, set(statuses(output).values())) == (0, {"succeeded"})
    assert stacks_of(repo) == []
    assert {path: path.read_text() for path in before} == before


def test_a_preview_leaves_the_stacks_that_are_there_alone(repo: Repository) -> None:
    assert deploy(repo, "up", "--env", "dev", "--project", "network", "--yes")[0] == 0
    assert deploy(repo, "preview", "--env", "dev")[0] == 0
    assert stacks_of(repo) == ["network/dev.json"]


def test_a_preview_that_fails_leaves_no_stack_behind(repo: Repository) -> None:
    repo.program("network", "import pulumi\nraise pulumi.RunError('region is not set')")
    assert deploy(repo, "preview", "--env", "dev")[0] == 1
    assert stacks_of(repo) == []


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["up", "--env", "dev"], 2, "There is no terminal to ask on"),
        (["destroy", "--env", "dev"], 2, "There is no terminal to ask on"),
        (["up", "--env", "nowhere", "--yes"], 2, "nowhere"),
        (["preview", "--env", "dev", "--project", "nothing"], 2, "nothing"),
        (["up", "--env", "dev", "--yes", "--despite-hold", "x"], 2, "reason"),
    ],
)
def test_a_refusal_is_json_where_json_is_asked_for(
    repo: Repository, arguments: list[str], code: int, reason: str
) -> None:
    exit_code, output, talk = deploy(repo, *arguments, "--json")
    assert exit_code == code
    assert reason in json.loads(output)["reason"]
    assert reason in talk


def test_a_session_that_may_end_in_the_middle_is_refused_before_anything_begins(repo: Repository) -> None:
    soon = (datetime.now(UTC) + timedelta(minutes=3)).isoformat()
    process = start(repo, "up", "--env", "dev", "--yes", "--json", AWS_CREDENTIAL_EXPIRATION=soon)
    output, talk = process.communicate(timeout=300)
    assert process.returncode == 2
    assert json.loads(output)["refused"] == ["SessionTooShortError"]
    assert "nothing was touched" in talk
    assert stacks_of(repo) == []


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
def operated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[Operator, str, StackName]]:
    """Whatever an operator is asked to do."""
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    asked: list[tuple[Operator, str, StackName]] = []
    monkeypatch.setattr(Operator, "foresee", lambda *_: ())
    for action in ("up", "preview", "destroy"):

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
        running = PromotionState(artifact_digest=STANDING.artifact_digest, release="r-1")
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


def test_a_resource_that_may_lose_its_data_is_named_by_its_urn(
    operated: list[tuple[Operator, str, StackName]],
) -> None:
    assert run("up", "--env", "prod", "--yes", "--allow-replace", "urn:a").exit_code == 0
    assert {operator.allow_loss for operator, _, _ in operated} == {frozenset({"urn:a"})}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--env", "prod", "--yes"], "pass --yes --confirm prod to go ahead."),
        (["--env", "prod", "--confirm", "prod"], "pass --yes to go ahead."),
        (["--env", "prod", "--yes", "--confirm", "Prod"], "--confirm takes prod, not 'Prod'."),
        (["--env", "dev", "--env", "prod", "--yes"], "pass --yes --confirm prod to go ahead."),
        (["--env", "dev", "--yes", "--confirm", "dev"], "only the lowest environment"),
    ],
)
def test_an_environment_above_the_lowest_is_destroyed_only_by_its_name(
    operated: list[tuple[Operator, str, StackName]],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.setattr(script, "ledger_size", lambda *_: "3 payments")
    done = run("destroy", *arguments)

    assert (done.exit_code, operated) == (2, [])
    assert message in done.stderr.replace("\n", " ")
    if "--confirm prod" in message:
        assert "The ledger of prod holds 3 payments." in done.stderr


@pytest.mark.parametrize("arguments", [["--env", "prod", "--confirm", "prod"], ["--env", "dev"]])
def test_a_destroy_goes_ahead_where_each_environment_above_the_lowest_was_confirmed(
    operated: list[tuple[Operator, str, StackName]], arguments: list[str]
) -> None:
    assert run("destroy", *arguments, "--yes", "--json").exit_code == 0
    assert [action for _, action, _ in operated] == ["destroy"] * 3


@pytest.mark.parametrize(("typed", "code"), [("prod\n", 0), ("staging\n", 1), ("y\n", 1)])
def test_at_a_terminal_the_name_is_typed_beside_what_goes(
    operated: list[tuple[Operator, str, StackName]],
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    code: int,
) -> None:
    monkeypatch.setattr(script, "ledger_size", lambda *_: "3 payments")
    monkeypatch.setattr(script, "_is_terminal", lambda: True)
    table = {"type": "aws:dynamodb/table:Table", "urn": "a::payments-table"}
    monkeypatch.setattr(Operator, "exported", lambda *_: {"deployment": {"resources": [table]}})
    done = CliRunner().invoke(script.app, ["destroy", "--env", "prod", "--yes"], input=typed)

    assert done.exit_code == code
    assert bool(operated) is (code == 0)
    assert "payments/prod holds 1 resources, data among them: payments-table" in done.stderr
    assert "The ledger of prod holds 3 payments." in done.stderr


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 1)])
def test_the_question_comes_after_the_preview_with_its_changes(
    operated: list[tuple[Operator, str, StackName]],
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    code: int,
) -> None:
    def foresee(_: Operator, name: StackName) -> tuple[Change, ...]:
        return (Change(stack=name, urn="a::a-role", type="aws:iam/role:Role", operation="update"),)

    monkeypatch.setattr(Operator, "foresee", foresee)
    monkeypatch.setattr(script, "_is_terminal", lambda: True)
    done = CliRunner().invoke(script.app, ["up", "--env", "dev"], input=answer)

    assert done.exit_code == code
    assert done.stderr.count("update a-role") == 3
    assert bool(operated) is (code == 0)


def test_a_replaced_table_is_refused_before_any_stack_is_changed(repo: Repository) -> None:
    table = 'class Table(pulumi.ComponentResource): pass\nTable("aws:dynamodb/table:Table", {!r})'
    repo.program("payments", THING + table.format("ledger"))
    assert deploy(repo, "up", "--env", "dev", "--yes")[0] == 0
    repo.program("bootstrap-iam", THING + 'Thing("a"); Thing("new"); pulumi.export("answer", 42)')
    repo.program("payments", THING + table.format("renamed"))

    code, output, _ = deploy(repo, "up", "--env", "dev", "--yes", "--json")

    assert (code, statuses(output)) == (
        1,
        {"bootstrap-iam": "not run", "network": "not run", "payments": "failed"},
    )
    reason = json.loads(output)["stacks"][-1]["reason"]
    urn = "urn:pulumi:dev::payments::aws:dynamodb/table:Table::ledger"
    assert f"--allow-replace '{urn}'" in reason
    code, output, _ = deploy(repo, "up", "--env", "dev", "--yes", "--json", "--allow-replace", urn)
    assert (code, set(statuses(output).values())) == (0, {"succeeded"})


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


@pytest.mark.parametrize("action", [("up",), ("destroy", "--confirm", "staging")])
def test_a_hold_stops_a_deployment_before_anything_and_a_reason_goes_through_it(
    operated: list[tuple[Operator, str, StackName]], tmp_path: Path, action: tuple[str, ...]
) -> None:
    journal = direct_deployment.journal_of(f"file://{tmp_path}", os.environ)
    assert journal
    journal.note("staging", EntryKind.HELD, reason="the verification failed")
    arguments = (*action, "--env", "staging", "--project", "payments", "--yes", "--json")

    refused = run(*arguments)

    assert (refused.exit_code, operated) == (1, [])
    assert json.loads(refused.stdout)["refused"] == ["HeldError"]
    assert "the verification failed" in refused.stderr

    assert run(*arguments, "--despite-hold", "no").exit_code == 2
    assert run(*arguments, "--despite-hold", "incident 4711").exit_code == 0
    assert len(operated) == 1
    began, ended = journal.record("staging").entries[-2:]
    assert began.details["permitted"] == ["--despite-hold incident 4711"]
    assert ended.details["result"] in ("deployed", "destroyed")
    assert journal.record("staging").hold is not None


def test_an_operation_in_flight_stops_a_deployment(
    operated: list[tuple[Operator, str, StackName]], tmp_path: Path
) -> None:
    journal = direct_deployment.journal_of(f"file://{tmp_path}", os.environ)
    assert journal
    journal.begin("dev", expected=0, action="promotion")

    refused = run("up", "--env", "dev", "--yes", "--json")

    assert (refused.exit_code, operated) == (1, [])
    assert json.loads(refused.stdout)["refused"] == ["InFlight"]
