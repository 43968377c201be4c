"""A function's code as one reproducible zip: same sources, same digest, on any machine and in any folder.

    functions/NAME + its hash-pinned wheels → entries in order, fixed times and modes, stored → zip, SHA-256

What makes two builds of the same sources differ elsewhere, and what is done about it here:

- file times, modes, owners and directory order: fixed, and sorted by path;
- line endings of sources: LF, also where a checkout has CRLF;
- the deflate implementation, which varies between zlib builds: nothing is compressed (Lambda unpacks the zip
  once per environment; its size counts for the upload only, and is far below the limit);
- dependencies: the wheels for Lambda's Python and CPU are taken by hash, whatever this machine is, and
  unpacked without running anything of theirs;
- bytecode: left out. Lambda would start a little faster with it, but `.pyc` files differ between the Python
  versions, and even between the runs, of the machines that build: a release would no longer be one digest.
"""

import base64
import fcntl
import hashlib
import io
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pulumi

from components.content import normalized

REPOSITORY = Path(__file__).resolve().parent.parent
FUNCTIONS = REPOSITORY / "functions"
CACHE = REPOSITORY / ".artifacts"

RUNTIME = "python3.13"
"""The latest Lambda runtime for which all vendored wheels exist; supported until 2029-06-30.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
"""
ARCHITECTURE = "arm64"
WHEEL_PLATFORM = "manylinux2014_aarch64"
"""The glibc of Lambda's Amazon Linux 2023 (2.34) runs wheels built for this older one (2.17)."""

EARLIEST_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
REGULAR_FILE_MODE = 0o100644 << 16
"""Lambda needs files that everyone may read."""
NOT_SHIPPED_SUFFIXES = {".pyc", ".in", ".txt", ".md"}


class ArtifactUnavailable(pulumi.RunError):
    """The zip can't be built. The message says why and what to do; Pulumi prints it without a traceback."""


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """A built zip."""

    path: Path
    digest: str
    """SHA-256 of the zip, hexadecimal: the artifact's identity in stack outputs and releases."""

    @property
    def source_code_hash(self) -> str:
        """The same digest in base64, as Lambda reports it (CodeSha256)."""
        return base64.b64encode(bytes.fromhex(self.digest)).decode()


def build(name: str, *, functions: Path = FUNCTIONS, cache: Path = CACHE) -> Artifact:
    """Build a function's zip, or find it built already.

    Args:
        name: folder of the function; also its package's name in the zip.
        functions: where functions are.
        cache: folder for zips and wheels. Entries are named by the hash of what they are made of.

    Raises:
        ArtifactUnavailable: no such function, no hash-locked requirements, or a wheel cannot be downloaded.
    """
    source = functions / name
    requirements = source / "requirements.txt"
    for needed in (source, requirements):
        if not needed.exists():
            raise ArtifactUnavailable(
                f"function {name!r} has no {needed}; a function is a folder with requirements.txt"
            )
    files = _sources(source)
    ingredients = hashlib.sha256(normalized(requirements.read_bytes()))
    for path, content in files:
        ingredients.update(f"\n{path}\n{hashlib.sha256(content).hexdigest()}".encode())
    built = cache / f"{name}-{ingredients.hexdigest()}.zip"
    if not built.exists():
        wheels = _wheels(requirements, cache)
        content = _zip(sorted([*files, *_unpacked(wheels)]))
        _write_atomically(built, content)
    return Artifact(path=built, digest=hashlib.sha256(built.read_bytes()).hexdigest())


def _sources(directory: Path) -> list[tuple[str, bytes]]:
    """Path in the zip and content of every file that is shipped, in order of path."""
    return [
        (path.relative_to(directory.parent).as_posix(), normalized(path.read_bytes()))
        for path in sorted(directory.rglob("*"))
        if path.is_file() and path.suffix not in NOT_SHIPPED_SUFFIXES and not path.name.startswith(".")
    ]


def _wheels(requirements: Path, cache: Path) -> list[Path]:
    """The pinned wheels for Lambda's Python and CPU, downloaded once and verified against their hashes."""
    folder = cache / "wheels" / hashlib.sha256(normalized(requirements.read_bytes())).hexdigest()
    with _locked(cache):
        if not folder.exists():
            partial = Path(tempfile.mkdtemp(dir=cache))
            try:
                _download(requirements, partial)
                folder.parent.mkdir(exist_ok=True)
                partial.rename(folder)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
    return sorted(folder.glob("*.whl"))


def _download(requirements: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    command += ["--only-binary", ":all:", "--platform", WHEEL_PLATFORM, "--implementation", "cp"]
    command += ["--python-version", RUNTIME.removeprefix("python"), "--dest", str(folder)]
    done = subprocess.run(  # noqa: S603  our own interpreter's pip, no shell
        [*command, "--requirement", str(requirements)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise ArtifactUnavailable(
            f"cannot download the wheels of {requirements}:\n{done.stderr.strip()}\n"
            "Check that the index can be reached, and that all requirements have a hash and an arm64 wheel."
        )


def _unpacked(wheels: list[Path]) -> list[tuple[str, bytes]]:
    entries: dict[str, bytes] = {}
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if name.endswith("/") or ".data/scripts/" in name:  # nobody has a shell in the function
                    continue
                if ".data/" in name or name in entries:
                    raise ArtifactUnavailable(
                        f"{wheel.name}: {name} can't be vendored by unpacking; drop the package"
                    )
                entries[name] = archive.read(name)
    return list(entries.items())


def _zip(entries: list[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in entries:
            entry = zipfile.ZipInfo(name, EARLIEST_ZIP_TIME)
            entry.create_system = 3  # Unix, on every machine
            entry.external_attr = REGULAR_FILE_MODE
            archive.writestr(entry, content)
    return buffer.getvalue()


def _write_atomically(path: Path, content: bytes) -> None:
    """Stacks are deployed side by side: none may read another's half-written zip."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as partial:
        partial.write(content)
    Path(partial.name).replace(path)


@contextmanager
def _locked(cache: Path) -> Iterator[None]:
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
