"""Finds the Pulumi CLI that the machine already has."""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from operations.engine.version import Version, parse

LANGUAGE_HOST = "pulumi-language-python"
_SECONDS_TO_ANSWER = 60  # a cold start from a slow disk; a CLI that hangs longer is of no use


@dataclass(frozen=True, kw_only=True)
class Found:
    """A CLI on PATH that is new enough."""

    executable: Path
    version: Version
    has_language_host: bool


@dataclass(frozen=True, kw_only=True)
class Unsuitable:
    """A CLI on PATH that can't be used, and why."""

    executable: Path
    reason: str


def locate(environ: Mapping[str, str], pinned: Version) -> Found | Unsuitable | None:
    """The `pulumi` that a shell with `environ` would run, judged; None where PATH holds none."""
    path = environ.get("PATH", "")
    command = shutil.which("pulumi", path=path)
    if command is None:
        return None
    executable = Path(command).absolute()
    answer = _ask_version(executable, environ)
    version = parse(answer)
    if version is None:
        return Unsuitable(executable=executable, reason=f"`pulumi version` answered {answer.strip()[:200]!r}")
    if not version.will_do_for(pinned):
        return Unsuitable(
            executable=executable,
            reason=f"it is {version}; {pinned.major}.{pinned.minor} or a later {pinned.major}.x is needed",
        )
    # A complete installation has its language hosts beside the real executable, whatever links lead to it.
    beside = executable.resolve().parent / LANGUAGE_HOST
    complete = beside.is_file() or shutil.which(LANGUAGE_HOST, path=path) is not None
    return Found(executable=executable, version=version, has_language_host=complete)


def _ask_version(executable: Path, environ: Mapping[str, str]) -> str:
    try:
        answer = subprocess.run(  # noqa: S603  the CLI that the user's own PATH names
            [executable, "version"],
            env={**environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS_TO_ANSWER,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return answer.stdout if answer.returncode == 0 else answer.stderr or f"exit status {answer.returncode}"
