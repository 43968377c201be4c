"""A release's own code to deploy from: its commit, in a work tree of its own, whatever the user's holds.

What a checkout needs besides, and git does not keep, it takes from the repository: the virtual environment
(where the locked requirements are the same; otherwise it makes its own) and the function's wheels.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

REQUIREMENTS = "requirements.txt"


class CheckoutFailed(Exception):  # noqa: N818  what happened
    """A release's commit can't be had. The message says why and what to do."""


@contextmanager
def checkout(commit: str, repository: Path) -> Iterator[Path]:
    """The root of a work tree of `commit`, for as long as the block runs. Raises CheckoutFailed."""
    folder = Path(tempfile.mkdtemp(prefix="release-")).resolve()
    root = folder / "checkout"
    try:
        _git(repository, "worktree", "add", "--detach", "--force", str(root), commit)
        _link(repository / ".artifacts", root / ".artifacts")
        if _same(repository / REQUIREMENTS, root / REQUIREMENTS):
            _link(repository / ".venv", root / ".venv")
        else:
            _set_up(root)
        yield root
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _git(repository, "worktree", "prune", check=False)


class Checkouts:
    """The checkouts of one operation: each commit once, all gone when the block ends."""

    def __init__(self, repository: Path) -> None:
        self._repository = repository
        self._stack = ExitStack()
        self._roots: dict[str, Path] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def root(self, commit: str) -> Path:
        """The root of a work tree of the commit. Raises CheckoutFailed."""
        if commit not in self._roots:
            self._roots[commit] = self._stack.enter_context(checkout(commit, self._repository))
        return self._roots[commit]


def environ(root: Path, base: Mapping[str, str]) -> dict[str, str]:
    """The environment in which a checkout's programs import its own code, not the repository's."""
    return {**base, "PYTHONPATH": str(root)}


def commits_between(older: str, newer: str, repository: Path) -> int | None:
    """How many commits `newer` has that `older` has not; None where the repository lacks one of them."""
    answer = _git(repository, "rev-list", "--count", f"{older}..{newer}", check=False)
    return int(answer) if answer.isdigit() else None


def _git(repository: Path, *arguments: str, check: bool = True) -> str:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(  # noqa: S603  a fixed command, no shell
            ["git", "-C", str(repository), *arguments],  # noqa: S607  the user's git
            capture_output=True,
            text=True,
            check=False,
            env=inherited,
        )
    except OSError as error:
        raise CheckoutFailed(f"git can't be run: {error}. Releases are commits: install git.") from error
    if check and done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise CheckoutFailed(
            f"{repository}: git {arguments[0]} failed: {said[-1] if said else 'without a word'}\n"
            "The release's commit must be in this repository: git fetch --all (in CI, with the full history)."
        )
    return done.stdout.strip() if done.returncode == 0 else ""


def _link(existing: Path, link: Path) -> None:
    if existing.exists():
        link.symlink_to(existing.resolve())


def _same(one: Path, other: Path) -> bool:
    return one.is_file() and other.is_file() and one.read_bytes() == other.read_bytes()


def _set_up(root: Path) -> None:
    done = subprocess.run(  # noqa: S603  a fixed command, no shell
        ["make", "-C", str(root), f"PYTHON={getattr(sys, '_base_executable', sys.executable)}", "setup"],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise CheckoutFailed(
            f"The release has other requirements, and `make setup` failed:\n{done.stderr.strip()}"
        )
