"""Keeps a sandbox up: its server, and the delivery of whatever arrives in its queues.

    python -m sandbox.keeper FOLDER [--port N] [--owner PROCESS]   (what `sandbox.py up` starts)

A record in the folder tells other processes where it is. When the keeper ends, everything ends and the folder
goes: what moto holds is in memory.
"""

import argparse
import fcntl
import json
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sandbox.box import Sandbox
from sandbox.plugin import PluginUnavailableError
from sandbox.server.process import RunningServer, ServerFailed, get, is_alive

RECORD = "sandbox.json"
SECONDS_BETWEEN_LOOKS = 0.5


class AlreadyRunning(Exception):  # noqa: N818  what it is
    """There is a sandbox in the folder."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """Where a kept sandbox is."""

    url: str
    server_process: int
    keeper_process: int

    @property
    def server(self) -> RunningServer:
        """Its server."""
        return RunningServer(url=self.url, process_id=self.server_process)


def read_record(folder: Path) -> Record | None:
    """The record of the sandbox that is kept in the folder; None where none is running."""
    try:
        record = Record(**json.loads((folder / RECORD).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return record if is_alive(record.keeper_process) and record.server.answers else None


def keep(
    folder: Path,
    port: int,
    *,
    stop: threading.Event,
    owner: int | None = None,
    plugin: str | None = None,
    ready: Callable[[Sandbox], None] = lambda _: None,
    tell: Callable[[str], None] = lambda _: None,
) -> None:
    """Keep a sandbox in `folder` until `stop` is set, or there is no process `owner` any more.

    `tell` hears what was delivered, and what went wrong.

    Raises AlreadyRunning, PluginUnavailableError, ServerFailed.
    """
    running = read_record(folder)
    if running:
        raise AlreadyRunning(
            f"A sandbox is up already, at {running.url} (process {running.keeper_process}). "
            "End it first: python scripts/sandbox.py destroy"
        )
    shutil.rmtree(folder, ignore_errors=True)  # what a killed one left
    folder.mkdir(parents=True)
    try:
        with Sandbox(folder=folder, port=port, plugin=plugin) as box:
            record = Record(url=box.url, server_process=box.server_process_id, keeper_process=os.getpid())
            partial = folder / f"{RECORD}.partial"
            partial.write_text(json.dumps(asdict(record)), encoding="utf-8")
            partial.rename(folder / RECORD)
            ready(box)
            while not stop.wait(SECONDS_BETWEEN_LOOKS) and (owner is None or is_alive(owner)):
                _deliver(box, tell)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def delivering(folder: Path) -> Iterator[None]:
    """Within it, whoever has called delivers, and nobody else."""
    with (folder / "delivery.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _deliver(box: Sandbox, tell: Callable[[str], None]) -> None:
    try:
        waiting: list[list[Any]] = get(box.url, "/sandbox/waiting")
        for account in box.accounts.values():
            if [account.id, account.region] in waiting:
                with delivering(box.folder):
                    processed = box.process(account.environment, witness=False)
                for invocation in processed.invocations:
                    tell(f"{account.environment}: {invocation.error or 'processed a batch'}")
    except Exception as error:  # noqa: BLE001  one bad message or mapping must not end the sandbox
        tell(f"delivery failed: {error}")


def main(arguments: list[str]) -> int:
    """Keep a sandbox until SIGTERM or SIGINT, or until its owner is gone."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.keeper", description="Keep a sandbox up.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--owner", type=int, help="id of a process: end when it has ended, however it did")
    parser.add_argument("--plugin", help="AWS plugin of the engine: own, installed, or an executable")
    options = parser.parse_args(arguments)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        keep(options.folder, options.port, stop=stop, owner=options.owner, plugin=options.plugin)
    except (AlreadyRunning, PluginUnavailableError, ServerFailed) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
