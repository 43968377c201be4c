"""Builds the pinned Pulumi CLI from its Go module, for a machine that has none."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from operations.engine.installation import EngineUnavailable
from operations.engine.progress import Progress
from operations.engine.version import Version

_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
# Without this `pulumi version` prints nothing, and the SDK takes the CLI for an unknown one.
_STAMPED = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
_LINES_OF_ERROR = 15


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What is built from the go.mod and go.sum in `module`, and where it goes: `target`/bin/pulumi."""

    module: Path
    target: Path
    version: Version

    @property
    def executable(self) -> Path:
        """The CLI that the recipe makes."""
        return self.target / "bin" / "pulumi"

    @property
    def stamp(self) -> Path:
        """Tells what the executable was built from."""
        return self.target / "pulumi.built-from"

    def digest(self) -> str:
        """Changes whenever the CLI must be built anew."""
        inputs = [(self.module / name).read_bytes() for name in ("go.mod", "go.sum")]
        return hashlib.sha256(b"\0".join([*inputs, str(self.version).encode()])).hexdigest()

    def is_built(self) -> bool:
        """True where the executable is there and made from just these inputs."""
        if not (self.stamp.is_file() and os.access(self.executable, os.X_OK)):
            return False
        return self.stamp.read_text(encoding="utf-8") == self.digest()


@dataclass
class _Output:
    """What `go build -v` says: a line for each download and for each package it compiles."""

    progress: Progress
    compiled: int = 0
    downloaded: int = 0
    errors: list[str] = field(default_factory=list)

    _PACKAGE_LINE = re.compile(r"[\w.~-]+(/[\w.~+-]+)*")

    def take(self, line: str) -> None:
        if line.startswith("go: downloading "):
            self.downloaded += 1
            self.progress.show(f"downloading {line.split()[2]} ({self.downloaded} modules so far)")
        elif self._PACKAGE_LINE.fullmatch(line):
            self.compiled += 1
            self.progress.show(f"compiling {line} ({self.compiled} packages so far)")
        else:
            self.errors.append(line)


def build(recipe: Recipe, environ: Mapping[str, str], progress: Progress) -> Path:
    """Makes `recipe.executable` unless it is made, and returns it.

    Several processes may ask at once: one builds, the others wait. The CLI appears by rename, never half
    written. Raises EngineUnavailable where there is no Go or it fails.
    """
    if recipe.is_built():
        return recipe.executable
    go = shutil.which("go", path=environ.get("PATH", ""))
    if go is None:
        raise EngineUnavailable(
            f"There is no `pulumi` on PATH, and no `go` to build it with.\n"
            f"Install Pulumi {recipe.version.major}.{recipe.version.minor} or later "
            f"(https://www.pulumi.com/docs/install/), or Go (https://go.dev/doc/install), and run this again."
        )
    with _lock(recipe.target / "build.lock", progress):
        if not recipe.is_built():  # it may have been made while we waited
            _make(recipe, go, environ, progress)
    return recipe.executable


def _make(recipe: Recipe, go: str, environ: Mapping[str, str], progress: Progress) -> None:
    recipe.executable.parent.mkdir(parents=True, exist_ok=True)
    temporary = recipe.executable.with_name(f"pulumi.{os.getpid()}.new")
    flags = f"-s -w -X {_STAMPED}=v{recipe.version}"
    command = [go, "build", "-v", "-o", str(temporary), "-ldflags", flags, _PACKAGE]
    output = _Output(progress)
    try:
        with progress.during(f"Building the Pulumi CLI {recipe.version} (the first time takes some minutes)"):
            status = _run(command, recipe.module, environ, output)
        if status != 0:
            raise EngineUnavailable(_explain(go, status, output.errors))
        temporary.replace(recipe.executable)
        recipe.stamp.write_text(recipe.digest(), encoding="utf-8")
    finally:
        temporary.unlink(missing_ok=True)


def _run(command: list[str], folder: Path, environ: Mapping[str, str], output: _Output) -> int:
    # A folder above with a go.work would change what is built.
    process = subprocess.Popen(  # noqa: S603  the user's own Go, with a fixed command
        command,
        cwd=folder,
        env={**environ, "GOWORK": "off"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    try:
        for line in process.stderr or ():
            output.take(line.rstrip())
        return process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def _explain(go: str, status: int, errors: list[str]) -> str:
    said = "\n".join(f"  {line}" for line in errors[-_LINES_OF_ERROR:]) or f"  exit status {status}"
    text = "\n".join(errors)
    if "requires go >=" in text:
        remedy = "Install the Go version that it asks for (https://go.dev/doc/install), or Pulumi itself."
    elif any(
        sign in text for sign in ("dial tcp", "no such host", "i/o timeout", "proxyconnect", "TLS handshake")
    ):
        remedy = (
            "Go could not fetch the modules: check the network, GOPROXY and HTTPS_PROXY, and run this again."
        )
    elif "no space left" in text:
        remedy = "Free some 3 GB of disk space (Go's caches take most of it), and run this again."
    else:
        remedy = "Install Pulumi (https://www.pulumi.com/docs/install/), which makes this build unnecessary."
    return f"`{go} build` of the Pulumi CLI failed:\n{said}\n{remedy}"


@contextmanager
def _lock(file: Path, progress: Progress) -> Iterator[None]:
    """Holds `file` alone on this machine; the kernel lets go of it however the process ends."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with progress.during("Another process is building the Pulumi CLI; waiting for it"):
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield
