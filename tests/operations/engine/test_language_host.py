import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from operations.engine import language_host
from operations.engine.language_host import Children, explain, interpreter, plugin_command
from operations.workspace import engine_command
from tests.operations.small_projects import Repository, repository


def info(directory: Path, **options: str) -> Any:
    made = language_pb2.ProgramInfo(
        root_directory=str(directory), program_directory=str(directory), entry_point="."
    )
    made.options.update(options)
    return made


@contextmanager
def host() -> Iterator[tuple[subprocess.Popen[bytes], Any]]:
    """A language host with this process as its engine, and a client of it."""
    command = [sys.executable, "-P", language_host.__file__, "127.0.0.1:1"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdout is not None
        port = int(process.stdout.readline())
        try:
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield process, language_pb2_grpc.LanguageRuntimeStub(channel)
        finally:
            process.kill()


def plugin(folder: Path, program: str) -> Any:
    """A request to run the program as a plugin."""
    (folder / "__main__.py").write_text(program)
    environ = [f"{name}={value}" for name, value in {**os.environ, "GREETING": "hello"}.items()]
    return language_pb2.RunPluginRequest(
        kind="resource", pwd=str(folder), args=["an argument"], env=environ, info=info(folder)
    )


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        # A zombie is dead, though its parent has not asked yet.
        return sys.platform != "linux" or ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def await_end(pid: int) -> None:
    while is_alive(pid):
        time.sleep(0.02)


WAITS = "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(600)\n"


def test_a_plugin_runs_where_and_with_what_the_engine_says(tmp_path: Path) -> None:
    program = """
import os, sys
print(os.getcwd(), sys.argv[1], os.environ["GREETING"])
print("trouble", file=sys.stderr)
sys.exit(3)
"""
    with host() as (_, client):
        answers = list(client.RunPlugin(plugin(tmp_path, program)))

    assert b"".join(answer.stdout for answer in answers) == f"{tmp_path} an argument hello\n".encode()
    assert b"".join(answer.stderr for answer in answers) == b"trouble\n"
    assert answers[-1].exitcode == 3


def test_a_policy_pack_runs_under_the_sdks_server(tmp_path: Path) -> None:
    request = language_pb2.RunPluginRequest(kind="analyzer", args=["127.0.0.1:1"], info=info(tmp_path))

    assert plugin_command(request) == [
        sys.executable,
        "-u",
        "-m",
        "pulumi.policy",
        "127.0.0.1:1",
        str(tmp_path),
    ]


def test_a_plugin_ends_when_the_engine_cancels_its_call(tmp_path: Path) -> None:
    with host() as (_, client):
        call = client.RunPlugin(plugin(tmp_path, WAITS))
        pid = int(next(call).stdout)
        call.cancel()
        await_end(pid)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, "the engine is gone"])
def test_nothing_is_left_when_the_host_ends(end: signal.Signals | str, tmp_path: Path) -> None:
    with host() as (process, client):
        pid = int(next(client.RunPlugin(plugin(tmp_path, WAITS))).stdout)
        if isinstance(end, signal.Signals):
            process.send_signal(end)
        else:
            assert process.stdin is not None
            process.stdin.close()

        assert process.wait(30) == 0
        await_end(pid)


