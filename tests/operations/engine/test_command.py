import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from pulumi import automation as auto

from operations.engine.command import EngineCommand, Interrupted
from operations.engine.installation import Engine
from tests.operations.engine.programs import executable

# Tells when it has begun; ends when interrupted as often as its argument says.
WAITS = """
count=0
trap 'count=$((count + 1)); echo interrupted; [ $count -ge {times} ] && exit 255' INT
touch {began}
while true; do sleep 0.02; done
"""


def command(folder: Path, script: str, environ: dict[str, str] | None = None) -> EngineCommand:
    cli = executable(folder, "pulumi", script)
    engine = Engine(executable=cli, version="3.259.0", has_language_host=True, path_entries=())
    return EngineCommand(engine, {"PATH": "/usr/bin:/bin"} if environ is None else environ)


def await_file(file: Path) -> None:
    while not file.exists():
        time.sleep(0.01)


def test_a_command_runs_without_prompting_and_returns_what_it_wrote(tmp_path: Path) -> None:
    heard: list[str] = []
    result = command(tmp_path, 'echo "$@"; echo oops >&2').run(
        ["stack", "ls"], str(tmp_path), {}, on_output=heard.append
    )

    assert (result.stdout, result.stderr, result.code) == ("--non-interactive stack ls", "oops", 0)
    assert heard == [result.stdout]


def test_nothing_of_this_processs_environment_comes_in_but_what_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    given = {"PATH": "/usr/bin:/bin", "PULUMI_HOME": "/somewhere"}
    result = command(tmp_path, "env", given).run(["up"], str(tmp_path), {"EXTRA": "1"})
    environ = dict(line.split("=", 1) for line in result.stdout.splitlines())

    assert "AWS_PROFILE" not in environ
    assert environ["PULUMI_HOME"] == "/somewhere"
    assert environ["EXTRA"] == "1"
    assert environ["PULUMI_SKIP_UPDATE_CHECK"] == "true"


def test_a_failure_is_the_sdks_own_error_of_its_kind(tmp_path: Path) -> None:
    failing = command(tmp_path, "echo \"error: no stack named 'dev' found\" >&2; exit 6")

    with pytest.raises(auto.StackNotFoundError, match="code: 6"):
        failing.run(["stack"], str(tmp_path), {})


def test_the_sdk_is_told_the_engines_version_without_asking_it_again(tmp_path: Path) -> None:
    assert str(command(tmp_path, "exit 1").version) == "3.259.0"


def test_an_interrupt_reaches_what_runs_and_nothing_new_begins(tmp_path: Path) -> None:
    began = tmp_path / "began"
    waiting = command(tmp_path, WAITS.format(times=1, began=began))
    failures: list[Exception] = []

    def run() -> None:
        with pytest.raises(auto.CommandError) as failed:
            waiting.run(["up"], str(tmp_path), {})
        failures.append(failed.value)

    thread = threading.Thread(target=run)
    thread.start()
    await_file(began)
    waiting.interrupt()
    thread.join(30)

    assert "code: 255" in str(failures[0])
    assert str(failures[0]).count("interrupted") == 1
    with pytest.raises(Interrupted):
        waiting.run(["up"], str(tmp_path), {})


def test_ctrl_c_at_a_terminal_reaches_the_engine_once_and_is_waited_for(tmp_path: Path) -> None:
    began, heard = tmp_path / "began", tmp_path / "heard"
    waits = f"""
trap 'echo interrupted >> {heard}; sleep 0.3; ended=yes' INT
touch {began}
while [ -z "$ended" ]; do sleep 0.02; done
echo ended >> {heard}
exit 255
"""
    program = f"""
from pathlib import Path
from tests.operations.engine.test_command import command
command(Path({str(tmp_path)!r}), {waits!r}).run(["up"], {str(tmp_path)!r}, {{}})
"""
    with subprocess.Popen(  # noqa: S603  the program above
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[3],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        await_file(began)
        os.killpg(process.pid, signal.SIGINT)  # to all of the foreground's processes, as a terminal does
        _, errors = process.communicate(timeout=30)

    assert heard.read_text().split() == ["interrupted", "ended"]
    assert errors.rstrip().endswith("KeyboardInterrupt")
