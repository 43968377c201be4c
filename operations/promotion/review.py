"""Check whether a commit was reviewed: whether it is on the protected branch.

The commit that is promoted comes from the outputs of the environment below. Whoever may write those names any
commit; the protected branch is what they can't write.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from operations.promotion.git import CheckoutError, git, has_commit, is_ancestor

BRANCH_VARIABLE = "PROMOTION_BRANCH"
"""Environment variable: the protected branch, such as `origin/main`."""
_CANDIDATES = ("refs/remotes/origin/main", "refs/heads/main")


@dataclass(frozen=True, kw_only=True)
class Review:
    """The result of looking a commit up on the protected branch."""

    commit: str
    branch: str
    """The protected branch; in GitHub Actions the commit of the workflow."""
    on_branch: bool | None
    """Whether the branch contains the commit; None if the branch is missing."""


def protected_branch(environ: Mapping[str, str], repository: Path) -> str:
    """Return the protected branch.

    PROMOTION_BRANCH where it is set; the workflow's own commit in GitHub Actions, since the rules of GitHub's
    environments say from which branch that may come; else `origin/main`, or `main` without a remote.
    """
    if environ.get(BRANCH_VARIABLE):
        return environ[BRANCH_VARIABLE]
    if environ.get("GITHUB_ACTIONS") == "true" and environ.get("GITHUB_SHA"):
        return environ["GITHUB_SHA"]
    remote, local = _CANDIDATES
    known = git(repository, "rev-parse", "--verify", "--quiet", f"{remote}^{{commit}}", check=False)
    return (remote if known else local).removeprefix("refs/remotes/").removeprefix("refs/heads/")


def review(commit: str, branch: str, repository: Path) -> Review:
    """Look a commit up on the branch. Raises CheckoutError if the repository lacks the commit."""
    if not has_commit(repository, commit):
        raise CheckoutError(
            f"{repository} has no commit {commit!r}, of which the release was made.\n"
            "Fetch it: git fetch --all (in CI, with the full history: fetch-depth: 0)."
        )
    tip = git(
        repository,
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        f"{branch}^{{commit}}",
        check=False,
    )
    return Review(
        commit=commit, branch=branch, on_branch=is_ancestor(commit, tip, repository) if tip else None
    )
