"""Runs `pulumi` commands for the Automation API, so that they can be interrupted as at a terminal."""

import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

from pulumi import automation as auto
from pulumi.automation.errors import create_command_error
from semver import VersionInfo

from operations.engine.checkpoints import guard
from operations.engine.installation import Engine

SECONDS_BETWEEN_READS = 0.02


class EngineCommand(auto.PulumiCommand):
    """`engine` as the Automation API takes it, in `environ` (this process's by default) and nothing else.

    The SDK's own class adds to this process's environment: a sandbox could not keep the user's AWS profile
    out. Each command runs in a session of its own, so Ctrl-C on the terminal reaches it once, through
    `interrupt`.
    """

    def __init__(self, engine: Engine, environ: Mapping[str, str] | None = None) -> None:
        # Not super().__init__: it would run `pulumi version` again, which the engine was already asked.
        self.command = str(engine.executable)
        self.version = VersionInfo.parse(engine.version)
        self._environ = engine.environ(environ)
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._interrupted = False

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment in which commands run."""
        return self._environ

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: auto.OnOutput | None = None,
        on_error: auto.OnOutput | None = None,
    ) -> auto.CommandResult:
        """Runs `pulumi ARGS`, never prompting, once every checkpoint that it would read was judged.

        Raises CommandError, Interrupted after `interrupt`, StateRefused or BackendUnreachable.
        """
        environ = {**self._environ, **additional_env, "PULUMI_AUTOMATION_API": "true"}
        guard(args, cwd, environ)
        with self._lock:
            if self._interrupted:
                raise Interrupted(f"`pulumi {' '.join(args[:2])}` was not started")
            with _Followed() as output, _Followed() as errors:
                process = subprocess.Popen(  # noqa: S603  the CLI that ensure_engine chose
                    [self.command, "--non-interactive", *args],
                    cwd=cwd,
                    env=environ,
                    stdin=subprocess.DEVNULL,
                    stdout=output.written,
                    stderr=errors.written,
                    start_new_session=True,
                )
            self._running.add(process)
        try:
            output.follow(process, on_output)
            errors.follow(process, on_error)
            result = auto.CommandResult(stdout=output.text(), stderr=errors.text(), code=process.wait())
        except KeyboardInterrupt:
            _let_end(process)
            raise
        finally:
            with self._lock:
                self._running.discard(process)
        if result.code != 0:
            raise create_command_error(result)
        return result

    def interrupt(self) -> None:
        """What Ctrl-C does: no new command starts, and each running one ends what it has begun, no more.

        A second call makes them stop at once, with whatever is then in flight left unrecorded.
        """
        with self._lock:
            self._interrupted = True
            running = tuple(self._running)
        for process in running:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)


class Interrupted(Exception):  # noqa: N818  not an error: the user asked for it
    """A command was not started because the user interrupted those before it."""


def _let_end(process: subprocess.Popen[bytes]) -> None:
    """Passes an interrupt on and waits for the engine to end; a second interrupt is passed on too."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait()
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        process.wait()


class _Followed:
    """Output of a command, written to a file without a name and read as it grows.

    If this process is killed, a pipe would break and end the engine in the middle of an update. With a file
    the engine completes the update, writes its state and removes its lock.
    """

    def __init__(self) -> None:
        descriptor, path = tempfile.mkstemp(prefix="pulumi-output-")
        self.written = descriptor
        self._file = Path(path).open(encoding="utf-8", errors="replace")  # noqa: SIM115  closed by `text`
        Path(path).unlink()
        self._lines: list[str] = []
        self._thread = threading.Thread(target=lambda: None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.written)

    def follow(self, process: subprocess.Popen[bytes], heed: auto.OnOutput | None) -> None:
        """Read until the process has ended; `heed` gets each line."""
        self._thread = threading.Thread(target=self._read, args=(process, heed), daemon=True)
        self._thread.start()

    def text(self) -> str:
        """Return all that was written, once the process has ended."""
        while self._thread.is_alive():
            self._thread.join(0.2)  # a signal just before an endless wait would not be heeded
        self._file.close()
        return "\n".join(self._lines)

    def _read(self, process: subprocess.Popen[bytes], heed: auto.OnOutput | None) -> None:
        begun = ""
        while True:
            ended = process.poll() is not None  # asked before reading: nothing is written after
            for part in self._file:
                begun += part
                if begun.endswith("\n"):
                    self._take(begun, heed)
                    begun = ""
            if ended:
                break
            with suppress(subprocess.TimeoutExpired):
                process.wait(SECONDS_BETWEEN_READS)
        if begun:
            self._take(begun, heed)

    def _take(self, line: str, heed: auto.OnOutput | None) -> None:
        self._lines.append(line.rstrip())
        if heed is not None:
            heed(line.rstrip())
