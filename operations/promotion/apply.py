"""Carry out a plan: deploy, verify and record; on failure redeploy the last verified release.

    begin (the record is the lock) → deploy, project by project → verify → end
                                           ╰──── failure: hold → deploy and verify the last verified → end

Every step is in the record before the next begins. Killed anywhere, it can be run again: what is deployed
already stays, and the record tells that there was an interruption.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from operations.deployment.outcome import Failed, Report
from operations.engine.failure import OperationFailed, StackName
from operations.promotion.checkout import CheckoutError
from operations.promotion.evidence import ReleaseRef
from operations.promotion.journal import Journal
from operations.promotion.plan import PromotionPlan
from operations.promotion.record import Entry, EntryKind, OperationResult, RecordDamagedError
from operations.promotion.storage import StorageError


@dataclass(frozen=True, kw_only=True)
class VerificationSummary:
    """The result of sending payments through an environment."""

    passed: bool
    said: str
    """A summary; the reason if it did not pass."""
    verifiable: bool = True
    """False if it did not pass and no probe failed, which says nothing about the release."""


class ReleaseDeployer(Protocol):
    """Deploys and verifies releases in one environment."""

    def deploy(self, release: ReleaseRef, applied: Callable[[StackName], None], *, previewed: bool) -> Report:
        """Deploy the release's own code, project by project; call `applied` after each stack.

        `previewed` tells that a plan has just seen what this will do, under the policy pack.
        """

    def verify(self, release: ReleaseRef, *, proven: bool) -> VerificationSummary:
        """Send payments through the deployed release and record the result in the environment's outputs.

        A release that is `proven`, since it is put back, keeps its proof even if it fails now.
        """


@dataclass(frozen=True, kw_only=True)
class PromotionOutcome:
    """The outcome of a promotion or a rollback."""

    environment: str
    release: str
    """Id of the release to be deployed."""
    result: OperationResult
    running: str | None
    """Id of the release that runs now; None if the running release is unverified."""
    reason: str = ""
    """Why it failed or was interrupted."""
    held: bool = False
    """Whether the environment is on hold now."""
    redeployed: str | None = None
    """Id of the release that was redeployed after a failure, verified or not."""


def carry_out(
    plan: PromotionPlan,
    *,
    journal: Journal,
    hands: ReleaseDeployer,
    fall_back: ReleaseRef | None,
    take_over: bool = False,
    permitted: tuple[str, ...] = (),
) -> PromotionOutcome:
    """Promote or roll back as planned. `fall_back` is the release to redeploy on failure.

    `permitted` says what was allowed by hand, for the record. Raises journal.InFlight where another operation
    was faster, before anything is touched.
    """
    release = ReleaseRef(id=plan.release, commit=plan.commit, artifact_digest=plan.artifact_digest)
    began = journal.begin(
        plan.target,
        expected=plan.record_entries,
        take_over=take_over,
        action=plan.action,
        source=plan.source,
        release=release.id,
        commit=release.commit,
        artifact_digest=release.artifact_digest,
        replaces=plan.replaces,
        plan=plan.digest,
        gates={gate.id: gate.status for gate in plan.gates},
        permitted=list(permitted),
    )
    operation = _Operation(journal=journal, began=began, hands=hands)
    try:
        failure = operation.bring(release, previewed=True, proven=plan.action == "rollback")
        if failure is None:
            return operation.succeeded(plan, release)
        reason = failure.reason
        operation.write(EntryKind.HELD, reason=f"{plan.action} of release {release.id} failed: {reason}")
        return operation.put_back(plan, fall_back, reason)
    except _Stopped as stopped:
        return operation.interrupted(plan, str(stopped))
    except KeyboardInterrupt:
        return operation.interrupted(plan, "Ctrl-C")
    except (StorageError, RecordDamagedError) as failure:
        return operation.unrecorded(plan, str(failure))


class _Stopped(Exception):  # noqa: N818  not an error: the user asked for it
    """The deployment was interrupted."""


@dataclass(frozen=True, kw_only=True)
class _Failure:
    """Why a release failed, and whether it was deployed anyway."""

    reason: str
    deployed: bool = False


@dataclass(frozen=True, kw_only=True)
class _Operation:
    journal: Journal
    began: Entry
    hands: ReleaseDeployer
    done: list[str] = field(default_factory=list)
    """Descriptions of the deployed stacks, recorded or not."""

    def write(self, kind: EntryKind, **details: Any) -> None:
        self.journal.append(self.began, kind, **details)

    def bring(self, release: ReleaseRef, *, previewed: bool, proven: bool) -> "_Failure | None":
        """Deploy and verify a release; return the failure, or None."""
        try:
            return self._bring(release, previewed, proven)
        except (OperationFailed, CheckoutError) as failure:
            return _Failure(reason=str(failure))

    def _bring(self, release: ReleaseRef, previewed: bool, proven: bool) -> "_Failure | None":
        def applied(stack: StackName) -> None:
            self.done.append(f"{stack} holds release {release.id}")
            self.write(EntryKind.APPLIED, project=stack.project, release=release.id)

        report = self.hands.deploy(release, applied, previewed=previewed)
        if report.interrupted:
            raise _Stopped("interrupted while it was deployed")
        if not report.succeeded:
            reasons = [item.reason for item in report.outcomes if isinstance(item, Failed)]
            return _Failure(reason="\n".join(reasons))
        verification = self.hands.verify(release, proven=proven)
        if not verification.passed:
            what = "verification" if verification.verifiable else "not verifiable"
            return _Failure(reason=f"{what}: {verification.said}", deployed=True)
        self.write(EntryKind.VERIFIED, release=release.id, commit=release.commit, said=verification.said)
        return None

    def succeeded(self, plan: PromotionPlan, release: ReleaseRef) -> PromotionOutcome:
        rolled_back = plan.action == "rollback"
        result = OperationResult.ROLLED_BACK if rolled_back else OperationResult.PROMOTED
        if rolled_back:
            self.write(EntryKind.HELD, reason=f"rolled back to release {release.id}")
        self.write(EntryKind.ENDED, result=result)
        return PromotionOutcome(
            environment=plan.target, release=release.id, result=result, running=release.id, held=rolled_back
        )

    def put_back(self, plan: PromotionPlan, fall_back: ReleaseRef | None, failure: str) -> PromotionOutcome:
        result, running, redeployed, reason = OperationResult.FAILED, None, None, failure
        if fall_back is None:
            reason += "\nNo other release was ever verified there, so there is none to put back."
        else:
            again = self.bring(fall_back, previewed=False, proven=True)
            if again is None:
                result, running, redeployed = OperationResult.FAILED_PUT_BACK, fall_back.id, fall_back.id
            elif again.deployed:
                redeployed = fall_back.id
                reason += f"\nRelease {fall_back.id} was deployed again, unverified: {again.reason}"
            else:
                reason += f"\nRelease {fall_back.id} could not be put back either: {again.reason}"
        self.write(EntryKind.ENDED, result=result, reason=reason)
        return PromotionOutcome(
            environment=plan.target,
            release=plan.release,
            result=result,
            running=running,
            reason=reason,
            held=True,
            redeployed=redeployed,
        )

    def unrecorded(self, plan: PromotionPlan, problem: str) -> PromotionOutcome:
        """Report the deployed stacks when the record cannot be written; set a hold if possible."""
        reason = "\n".join([problem, *(self.done or ["No stack was deployed."])])
        try:
            self.write(EntryKind.HELD, reason=f"{plan.action} of release {plan.release}: {reason}")
            self.write(EntryKind.ENDED, result=OperationResult.FAILED, reason=reason)
            held = True
        except (StorageError, RecordDamagedError):
            held = False
            reason += (
                "\nNeither that nor a hold is in the record, which has the operation in flight. "
                "Set the hold once it can be written: "
                f"python scripts/promote.py hold --env {plan.target} --reason TEXT"
            )
        return PromotionOutcome(
            environment=plan.target,
            release=plan.release,
            result=OperationResult.FAILED,
            running=None,
            reason=reason,
            held=held,
        )

    def interrupted(self, plan: PromotionPlan, reason: str) -> PromotionOutcome:
        self.write(EntryKind.ENDED, result=OperationResult.INTERRUPTED, reason=reason)
        record = self.journal.record(plan.target)
        return PromotionOutcome(
            environment=plan.target,
            release=plan.release,
            result=OperationResult.INTERRUPTED,
            running=None,
            reason=reason,
            held=record.hold is not None,
        )
