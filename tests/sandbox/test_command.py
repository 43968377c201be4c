import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from operations import REPOSITORY, workspace
from operations.engine import EngineUnavailable
from sandbox import background, command
from sandbox.server.process import ServerProcess

SCRIPT = REPOSITORY / "scripts" / "sandbox.py"


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No sandbox is up, whatever the developer has, and signals are as they were."""
    monkeypatch.setattr(command, "FOLDER", tmp_path / "none")
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command.app, arguments)


def test_status_says_that_no_sandbox_is_up() -> None:
    result = run("status")
    assert (result.exit_code, result.stdout) == (1, "No sandbox is up.\n")
    assert json.loads(run("status", "--json").stdout) == {"running": False}


@pytest.mark.parametrize("name", ["pay", "env", "destroy"])
def test_commands_that_need_a_sandbox_say_how_to_start_one(name: str) -> None:
    result = run(name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("No sandbox is up. Start one: python scripts/sandbox.py up")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", ["up", "pay", "destroy"])
def test_an_unknown_environment_is_told_with_those_there_are(name: str) -> None:
    result = run(name, "--env", "live")
    assert result.exit_code == 2
    assert "'live' is not one of dev, staging, prod" in result.stderr


@pytest.mark.parametrize("name", ["tour", "up", "serve"])
def test_a_port_in_use_is_told_in_one_sentence(name: str, server: ServerProcess) -> None:
    port = server.url.rsplit(":", 1)[1]
    result = run(name, "--port", port)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"Port {port} of 127.0.0.1 can't be had" in result.stderr
    assert "Traceback" not in result.stderr


def test_without_an_engine_nothing_is_said_but_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: Any) -> None:
        raise EngineUnavailable("Install Go or Pulumi.")

    monkeypatch.setattr(workspace, "engine_command", none)
    result = run("tour")
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", "Install Go or Pulumi.\n")


def test_help_of_every_command_says_what_it_does() -> None:
    for name in ("tour", "up", "status", "pay", "destroy", "stop", "serve", "env"):
        result = run(name, "--help")
        assert result.exit_code == 0
        assert name in result.stdout


def test_the_script_is_not_taken_for_the_package_of_its_name() -> None:
    result = subprocess.run(  # noqa: S603  our own script
        [sys.executable, str(SCRIPT), "--help"], capture_output=True, text=True, check=False, cwd="/"
    )
    assert result.returncode == 0
    assert "tour" in result.stdout


def processes_of(folder: Path) -> list[str]:
    """The command lines of the processes whose TMPDIR is the folder: all that one tour has started."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"TMPDIR={folder}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue  # it has just ended, or is not ours
    return found


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for orphans in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_tour_leaves_no_process_and_no_folder(tmp_path: Path, number: signal.Signals) -> None:
    with subprocess.Popen(  # noqa: S603  our own script
        [sys.executable, str(SCRIPT), "tour", "--no-policies"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as tour:
        assert tour.stdout is not None
        for line in tour.stdout:
            if "bootstrap-iam/" in line:
                break
        assert processes_of(tmp_path)
        tour.send_signal(number)
        rest = tour.stdout.read()
    assert tour.returncode == 130
    assert "Interrupted" in rest
    assert "Traceback" not in rest
    assert processes_of(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_serving_prints_what_to_set_and_ends_well_on_ctrl_c(tmp_path: Path) -> None:
    source = (
        "import sys; from pathlib import Path; from sandbox import command\n"
        f"command.FOLDER = Path({str(tmp_path / 'served')!r})\n"
        "command.app(['serve'])"
    )
    with subprocess.Popen(  # noqa: S603  our own command
        [sys.executable, "-c", source], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as serving:
        assert serving.stdout is not None
        exported = [serving.stdout.readline() for _ in range(3)]
        assert exported[2].startswith("export AWS_ENDPOINT_URL=http://127.0.0.1:")
        serving.send_signal(signal.SIGINT)
        serving.communicate()
    assert serving.returncode == 0
    assert not (tmp_path / "served").exists()


def test_paying_where_nothing_is_deployed_says_what_to_do_in_the_sandbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = background.start(tmp_path / "sandbox", port=0, owner=os.getpid())
    try:
        monkeypatch.setattr(command, "FOLDER", tmp_path / "sandbox")
        result = run("pay", "--env", "dev")
    finally:
        background.stop(record)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "payments/dev is not deployed: python scripts/sandbox.py up --env dev\n"


def test_destroying_ends_the_sandbox_and_tells_machines_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = background.start(tmp_path / "sandbox", port=0, owner=os.getpid())
    try:
        with background.attached(tmp_path / "sandbox") as box:
            box.client("sqs", "dev").create_queue(QueueName="stray")
        monkeypatch.setattr(command, "FOLDER", tmp_path / "sandbox")
        result = run("destroy", "--json")
    finally:
        background.stop(record)
    told = json.loads(result.stdout)
    assert (result.exit_code, told["action"], told["succeeded"], told["ended"]) == (1, "destroy", True, True)
    assert len(told["stacks"]) == 9
    ((_, resources),) = told["leftovers"].items()
    assert [name for name in resources if "stray" in name] == resources


def test_stop_without_a_sandbox_says_so() -> None:
    result = run("stop")
    assert (result.exit_code, result.stderr) == (2, "No sandbox is up.\n")
