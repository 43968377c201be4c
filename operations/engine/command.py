"""Runs `pulumi` commands for the Automation API, so that they can be interrupted as at a terminal."""

import signal
import subprocess
import threading
from collections.abc import Mapping
from typing import IO

from pulumi import automation as auto
from pulumi.automation.errors import create_command_error
from semver import VersionInfo

from operations.engine.checkpoints import guard
from operations.engine.installation import Engine


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
        self._running: set[subprocess.Popen[str]] = set()
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
            process = subprocess.Popen(  # noqa: S603  the CLI that ensure_engine chose
                [self.command, "--non-interactive", *args],
                cwd=cwd,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
            self._running.add(process)
        try:
            output, errors = _Reader(process.stdout, on_output), _Reader(process.stderr, on_error)
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


def _let_end(process: subprocess.Popen[str]) -> None:
    """Passes an interrupt on and waits for the engine to end; a second interrupt is passed on too."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait()
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        process.wait()


class _Reader(threading.Thread):
    """Reads a stream to its end, line by line."""

    def __init__(self, stream: IO[str] | None, heed: auto.OnOutput | None) -> None:
        super().__init__(daemon=True)
        self._stream, self._heed = stream, heed
        self._lines: list[str] = []
        self.start()

    def run(self) -> None:
        for line in self._stream or ():
            self._lines.append(line.rstrip())
            if self._heed is not None:
                self._heed(line.rstrip())

    def text(self) -> str:
        """All that was written, once the stream has ended."""
        while self.is_alive():
            self.join(0.2)  # a signal just before an endless wait would not be heeded
        return "\n".join(self._lines)
