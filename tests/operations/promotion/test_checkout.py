import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from operations.promotion.checkout import CheckoutFailed, Checkouts, checkout, commits_between, environ


def git(repository: Path, *arguments: str) -> str:
    command = shutil.which("git")
    assert command
    identity = ["-c", "user.name=ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(  # noqa: S603  git, on a repository of the test's own
        [command, "-C", str(repository), *identity, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(repository: Path, **files: str) -> str:
    for name, content in files.items():
        (repository / f"{name}.txt").write_text(content)
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "change")
    return git(repository, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "-q")
    (root / ".gitignore").write_text(".venv\n.artifacts\n")
    (root / ".venv").mkdir()
    (root / ".artifacts").mkdir()
    return root


def test_a_checkout_is_the_commit_whatever_the_work_tree_holds(repository: Path) -> None:
    old = commit(repository, code="old", requirements="pulumi")
    commit(repository, code="new")
    (repository / "code.txt").write_text("half done")

    with checkout(old, repository) as root:
        assert (root / "code.txt").read_text() == "old"
        assert git(root, "status", "--porcelain") == ""
        assert (root / ".venv").resolve() == repository / ".venv"
        assert (root / ".artifacts").resolve() == repository / ".artifacts"
    assert (repository / "code.txt").read_text() == "half done"


def test_a_checkout_leaves_nothing_behind(repository: Path) -> None:
    only = commit(repository, requirements="pulumi")

    with pytest.raises(ZeroDivisionError), checkout(only, repository) as root:
        raise ZeroDivisionError

    assert not root.exists()
    assert git(repository, "worktree", "list").count("\n") == 0


def test_a_commit_with_other_requirements_gets_an_environment_of_its_own(repository: Path) -> None:
    (repository / "Makefile").write_text("setup:\n\t@mkdir .venv && echo $(PYTHON) > .venv/made-with\n")
    old = commit(repository, requirements="pulumi==1")
    commit(repository, requirements="pulumi==2")

    with checkout(old, repository) as root:
        assert not (root / ".venv").is_symlink()
        made_with = (root / ".venv" / "made-with").read_text().strip()
        assert Path(made_with).resolve() == Path(sys.executable).resolve()


def test_an_environment_that_cannot_be_made_is_a_failure_with_the_reason(repository: Path) -> None:
    (repository / "Makefile").write_text("setup:\n\t@echo no such version >&2; exit 1\n")
    old = commit(repository, requirements="pulumi==1")
    commit(repository, requirements="pulumi==2")

    with pytest.raises(CheckoutFailed, match=r"no such version"), checkout(old, repository):
        pass


def test_a_commit_that_is_not_there_is_a_failure_that_says_what_to_do(repository: Path) -> None:
    commit(repository, requirements="pulumi")

    with pytest.raises(CheckoutFailed, match=r"git fetch"), checkout("a" * 40, repository):
        pass


def test_each_commit_is_checked_out_once_and_all_are_gone_in_the_end(repository: Path) -> None:
    old, new = commit(repository, requirements="pulumi"), commit(repository, code="new")

    with Checkouts(repository) as checkouts:
        roots = {checkouts.root(old), checkouts.root(new), checkouts.root(old)}
        assert len(roots) == 2
    assert not any(root.exists() for root in roots)


def test_programs_of_a_checkout_import_its_own_code(repository: Path) -> None:
    (repository / "components").mkdir()
    (repository / "components" / "__init__.py").write_text("WHOSE = 'of the release'\n")
    only = commit(repository, requirements="pulumi")

    with checkout(only, repository) as root:
        done = subprocess.run(
            [sys.executable, "-c", "import components; print(components.WHOSE)"],
            capture_output=True,
            text=True,
            check=True,
            env=environ(root, os.environ),
            cwd="/",
        )
    assert done.stdout == "of the release\n"


def test_the_distance_of_commits_is_counted_one_way(repository: Path) -> None:
    old, _, new = (commit(repository, code=text) for text in "abc")

    assert commits_between(old, new, repository) == 2
    assert commits_between(new, old, repository) == 0
    assert commits_between("a" * 40, new, repository) is None
