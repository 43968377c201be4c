"""Starts, finds and ends the sandbox that stays up between commands."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from operations import REPOSITORY
from sandbox.box import Sandbox
from sandbox.keeper import Record, read_record
from sandbox.server.process import ServerFailed, is_alive

FOLDER = REPOSITORY / ".sandbox"
SECONDS_TO_START = 60.0
SECONDS_TO_END = 20.0


class NotRunning(Exception):  # noqa: N818  what it is
    """There is no sandbox; the message says how to start one."""


def start(folder: Path, port: int, *, owner: int | None = None, plugin: str | None = None) -> Record:
    """Start a keeper that outlives this process, but not process `owner`. Raises ServerFailed."""
    command = [sys.executable, "-m", "sandbox.keeper", str(folder), "--port", str(port)]
    if owner is not None:
        command += ["--owner", str(owner)]
    if plugin is not None:
        command += ["--plugin", plugin]
    keeper = subprocess.Popen(  # noqa: S603  our own interpreter
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        start_new_session=True,  # the terminal may close
    )
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        record = read_record(folder)
        if record and record.keeper_process == keeper.pid:
            return record
        if keeper.poll() is not None:
            raise ServerFailed(keeper.communicate()[1].strip() or "The sandbox ended before it was ready.")
        time.sleep(0.1)
    keeper.terminate()
    raise ServerFailed(
        f"The sandbox was not ready after {SECONDS_TO_START:.0f} s: the machine may be too busy."
    )


def stop(record: Record) -> None:
    """End a kept sandbox, and with it everything in its accounts."""
    try:
        os.kill(record.keeper_process, signal.SIGTERM)
    except ProcessLookupError:
        return
    deadline = time.monotonic() + SECONDS_TO_END
    while is_alive(record.keeper_process) and time.monotonic() < deadline:
        time.sleep(0.05)
    if is_alive(record.keeper_process):
        os.kill(record.keeper_process, signal.SIGKILL)


def attached(folder: Path) -> Sandbox:
    """The sandbox that is up, to be used in a `with` statement, which leaves it up. Raises NotRunning."""
    record = read_record(folder)
    if record is None:
        raise NotRunning(
            "No sandbox is up. Start one: python scripts/sandbox.py up (it deploys, too), "
            "or python scripts/sandbox.py serve (it stays in the foreground)."
        )
    return Sandbox(folder=folder, server=record.server)
