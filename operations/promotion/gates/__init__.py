"""The gates of a promotion, and their evaluation."""

from collections.abc import Sequence
from dataclasses import dataclass

from operations.promotion.evidence import Evidence
from operations.promotion.gates.changes import data_kept, iam_not_wider, policy_clean
from operations.promotion.gates.commit import commit_reviewed, no_downgrade, put_back_possible
from operations.promotion.gates.gate import Answer, Gate, GateFailed, GateNotChecked, GatePassed
from operations.promotion.gates.target import (
    lineage_unbroken,
    not_on_hold,
    nothing_in_flight,
    target_healthy,
)
from operations.promotion.gates.upstream import (
    earlier_waves_verified,
    target_parity,
    upstream_no_drift,
    upstream_soaked,
    upstream_verified,
)

__all__ = [
    "GATES",
    "OF_A_ROLLBACK",
    "Answer",
    "Gate",
    "GateFailed",
    "GateNotChecked",
    "GatePassed",
    "GateResult",
    "judge",
]

GATES: tuple[Gate, ...] = (
    Gate(
        id="commit-reviewed",
        question="Is the release's commit on the protected branch?",
        judge=commit_reviewed,
    ),
    Gate(
        id="upstream-verified",
        question="Does the upstream run this release, verified?",
        judge=upstream_verified,
    ),
    Gate(id="upstream-soaked", question="Has it run it for long enough?", judge=upstream_soaked),
    Gate(
        id="earlier-waves-verified",
        question="Have the environments of earlier waves verified it?",
        judge=earlier_waves_verified,
    ),
    Gate(
        id="upstream-no-drift", question="Is the upstream what state and code say?", judge=upstream_no_drift
    ),
    Gate(
        id="target-parity",
        question="Do only controlled variations set the target apart?",
        judge=target_parity,
    ),
    Gate(
        id="policy-clean", question="Does the policy pack accept the target's previews?", judge=policy_clean
    ),
    Gate(id="data-kept", question="Do all tables, queues and keys stay?", judge=data_kept),
    Gate(id="iam-not-wider", question="Does nobody get more rights?", judge=iam_not_wider),
    Gate(id="not-on-hold", question="Is the target free of a hold?", judge=not_on_hold),
    Gate(id="target-healthy", question="Is no alarm on in the target?", judge=target_healthy),
    Gate(
        id="nothing-in-flight", question="Is nothing else in flight in the target?", judge=nothing_in_flight
    ),
    Gate(
        id="lineage-unbroken",
        question="Do the target's ledgers descend from the upstream's?",
        judge=lineage_unbroken,
    ),
    Gate(
        id="no-downgrade",
        question="Is the release no older than what the target runs?",
        judge=no_downgrade,
    ),
    Gate(
        id="put-back-possible",
        question="Can what the target ran before be deployed again?",
        judge=put_back_possible,
    ),
)
"""All gates of a promotion, in display order."""

OF_A_ROLLBACK: tuple[Gate, ...] = tuple(
    gate for gate in GATES if gate.judge in (commit_reviewed, data_kept, nothing_in_flight)
)
"""The gates of a rollback, which ignores holds and goes to a release that was verified before."""


@dataclass(frozen=True, kw_only=True)
class GateResult:
    """A gate and its answer."""

    gate: Gate
    answer: Answer

    @property
    def open(self) -> bool:
        """Whether the gate passed."""
        return isinstance(self.answer, GatePassed)


def judge(evidence: Evidence, gates: Sequence[Gate] = GATES) -> tuple[GateResult, ...]:
    """Evaluate every gate, in order."""
    return tuple(GateResult(gate=gate, answer=gate.judge(evidence)) for gate in gates)
