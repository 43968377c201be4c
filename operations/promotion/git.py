"""Query the git repository that contains the releases."""

import os
import re
import subprocess
from pathlib import Path

from operations.errors import CommandError

COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
"""A full commit id. Git could read anything else as an option or a name."""
_WITHOUT_PROGRAMS = tuple(
    word
    for setting in ("core.hooksPath=/dev/null", "core.fsmonitor=false", "submodule.recurse=false")
    for word in ("-c", setting)
)
"""Disables hooks: they are programs, and `core.hooksPath` may point into the new work tree."""


class CheckoutError(CommandError):
    """A release's commit is not available. The message states why and what to do."""

    kind = "CheckoutFailed"


def git(repository: Path, *arguments: str, check: bool = True) -> str | None:
    """Return the output of `git ARGUMENTS`; None if it fails and `check` is false. Raises CheckoutError."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(  # noqa: S603  a fixed command, no shell
            ["git", *_WITHOUT_PROGRAMS, "-C", str(repository), *arguments],  # noqa: S607  the user's git
            capture_output=True,
            text=True,
            check=False,
            env=inherited,
        )
    except OSError as error:
        raise CheckoutError(f"git can't be run: {error}. Releases are commits: install git.") from error
    if done.returncode == 0:
        return done.stdout.strip()
    if check:
        said = done.stderr.strip().splitlines()
        raise CheckoutError(
            f"{repository}: git {arguments[0]} failed: {said[-1] if said else 'no message'}\n"
            "The release's commit must be in this repository: git fetch --all (in CI, with the full history)."
        )
    return None


def has_commit(repository: Path, commit: str) -> bool:
    """Return whether the repository has the commit; False for anything but a full commit id."""
    if not COMMIT.fullmatch(commit):
        return False
    return git(repository, "cat-file", "-e", f"{commit}^{{commit}}", check=False) is not None


def is_ancestor(older: str, newer: str, repository: Path) -> bool:
    """Return whether `newer` is or descends from `older`; False if one of them is missing."""
    return git(repository, "merge-base", "--is-ancestor", older, newer, check=False) is not None


def commits_between(older: str, newer: str, repository: Path) -> int | None:
    """Return the number of commits in `newer` that are not in `older`; None if one of them is missing."""
    answer = git(repository, "rev-list", "--count", f"{older}..{newer}", check=False)
    return int(answer) if answer and answer.isdigit() else None
