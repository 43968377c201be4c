"""A function's execution environment: one process that is called as Lambda calls it, one invocation at a
time.
"""

import json
import os
import select
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sandbox.delivery.function import Function

BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
SECONDS_TO_START = 60.0
"""Lambda allows 10 s for the code's own start; a laptop under load may need more for the interpreter's."""


@dataclass(frozen=True, kw_only=True)
class Answered:
    """The function returned `result`."""

    result: Any


@dataclass(frozen=True, kw_only=True)
class Raised:
    """The function raised, or its code could not be imported."""

    error: str
    """The type of the exception."""
    message: str


@dataclass(frozen=True, kw_only=True)
class TimedOut:
    """The function did not answer within its timeout, and its process was killed."""

    seconds: float


@dataclass(frozen=True, kw_only=True)
class Exited:
    """The function's process ended."""

    status: int


Result = Answered | Raised | TimedOut | Exited


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """One call of a function."""

    request_id: str
    result: Result
    seconds: float
    memory: int
    """The most that the process has used so far, in MB."""
    cold: bool
    """Whether the process was started for it."""
    log: str
    """What the function wrote to standard output and error."""

    @property
    def error(self) -> str | None:
        """What went wrong, in Lambda's words; None where the function answered."""
        match self.result:
            case Answered():
                return None
            case Raised(error=kind, message=message):
                return f"{kind}: {message}"
            case TimedOut(seconds=seconds):
                return f"Task timed out after {seconds:.2f} seconds"
            case Exited(status=status):
                return f"Runtime exited with status {status}"


class Worker:
    """Starts its process with the first invocation, and again after one that ended it."""

    def __init__(self, function: Function, code: Path, variables: Mapping[str, str]) -> None:
        """`variables` are the whole environment of the process."""
        self._function, self._code, self._variables = function, code, dict(variables)
        self._process: subprocess.Popen[bytes] | None = None
        self._inbox: IO[str] | None = None
        self._outbox: IO[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._logged = 0

    def invoke(self, event: Any, request_id: str | None = None) -> Invocation:
        """Invoke the function with an event."""
        request_id = request_id or str(uuid.uuid4())
        cold = self._process is None
        if cold:
            self._start()
            ready = self._answer(SECONDS_TO_START)
            if ready is None or "ready" not in ready:
                began = time.monotonic() - SECONDS_TO_START if ready is None else time.monotonic()
                invocation = self._conclude(request_id, ready, SECONDS_TO_START, began, cold)
                self.close()
                return invocation
        began = time.monotonic()
        timeout = self._function.timeout
        request = {
            "id": request_id,
            "arn": self._function.arn,
            "deadline": time.time() + timeout,
            "trace": _trace(),
            "event": event,
        }
        assert self._inbox is not None  # noqa: S101  _start has set it
        try:
            self._inbox.write(json.dumps(request) + "\n")
            self._inbox.flush()
            answer = self._answer(timeout)
        except BrokenPipeError:
            answer = {}
        return self._conclude(request_id, answer, timeout, began, cold)

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        for stream in (self._inbox, self._outbox, self._log):
            if stream is not None:
                with suppress(BrokenPipeError):  # what was not read yet can't be any more
                    stream.close()
        self._process = self._inbox = self._outbox = self._log = None

    def _start(self) -> None:
        requests, inbox = os.pipe()
        outbox, answers = os.pipe()
        self._inbox = os.fdopen(inbox, "w", encoding="utf-8")
        self._outbox = os.fdopen(outbox, "rb", buffering=0)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  closed with the process
        self._logged = 0
        try:
            self._process = subprocess.Popen(  # noqa: S603  our own interpreter, and the function that was deployed
                [sys.executable, "-I", "-u", str(BOOTSTRAP), str(requests), str(answers)],
                pass_fds=(requests, answers),
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                cwd=self._code,
                env=self._variables,
                start_new_session=True,  # Ctrl-C is for whoever delivers
            )
        finally:
            os.close(requests)
            os.close(answers)

    def _answer(self, seconds: float) -> dict[str, Any] | None:
        """A line from the process: None after `seconds`, empty where it has ended."""
        assert self._outbox is not None  # noqa: S101  _start has set it
        deadline = time.monotonic() + seconds
        line = b""
        while not line.endswith(b"\n"):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._outbox], [], [], left)[0]:
                return None
            piece = self._outbox.read(65536)
            if not piece:
                return {}
            line += piece
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _conclude(
        self, request_id: str, answer: dict[str, Any] | None, timeout: float, began: float, cold: bool
    ) -> Invocation:
        seconds = time.monotonic() - began
        result: Result
        if answer is None:
            result = TimedOut(seconds=timeout)
        elif "error" in answer:
            result = Raised(error=answer["error"]["errorType"], message=answer["error"]["errorMessage"])
        elif "result" in answer:
            result = Answered(result=answer["result"])
        else:
            assert self._process is not None  # noqa: S101  it has just ended
            result = Exited(status=self._process.wait())
        log = self._written()
        if not isinstance(result, Answered | Raised):
            self.close()
        return Invocation(
            request_id=request_id,
            result=result,
            seconds=seconds,
            memory=int((answer or {}).get("memory", 0)),
            cold=cold,
            log=log,
        )

    def _written(self) -> str:
        """What was written to standard output and error since the last time."""
        assert self._log is not None  # noqa: S101  _start has set it
        size = os.fstat(self._log.fileno()).st_size
        content = os.pread(self._log.fileno(), size - self._logged, self._logged)
        self._logged = size
        return content.decode(errors="replace")


def _trace() -> str:
    """A trace's header, as X-Ray has it."""
    first, second = uuid.uuid4().hex[:24], uuid.uuid4().hex[:16]
    return f"Root=1-{int(time.time()):08x}-{first};Parent={second};Sampled=1"
