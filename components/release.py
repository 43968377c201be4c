"""Releases: a commit, its content, and the versions of the packages that deploy it.

A release is not stored: a clean checkout is one. The same commit, requirements and function give the same id
on every machine.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from components import stack_files
from components.content import PATHS, is_settings_file, is_stack_file

REPOSITORY = Path(__file__).resolve().parent.parent
SDKS = ("pulumi", "pulumi-aws", "pulumi-policy")
UNRELEASED = "unreleased"
"""The id of a checkout that is not a release."""
ID_LENGTH = 12
SET_BY_HOOKS = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"})
"""Environment variables with which git hooks point git at another repository."""
_NAMED = 3
"""Number of changed files that a message names."""


class Release(BaseModel):
    """A release. All of its fields determine its id."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, alias_generator=to_camel, populate_by_name=True
    )

    commit: str = Field(pattern="^[0-9a-f]{40}([0-9a-f]{24})?$")
    artifact_digest: str = Field(pattern="^[0-9a-f]{64}$")
    """SHA-256 of the function's zip, hexadecimal."""
    content_digest: str = Field(pattern="^[0-9a-f]{64}$")
    """SHA-256 over all files that decide what is deployed, hexadecimal (components/content.py)."""
    component_version: str
    """Version in pyproject.toml."""
    policy_pack_version: str
    sdk_versions: Mapping[str, str]
    """Versions of the Pulumi packages that the programs run with, by package."""

    @property
    def id(self) -> str:
        """The first 12 hexadecimal digits of the SHA-256 of the fields as canonical JSON."""
        content = json.dumps(self.model_dump(by_alias=True), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(content.encode()).hexdigest()[:ID_LENGTH]


@dataclass(frozen=True, kw_only=True)
class UnreleasedCheckout:
    """A checkout that is not a release, and the reason."""

    because: str
    id: str = UNRELEASED
    commit: str = ""


@dataclass(frozen=True, kw_only=True)
class CleanCheckout:
    """A checkout without relevant differences from its commit."""

    commit: str


def commit_of(root: Path = REPOSITORY) -> CleanCheckout | UnreleasedCheckout:
    """Return the commit of the checkout at `root`.

    Return an UnreleasedCheckout if git or the history is missing, or if a file differs from the commit. What
    the engine writes into stack files does not count: see `stack_files.same_meaning`.
    """
    git = shutil.which("git")
    if git is None:
        return UnreleasedCheckout(because="git is not installed")
    answer = _git(git, root, "rev-parse", "HEAD^{commit}", "--show-toplevel")
    if answer is None:
        return UnreleasedCheckout(because="the program is in no git checkout, or in one without a commit")
    commit, _, top = answer.partition("\n")
    if top != str(root.resolve()):
        return UnreleasedCheckout(because="the program is not at the root of its git checkout")
    files = _changed(git, root)
    if files is None:
        return UnreleasedCheckout(because="git cannot compare the checkout with its commit")
    if files:
        more = f" and {len(files) - _NAMED} more" if len(files) > _NAMED else ""
        return UnreleasedCheckout(
            because=f"the checkout differs from its commit: {', '.join(files[:_NAMED])}{more}"
        )
    return CleanCheckout(commit=commit)


def of_checkout(
    artifact_digest: str, content_digest: str, root: Path = REPOSITORY
) -> Release | UnreleasedCheckout:
    """Return the release of the checkout at `root`, given the digests that were computed from it."""
    found = commit_of(root)
    if isinstance(found, UnreleasedCheckout):
        return found
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pack = yaml.safe_load((root / "policies" / "PulumiPolicy.yaml").read_text(encoding="utf-8"))
    return Release(
        commit=found.commit,
        artifact_digest=artifact_digest,
        content_digest=content_digest,
        component_version=str(project["version"]),
        policy_pack_version=str(pack["version"]),
        sdk_versions={name: version(name) for name in SDKS},
    )


def changed_files(commit: str, root: Path = REPOSITORY) -> tuple[str, ...] | None:
    """Return a line of `git diff --stat` per content file that differs between `commit` and the checkout.

    Return None if git or the commit is missing.
    """
    git = shutil.which("git")
    if git is None or not commit:
        return None
    answer = _git(git, root, "diff", "--stat=100", "--no-renames", commit, "--", *PATHS)
    new = _git(git, root, "ls-files", "--others", "--exclude-standard", "--", *PATHS)
    if answer is None:
        return None
    lines = [line.strip() for line in answer.splitlines()[:-1]] + [
        f"{name} | new" for name in (new or "").splitlines()
    ]
    return tuple(line for line in lines if not is_settings_file(Path(line.partition("|")[0].strip()).name))


def _changed(git: str, root: Path) -> list[str] | None:
    """Return the files whose meaning differs from the commit; None if git fails."""
    status = _git(git, root, "status", "--porcelain", "-z", "--no-renames")
    if not status:
        return None if status is None else []
    # `git status` also lists files whose line endings changed; `git diff` does not.
    different = _git(git, root, "diff", "--name-only", "-z", "--no-renames", "HEAD")
    if different is None:
        return None
    new = [entry[3:] for entry in status.split("\0") if entry.startswith("??")]
    tracked = [name for name in different.split("\0") if name and not _same_meaning(git, root, name)]
    return sorted({*new, *tracked})


def _same_meaning(git: str, root: Path, path: str) -> bool:
    """Return whether a changed file is a stack file with the same meaning as in the commit."""
    if not is_stack_file(Path(path).name) or not (root / path).is_file():
        return False
    committed = _git(git, root, "show", f"HEAD:{path}")
    return committed is not None and stack_files.same_meaning(
        committed, (root / path).read_text(encoding="utf-8", errors="replace")
    )


def _git(git: str, root: Path, *arguments: str) -> str | None:
    """Return git's output; None if it fails. It takes no lock, since several programs may run at once."""
    environ = {name: value for name, value in os.environ.items() if name not in SET_BY_HOOKS}
    done = subprocess.run(  # noqa: S603  a fixed command, no shell
        [git, "--no-optional-locks", "-C", str(root), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environ,
        stdin=subprocess.DEVNULL,
    )
    return done.stdout.strip("\n") if done.returncode == 0 else None
