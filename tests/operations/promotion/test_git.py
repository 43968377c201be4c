import shutil
import subprocess
from pathlib import Path

import pytest

from operations.promotion.git import CheckoutError, commits_between, git, has_commit, is_ancestor


def run_git(repository: Path, *arguments: str) -> str:
    command = shutil.which("git")
    assert command
    identity = ["-c", "user.name=ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(  # noqa: S603  git, on a repository of the test's own
        [command, "-C", str(repository), *identity, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(repository: Path, **files: str) -> str:
    """Commits the work tree, with these text files added; returns the commit."""
    for name, content in files.items():
        (repository / f"{name}.txt").write_text(content)
    run_git(repository, "add", "-A")
    run_git(repository, "commit", "-q", "--allow-empty", "-m", "change")
    return run_git(repository, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    run_git(tmp_path, "init", "-q", "--initial-branch", "main")
    return tmp_path


def test_the_distance_of_commits_is_counted_one_way(repository: Path) -> None:
    old, _, new = (commit(repository, code=text) for text in "abc")

    assert commits_between(old, new, repository) == 2
    assert commits_between(new, old, repository) == 0
    assert commits_between("a" * 40, new, repository) is None


def test_an_ancestor_is_older_or_the_same(repository: Path) -> None:
    old, new = commit(repository, code="a"), commit(repository, code="b")

    assert is_ancestor(old, new, repository)
    assert is_ancestor(new, new, repository)
    assert not is_ancestor(new, old, repository)
    assert not is_ancestor("a" * 40, new, repository)


@pytest.mark.parametrize("name", ["main", "HEAD", "--help", "", "a" * 40, "A" * 40, "main^{commit}"])
def test_only_the_full_id_of_a_commit_that_is_there_is_a_commit(repository: Path, name: str) -> None:
    only = commit(repository, code="a")

    assert has_commit(repository, only)
    assert not has_commit(repository, name)


def test_a_failure_says_what_to_do(repository: Path) -> None:
    with pytest.raises(CheckoutError, match=r"git fetch --all"):
        git(repository, "rev-parse", "--verify", "nowhere")
