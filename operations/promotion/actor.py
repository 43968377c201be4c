"""Identify the process that performs an operation, and check whether it still runs."""

import getpass
import os
import socket
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

from operations.promotion.record import Actor

_JITTER = timedelta(seconds=5)
"""Tolerance between two readings of a process's start time."""


def this_process() -> Actor:
    """Return the user and the process that run this code."""
    return Actor(
        user=getpass.getuser(),
        host=socket.gethostname(),
        process=os.getpid(),
        boot=_boot(),
        namespace=_namespace(),
        started=_started(os.getpid()),
    )


def alive(actor: Actor) -> bool | None:
    """Return whether the actor's process runs; None if that is unknown on this machine.

    A number alone does not tell: after a restart of the machine, or in another container of the same name, it
    belongs to some other program.
    """
    if (actor.host, actor.boot, actor.namespace) != (socket.gethostname(), _boot(), _namespace()):
        return None
    try:
        os.kill(actor.process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # there is one, of somebody else
    started = _started(actor.process)
    if started is None or actor.started is None:
        return None
    return abs(started - actor.started) <= _JITTER


def _boot() -> str:
    """Return the machine's boot id on Linux; empty if it cannot be read."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _namespace() -> str:
    """Return this process's PID namespace on Linux, such as `pid:[4026531836]`; empty elsewhere."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _started(process: int) -> datetime | None:
    """Return a process's start in local time, from `ps` on Linux and macOS; None if `ps` fails."""
    try:
        answer = subprocess.run(  # noqa: S603  a fixed command, no shell
            ["ps", "-o", "lstart=", "-p", str(process)],  # noqa: S607  wherever the system keeps it
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "LC_ALL": "C"},
        )
        return datetime.strptime(answer.stdout.strip(), "%a %b %d %H:%M:%S %Y")  # noqa: DTZ007  of this machine
    except (OSError, subprocess.CalledProcessError, ValueError):
        return None
