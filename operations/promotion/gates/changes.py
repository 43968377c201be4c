"""Gates about changes of the target."""

from operations.deployment.data_loss import losses, remedy
from operations.promotion.evidence import Evidence
from operations.promotion.gates.gate import Answer, GateFailed, GateNotChecked, GatePassed, listed
from operations.promotion.iam_diff import widenings


def policy_clean(evidence: Evidence) -> Answer:
    """Check that the policy pack accepts the previews of the target."""
    refused = [preview for preview in evidence.previews if preview.violation]
    if refused:
        return GateFailed(
            "\n".join(preview.failure or str(preview.stack) for preview in refused),
            "Correct the program or its configuration, and bring that up the ladder: docs/policies.md.",
        )
    return _previews_read(evidence) or GatePassed()


def data_kept(evidence: Evidence) -> Answer:
    """Check that no change loses data (operations/deployment/data_loss.py), except named resources."""
    unread = _previews_read(evidence)
    if unread:
        return unread
    lost = losses([change for preview in evidence.previews for change in preview.changes])
    refused = [loss for loss in lost if loss.change.urn not in evidence.terms.allow_replace]
    if refused:
        return GateFailed(listed([str(loss) for loss in refused]), remedy(refused))
    return GatePassed(f"permitted by hand: {listed([loss.change.name for loss in lost])}" if lost else "")


def iam_not_wider(evidence: Evidence) -> Answer:
    """Check that no change grants more access, unless it was confirmed."""
    unread = _previews_read(evidence)
    if unread:
        return unread
    found = widened(evidence)
    if not found:
        return GatePassed()
    if evidence.terms.allow_iam_widening:
        return GatePassed(f"permitted by hand: {listed(found)}")
    return GateFailed(listed(found), "If that is meant: --allow-iam-widening")


def widened(evidence: Evidence) -> list[str]:
    """Return a line per way in which the target grants more access."""
    return [
        f"{change.stack.project} {change.name}: {line}"
        for preview in evidence.previews
        for change in preview.changes
        for line in widenings(change)
    ]


def _previews_read(evidence: Evidence) -> GateNotChecked | None:
    """Return None if every stack of the target was previewed."""
    failed = [preview for preview in evidence.previews if preview.failure is not None]
    if failed or not evidence.previews:
        reason = "\n".join(preview.failure or "" for preview in failed) or "no stack was previewed"
        return GateNotChecked(reason, f"See: python scripts/deploy.py preview --env {evidence.target}")
    return None
