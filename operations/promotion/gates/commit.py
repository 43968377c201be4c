"""Gates about commits: the release is reviewed, and the release to redeploy is available."""

from operations.promotion.evidence import Evidence
from operations.promotion.gates.gate import Answer, GateFailed, GateNotChecked, GatePassed


def commit_reviewed(evidence: Evidence) -> Answer:
    """Check that the release's commit is on the protected branch."""
    found, reason = evidence.review, evidence.terms.allow_unreviewed
    if found.on_branch:
        return GatePassed(f"on {found.branch}")
    if reason:
        return GatePassed(f"opened by hand: {reason}")
    if found.on_branch is None:
        return GateNotChecked(
            f"there is no branch {found.branch} here to look commit {found.commit[:12]} up on",
            "Fetch it, or name another with PROMOTION_BRANCH: git fetch --all",
        )
    return GateFailed(
        f"commit {found.commit[:12]}, which {evidence.source} names as its release, "
        f"is not on {found.branch}; nothing of it was run",
        "Merge it and deploy from below, or fetch the branch. If it has to be run unreviewed: "
        "--allow-unreviewed REASON",
    )


def no_downgrade(evidence: Evidence) -> Answer:
    """Check that the target does not run a later release."""
    running = evidence.target_running
    if not evidence.downgrade or running is None:
        return GatePassed()
    if evidence.terms.allow_downgrade:
        return GatePassed(f"opened by hand: {evidence.target} runs the later release {running.release.id}")
    return GateFailed(
        f"{evidence.target} runs release {running.release.id}, whose commit {running.release.commit[:12]} "
        f"descends from {evidence.release.commit[:12]}: an older workflow or an older upstream",
        f"Bring {evidence.source} up to date and promote that. To go back on purpose: "
        f"python scripts/promote.py rollback --env {evidence.target}, or --allow-downgrade",
    )


def put_back_possible(evidence: Evidence) -> Answer:
    """Check that a release can be redeployed on failure."""
    if evidence.target_running is None or not evidence.target_running.release.commit:
        return GatePassed("nothing was released there before")
    if evidence.put_back is None:
        return GatePassed("no other release was verified there")
    if not evidence.put_back_problem:
        return GatePassed(f"release {evidence.put_back.id}")
    if evidence.terms.allow_no_put_back:
        return GatePassed(f"opened by hand: {evidence.put_back_problem}")
    return GateFailed(
        f"release {evidence.put_back.id}, verified there last, could not be put back: "
        f"{evidence.put_back_problem}",
        "Fetch the whole history: git fetch --all --unshallow. If it is gone for good: --allow-no-put-back",
    )
