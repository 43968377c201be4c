"""Check out a release's commit in its own work tree, independent of the user's work tree.

Nothing of the commit runs as the work tree is made: no hook, no Makefile, no build. It gets a virtual
environment in which its own packages come first, and the locked requirements after them: those of this
checkout where they are the same, else its own, from wheels that match their hashes, installed without any
credentials in the environment. The function's wheels come from this checkout.
"""

import os
import shutil
import subprocess
import sysconfig
import tempfile
import venv
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

from operations.promotion import actor
from operations.promotion.git import CheckoutError, git
from operations.promotion.record import Actor

__all__ = ["CheckoutError", "Checkouts", "checkout", "environ"]

REQUIREMENTS = "requirements.txt"
VIRTUAL_ENVIRONMENT = ".venv"
CACHE = ".artifacts"
FOLDER_PREFIX = "release-"
OWNER = "owner.json"
"""File beside a work tree that names the process that made it."""
_FOR_INSTALLING = ("PATH", "HOME", "LANG", "TMPDIR", "TEMP", "TMP", "SSL_CERT_FILE", "SSL_CERT_DIR")
_FOR_INSTALLING_TOO = (
    "PIP_",
    "LC_",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
)
"""Prefixes of variables that pip needs to reach an index; none holds credentials of an account."""


@contextmanager
def checkout(commit: str, repository: Path) -> Iterator[Path]:
    """Yield the root of a work tree of `commit`, and remove it afterwards. Raises CheckoutError."""
    folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX)).resolve()
    root = folder / "checkout"
    try:
        (folder / OWNER).write_text(actor.this_process().model_dump_json(), encoding="utf-8")
        git(repository, "worktree", "add", "--detach", "--force", str(root), commit)
        _must_not_hold(root, VIRTUAL_ENVIRONMENT, CACHE)
        if (repository / CACHE).exists():
            (root / CACHE).symlink_to((repository / CACHE).resolve())
        _make_environment(root, repository)
        yield root
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        git(repository, "worktree", "prune", check=False)


def remove_abandoned(repository: Path) -> tuple[Path, ...]:
    """Remove the work trees of processes that were killed on this machine; return their folders."""
    listed = git(repository, "worktree", "list", "--porcelain", check=False) or ""
    roots = [
        Path(line.removeprefix("worktree ")) for line in listed.splitlines() if line.startswith("worktree ")
    ]
    abandoned = tuple(
        root.parent
        for root in roots
        if root.parent.name.startswith(FOLDER_PREFIX) and _is_abandoned(root.parent / OWNER)
    )
    for folder in abandoned:
        shutil.rmtree(folder, ignore_errors=True)
    if abandoned:
        git(repository, "worktree", "prune", check=False)
    return abandoned


def _is_abandoned(owner: Path) -> bool:
    """Return whether the process that a file names is dead; False if that is unknown."""
    try:
        return actor.alive(Actor.model_validate_json(owner.read_text(encoding="utf-8"))) is False
    except (OSError, ValueError):
        return False


class Checkouts:
    """The checkouts of one operation: one per commit, removed when the block ends."""

    def __init__(self, repository: Path) -> None:
        self._repository = repository
        self._stack = ExitStack()
        self._roots: dict[str, Path] = {}

    def __enter__(self) -> Self:
        remove_abandoned(self._repository)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def root(self, commit: str) -> Path:
        """Return the root of a work tree of the commit. Raises CheckoutError."""
        if commit not in self._roots:
            self._roots[commit] = self._stack.enter_context(checkout(commit, self._repository))
        return self._roots[commit]


def environ(base: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables of an engine, without PYTHONPATH.

    A PYTHONPATH would hold for the release's programs and for the policy pack that judges them alike.
    """
    return {name: value for name, value in base.items() if name != "PYTHONPATH"}


def _must_not_hold(root: Path, *names: str) -> None:
    for name in names:
        if (root / name).is_symlink() or (root / name).exists():
            raise CheckoutError(
                f"The release's commit holds {name}, which is made here and never committed.\n"
                "Remove it from the repository, and bring that up the ladder."
            )


def _make_environment(root: Path, repository: Path) -> None:
    """Make a virtual environment whose `.pth` file puts the checkout before the requirements."""
    folder, same = root / VIRTUAL_ENVIRONMENT, _same(repository / REQUIREMENTS, root / REQUIREMENTS)
    venv.EnvBuilder(symlinks=True, with_pip=not same).create(folder)
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)}))
    entries = [root]
    if same:
        # Python reads no .pth files in these folders: the one that leads to this checkout has no effect.
        entries += dict.fromkeys(Path(sysconfig.get_path(kind)) for kind in ("purelib", "platlib"))
    else:
        _install(root / REQUIREMENTS, folder / "bin" / "python")
    (packages / "release.pth").write_text("".join(f"{entry}\n" for entry in entries), encoding="utf-8")


def _same(one: Path, other: Path) -> bool:
    return one.is_file() and other.is_file() and one.read_bytes() == other.read_bytes()


def _install(requirements: Path, python: Path) -> None:
    """Install wheels only, by their locked hashes: a source distribution runs code when it is built."""
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--require-hashes", "--only-binary", ":all:", "--requirement", str(requirements)]
    done = subprocess.run(  # noqa: S603  a fixed command, no shell
        command, capture_output=True, text=True, check=False, env=_without_credentials(os.environ)
    )
    if done.returncode != 0:
        raise CheckoutError(
            f"The release has other requirements than this checkout, and they can't be installed:\n"
            f"{done.stderr.strip()}\n"
            "Each needs a hash and a wheel. Or promote from a checkout with the same requirements.txt."
        )


def _without_credentials(base: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in base.items()
        if name in _FOR_INSTALLING or name.startswith(_FOR_INSTALLING_TOO)
    }
