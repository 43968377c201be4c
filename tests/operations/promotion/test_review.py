from collections.abc import Mapping
from pathlib import Path

import pytest

from operations.promotion.git import CheckoutError
from operations.promotion.review import protected_branch, review
from tests.operations.promotion.test_git import commit, run_git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    run_git(tmp_path, "init", "-q", "--initial-branch", "main")
    commit(tmp_path, code="reviewed")
    return tmp_path


@pytest.mark.parametrize(
    ("environ", "branch"),
    [
        ({}, "main"),
        ({"PROMOTION_BRANCH": "release"}, "release"),
        ({"GITHUB_ACTIONS": "true", "GITHUB_SHA": "c" * 40}, "c" * 40),
        ({"GITHUB_SHA": "c" * 40}, "main"),
        ({"GITHUB_ACTIONS": "true", "GITHUB_SHA": "c" * 40, "PROMOTION_BRANCH": "main"}, "main"),
    ],
)
def test_the_branch_is_set_or_the_workflows_commit_or_main(
    repository: Path, environ: Mapping[str, str], branch: str
) -> None:
    assert protected_branch(environ, repository) == branch


def test_the_remotes_branch_goes_before_the_local_one(repository: Path) -> None:
    run_git(repository, "update-ref", "refs/remotes/origin/main", "HEAD")
    ahead = commit(repository, code="not pushed")

    branch = protected_branch({}, repository)

    assert branch == "origin/main"
    assert review(ahead, branch, repository).on_branch is False


def test_only_merged_commits_are_on_the_branch(repository: Path) -> None:
    run_git(repository, "switch", "-q", "--create", "side")
    side = commit(repository, code="unreviewed")
    run_git(repository, "switch", "-q", "main")
    assert review(side, "main", repository).on_branch is False

    run_git(repository, "merge", "-q", "--no-ff", "-m", "Merge", "side")

    assert review(side, "main", repository).on_branch is True


@pytest.mark.parametrize("branch", ["origin/main", "--all", "main:code.txt"])
def test_without_the_branch_nobody_can_tell(repository: Path, branch: str) -> None:
    head = run_git(repository, "rev-parse", "HEAD")

    assert review(head, branch, repository).on_branch is None


@pytest.mark.parametrize("named", ["main", "HEAD", "a" * 40, "--help"])
def test_a_commit_that_is_not_here_is_a_failure(repository: Path, named: str) -> None:
    with pytest.raises(CheckoutError, match=r"has no commit"):
        review(named, "main", repository)
