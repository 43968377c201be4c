"""Who does something, from which process; and whether that process still runs."""

import getpass
import os
import socket
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

from operations.promotion.record import Actor

_JITTER = timedelta(seconds=5)
"""By which the start of a process, reckoned from the machine's, may vary from one answer to the next."""


def this_process() -> Actor:
    """Whoever runs this process."""
    return Actor(
        user=getpass.getuser(),
        host=socket.gethostname(),
        process=os.getpid(),
        boot=_boot(),
        namespace=_namespace(),
        started=_started(os.getpid()),
    )


def alive(actor: Actor) -> bool | None:
    """Whether the actor's process runs; None where nobody can tell from this machine.

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
    """Id of the machine's start, on Linux; empty where there is none to be read."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _namespace() -> str:
    """The PID namespace of this process, on Linux, such as `pid:[4026531836]`."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _started(process: int) -> datetime | None:
    """When a process began, in local time, as `ps` has it on Linux and macOS alike; None where it can't."""
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
