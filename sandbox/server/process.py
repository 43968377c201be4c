"""Starts and ends the server's process, and asks it for copies.

It is a process of its own because moto answers one request at a time: in the process of the tests or of the
command line, every deployment would wait for both.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

from operations import REPOSITORY

READY = "serving "
SECONDS_TO_END = 5.0


class ServerFailed(Exception):  # noqa: N818  what it is
    """The server did not start; the message says why and what to do."""


class Server(Protocol):
    """A running server."""

    @property
    def url(self) -> str:
        """Where AWS is, for boto3 and the provider: AWS_ENDPOINT_URL."""

    @property
    def process_id(self) -> int:
        """The server's process."""

    def stop(self) -> None:
        """End it, and with it everything in its accounts."""


class ServerProcess:
    """A server that this process owns: it ends when this process does, however that comes about."""

    def __init__(self, port: int = 0) -> None:
        """Start it on `port`, or on a free one. Raises ServerFailed."""
        self._process = _start(port, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        self.url = _address(self._process)

    @property
    def process_id(self) -> int:
        """The server's process."""
        return self._process.pid

    def stop(self) -> None:
        """End it, and with it everything in its accounts."""
        self._process.terminate()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()


@dataclass(frozen=True, kw_only=True)
class RunningServer:
    """A server that is not a child of this process: one in the background, or a copy of another."""

    url: str
    process_id: int

    @classmethod
    def start(cls, port: int, log: Path) -> Self:
        """Start one that outlives this process; what it has to say goes to `log`. Raises ServerFailed."""
        with log.open("w", encoding="utf-8") as errors:
            process = _start(port, "--detached", stdin=subprocess.DEVNULL, stderr=errors.fileno())
        try:
            return cls(url=_address(process), process_id=process.pid)
        except ServerFailed as failure:
            raise ServerFailed(log.read_text(encoding="utf-8").strip() or str(failure)) from None

    @property
    def answers(self) -> bool:
        """Whether it is there, and no other program has its port."""
        try:
            with urllib.request.urlopen(f"{self.url}/sandbox/alive", timeout=10) as response:  # noqa: S310  loopback
                return bool(json.load(response) == {"process": self.process_id})
        except (OSError, ValueError):
            return False

    def stop(self) -> None:
        """End it, and with it everything in its accounts."""
        try:
            post(self.url, "/sandbox/stop")
        except OSError:
            return  # it is gone already
        deadline = time.monotonic() + SECONDS_TO_END
        while is_alive(self.process_id) and time.monotonic() < deadline:
            time.sleep(0.02)
        if is_alive(self.process_id):
            os.kill(self.process_id, signal.SIGKILL)


def copy(server: Server) -> RunningServer:
    """A second server that begins with everything `server` holds. It ends when `server`'s owner does, at the
    latest.
    """
    answer = post(server.url, "/sandbox/copy")
    return RunningServer(url=str(answer["address"]), process_id=int(str(answer["process"])))


def get(url: str, path: str) -> Any:
    """What the server answers to a GET on one of the sandbox's own paths. Raises OSError."""
    with urllib.request.urlopen(f"{url}{path}", timeout=60) as response:  # noqa: S310  loopback
        return json.load(response)


def post(url: str, path: str) -> dict[str, object]:
    """What the server answers to a POST on one of the sandbox's own paths. Raises OSError."""
    request = urllib.request.Request(f"{url}{path}", data=b"", method="POST")  # noqa: S310  loopback
    with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310  loopback
        answer: dict[str, object] = json.load(response)
    return answer


def is_alive(process_id: int) -> bool:
    """Whether there is a process of this id."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:  # one that ended and that nobody has waited for is not alive
        return (
            Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
        )
    except OSError:
        return True


def _start(port: int, *options: str, stdin: int, stderr: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(  # noqa: S603  our own interpreter
        [sys.executable, "-m", "sandbox.server", "--port", str(port), *options],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        cwd=REPOSITORY,
        start_new_session=True,  # Ctrl-C is for the sandbox, which needs the server to clean up
    )


def _address(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None  # noqa: S101  for the type checker: it is a pipe
    line = process.stdout.readline()
    if line.startswith(READY):
        return line.removeprefix(READY).strip()
    _, errors = process.communicate()
    raise ServerFailed((errors or "").strip() or "The sandbox's server ended before it was ready.")
