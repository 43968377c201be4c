"""What moves up the ladder: the commit that everything is made of, and the versions that it was made with.

A release is not stored anywhere to exist: a clean checkout *is* one, and the same commit, locked requirements
and function make the same id on every machine.
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

REPOSITORY = Path(__file__).resolve().parent.parent
SDKS = ("pulumi", "pulumi-aws", "pulumi-policy")
UNRELEASED = "unreleased"
"""What stands for the id where the checkout is no release."""
ID_LENGTH = 12
SET_BY_HOOKS = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"})
"""Variables that would lead git to another repository than the one that is asked about."""


class Release(BaseModel):
    """A release's content. Its id is made of all of it."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, alias_generator=to_camel, populate_by_name=True
    )

    commit: str = Field(pattern="^[0-9a-f]{40}([0-9a-f]{24})?$")
    artifact_digest: str = Field(pattern="^[0-9a-f]{64}$")
    """SHA-256 of the function's zip, hexadecimal."""
    component_version: str
    """Of this repository, as pyproject.toml has it."""
    policy_pack_version: str
    sdk_versions: Mapping[str, str]
    """Of the Pulumi packages that the programs run with."""

    @property
    def id(self) -> str:
        """First 12 hexadecimal digits of the SHA-256 of its content as canonical JSON."""
        content = json.dumps(self.model_dump(by_alias=True), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(content.encode()).hexdigest()[:ID_LENGTH]


@dataclass(frozen=True, kw_only=True)
class Unreleased:
    """The checkout is no release, and why."""

    because: str
    id: str = UNRELEASED
    commit: str = ""


def of_checkout(artifact_digest: str, root: Path = REPOSITORY) -> Release | Unreleased:
    """The release that the checkout at `root` is, with the function's artifact as built from it.

    It is none where git or the history is missing, or where anything differs from the commit.
    """
    git = shutil.which("git")
    if git is None:
        return Unreleased(because="git is not installed")
    commit = _git(git, root, "rev-parse", "--verify", "HEAD^{commit}")
    if commit is None:
        return Unreleased(because=f"{root} is no git checkout, or has no commit")
    if _git(git, root, "rev-parse", "--show-toplevel") != str(root.resolve()):
        return Unreleased(because=f"{root} is not the root of its git checkout")
    changed = _git(git, root, "status", "--porcelain")
    if changed is None:
        return Unreleased(because="git can't tell whether the checkout is clean")
    if changed:
        files = [line[3:] for line in changed.splitlines()]
        more = f" and {len(files) - 3} more" if len(files) > 3 else ""
        return Unreleased(because=f"the checkout differs from its commit: {', '.join(files[:3])}{more}")
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pack = yaml.safe_load((root / "policies" / "PulumiPolicy.yaml").read_text(encoding="utf-8"))
    return Release(
        commit=commit,
        artifact_digest=artifact_digest,
        component_version=str(project["version"]),
        policy_pack_version=str(pack["version"]),
        sdk_versions={name: version(name) for name in SDKS},
    )


def _git(git: str, root: Path, *arguments: str) -> str | None:
    """What git answers; None where it fails. Nine programs may ask at once: it takes no lock."""
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