def test_a_child_that_ignores_being_asked_is_made_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language_host, "_SECONDS_TO_END", 0.05)
    children = Children()
    stubborn = (
        "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint(flush=True)\nsignal.pause()"
    )
    child = children.start([sys.executable, "-c", stubborn], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    children.close()

    assert children.wait(child) == -signal.SIGKILL
    with pytest.raises(RuntimeError, match="ending"):
        children.start([sys.executable, "-c", ""])
    child.stdout.close()


def test_the_projects_virtual_environment_is_taken_where_it_exists(tmp_path: Path) -> None:
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()

    assert interpreter(info(tmp_path, virtualenv=".venv")) == str(python)
    assert interpreter(info(tmp_path, virtualenv="elsewhere")) == sys.executable
    assert interpreter(info(tmp_path)) == sys.executable


def test_a_program_that_ended_without_a_word_is_explained() -> None:
    assert explain(3) == "Program exited with non-zero exit code: 3"
    assert explain(-9) == "Program was ended by SIGKILL"


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    made = repository(tmp_path / "repository")
    made.project("network", "")
    command(made, "stack", "init", "dev")
    return made


def command(repo: Repository, *arguments: str) -> str:
    run = engine_command(repo.environ).run([*arguments], str(repo.root / "projects" / "network"), {})
    return run.stdout


def test_a_program_runs_as_under_pulumis_own_host(repo: Repository) -> None:
    folder = repo.project(
        "network",
        """
        import os, sys, pulumi
        config = pulumi.Config()
        print("said to the user")
        pulumi.export("cwd", os.getcwd())
        pulumi.export("path", sys.path[0])
        pulumi.export("file", __file__)
        pulumi.export("host", [entry for entry in sys.path if "operations/engine" in entry])
        pulumi.export("name", [pulumi.get_organization(), pulumi.get_project(), pulumi.get_stack()])
        pulumi.export("root", pulumi.runtime.get_root_directory())
        pulumi.export("dry run", pulumi.runtime.is_dry_run())
        pulumi.export("config", config.require("greeting"))
        pulumi.export("later", pulumi.Output.from_input(1).apply(lambda one: one + 1))
        """,
        config={"greeting": "hello"},
    )
    said = command(repo, "up", "--yes", "--skip-preview", "--stack", "dev")
    outputs = command(repo, "stack", "output", "--json", "--stack", "dev")

    assert "said to the user" in said
    assert json.loads(outputs) == {
        "cwd": str(folder),
        "path": str(folder),
        "file": str(folder / "__main__.py"),
        "host": [],
        "name": ["organization", "network", "dev"],
        "root": str(folder),
        "dry run": False,
        "config": "hello",
        "later": 2,
    }


def test_what_a_program_has_left_to_do_is_done_before_it_ends(repo: Repository, tmp_path: Path) -> None:
    done = tmp_path / "done"
    repo.program(
        "network",
        f"""
        import atexit, pathlib, threading, time

        def late():
            time.sleep(0.3)
            done.write_text("by a thread")

        done = pathlib.Path({str(done)!r})
        atexit.register(lambda: done.write_text(done.read_text() + ", then at the exit"))
        threading.Thread(target=late).start()
        """,
    )
    command(repo, "preview", "--stack", "dev")

    assert done.read_text() == "by a thread, then at the exit"


def test_what_is_said_for_debugging_comes_where_the_environment_asks_for_it(repo: Repository) -> None:
    repo.program("network", "import pulumi\npulumi.log.debug('a detail')\npulumi.log.info('the news')\n")
    preview = ["preview", "--debug", "--stack", "dev"]
    folder = str(repo.root / "projects" / "network")
    asked = engine_command({**repo.environ, "PULUMI_OPTION_DEBUG": "true"}).run(preview, folder, {})
    unasked = engine_command(repo.environ).run(preview, folder, {})

    assert "the news" in asked.stdout
    assert "the news" in unasked.stdout
    assert "a detail" in asked.stdout
    assert "a detail" not in unasked.stdout


def test_an_engine_that_is_killed_leaves_no_process(repo: Repository, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    repo.program(
        "network",
        f"""
        import os, pathlib, time
        pathlib.Path({str(pids)!r}).write_text(f"{{os.getppid()}} {{os.getpid()}} ")
        time.sleep(600)
        """,
    )
    run = engine_command(repo.environ)
    with subprocess.Popen(  # noqa: S603  the engine
        [run.command, "--non-interactive", "up", "--yes", "--skip-preview", "--stack", "dev"],
        cwd=repo.root / "projects" / "network",
        env=repo.environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as engine:
        while not (pids.exists() and pids.read_text().endswith(" ")):
            assert engine.poll() is None
            time.sleep(0.02)
        engine.kill()

    for pid in pids.read_text().split():
        await_end(int(pid))
