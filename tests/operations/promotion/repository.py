"""A repository of the test's own, in which releases are made: this one's files, committed."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from operations import REPOSITORY


@dataclass(frozen=True)
class Repository:
    """A git repository in `root`."""

    root: Path

    def git(self, *arguments: str) -> str:
        return _git(self.root, *arguments)

    def commit(self, message: str) -> str:
        """Commits the work tree; returns the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def append(self, name: str, text: str) -> None:
        with (self.root / name).open("a", encoding="utf-8") as file:
            file.write(text)


def of_this_one(root: Path) -> Repository:
    """This repository's files as they are now, changes that are not committed included."""
    listed = _git(REPOSITORY, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    for name in filter(None, listed.split("\0")):
        source = REPOSITORY / name
        if source.is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, root / name)
    for name in (".venv", ".artifacts", ".tools"):
        if (REPOSITORY / name).exists():
            (root / name).symlink_to((REPOSITORY / name).resolve())
    made = Repository(root)
    made.git("init", "--quiet", "--initial-branch", "main")
    made.append(".git/info/exclude", ".venv\n.artifacts\n.tools\n")
    made.commit("As it is")
    return made


def _git(root: Path, *arguments: str) -> str:
    identity = {
        f"GIT_{role}_{what}": f"{value}"
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.com"))
    }
    done = subprocess.run(  # noqa: S603  a fixed command, no shell
        ["git", "-C", str(root), "-c", "commit.gpgsign=false", *arguments],  # noqa: S607  the user's git
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **identity},
    )
    return done.stdout.strip()
