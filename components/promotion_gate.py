"""The promotion gate: decide from stack outputs alone which content an environment may take.

    offer, own state, upstream's state, break-glass, now → decide → Admitted | Overridden | Refused
    own state, decision, verification result             → next_state → PromotionState

The gate prevents mistakes, not sabotage: whoever may deploy may also change the program.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, StrEnum
from typing import Any

from components.break_glass import DIGEST_PATTERN, LONGEST_BREAK_GLASS, BreakGlass, timestamp
from components.promotion_state import FailedVerification, PromotionState, Verified

__all__ = [
    "DIGEST_PATTERN",
    "LONGEST_BREAK_GLASS",
    "AdmissionReason",
    "Admitted",
    "BreakGlass",
    "Decision",
    "FailedVerification",
    "Offer",
    "Overridden",
    "PromotionState",
    "RefusalCode",
    "Refused",
    "Upstream",
    "VerificationResult",
    "Verified",
    "decide",
    "next_state",
    "timestamp",
    "verification_conflict",
]

EARLIER_KEPT = 9
"""Number of verified contents that an environment remembers besides the latest."""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """The content that a deployment offers to one stack."""

    project: str
    content_digest: str
    artifact_digest: str = ""
    """Digest of the function's zip; empty for a project without a function."""
    release: str = ""
    commit: str = ""
    unreleased: str = ""
    """Why the checkout is not a release; empty for a release."""

    def as_data(self) -> dict[str, str]:
        """Return the offer for the facts of a refusal."""
        return {
            "contentDigest": self.content_digest,
            "artifactDigest": self.artifact_digest,
            "release": self.release,
            "commit": self.commit,
            "unreleased": self.unreleased,
        }


class AdmissionReason(Enum):
    """Why content may be deployed."""

    LOWEST = "the environment is the lowest"
    FIRST = "nothing runs in the environment yet"
    UPSTREAM = "the upstream environment has verified it"
    OWN = "the environment itself has verified it before"


@dataclass(frozen=True, kw_only=True)
class Admitted:
    """The content may be deployed."""

    because: AdmissionReason


@dataclass(frozen=True, kw_only=True)
class Overridden:
    """The content is unverified, and a break-glass setting permits it."""

    glass: BreakGlass


class RefusalCode(StrEnum):
    """Why the gate refuses, as a code for programs."""

    CONTENT_UNVERIFIED = "content-unverified"
    """Neither the upstream nor the environment has verified this content."""
    STACK_UNVERIFIED = "stack-unverified"
    """The content was verified while this project's stack held other content."""
    ARTIFACT_UNVERIFIED = "artifact-unverified"
    """The function's artifact is not the verified one."""
    FAILED_HERE = "failed-here"
    """The upstream has verified the content, and it failed its verification in this environment."""
    UNCOMMITTED = "uncommitted"
    """The checkout differs from its commit."""
    RESULT_MISPLACED = "result-misplaced"
    """A verification result is not about the deployed content."""


@dataclass(frozen=True, kw_only=True)
class Refused:
    """The content may not be deployed."""

    code: RefusalCode
    reasons: tuple[str, ...]
    """Lines for the user."""
    remedies: tuple[str, ...] = ()
    """What to do instead, one per line."""
    facts: Mapping[str, Any] = field(default_factory=dict)


Decision = Admitted | Overridden | Refused


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """The upstream environment and its state."""

    environment: str
    standing: PromotionState


def decide(
    environment: str,
    offer: Offer,
    *,
    upstream: Upstream | None,
    own: PromotionState,
    deployed: bool = True,
    recording: bool = False,
    work_tree: bool = False,
    glass: BreakGlass | None,
    now: datetime,
) -> Decision:
    """Decide whether a stack of `environment` may take the offered content.

    It may take the content that `upstream` (None for the lowest environment) verified last in the same
    project's stack, and content that it has verified itself, if the checkout is a commit. Other content needs
    a `glass` for this content that has not expired. A stack that is not `deployed` takes any content.

    Content that failed its last verification here is refused, unless the deployment is `recording` a result.

    `work_tree` also admits verified content from a checkout that differs from its commit: for rehearsals.
    """
    if upstream is None:
        return Admitted(because=AdmissionReason.LOWEST)
    if not deployed:
        return Admitted(because=AdmissionReason.FIRST)
    because = _vouched(offer, upstream.standing, own)
    failure = None if recording else own.failure_of(offer.content_digest, offer.artifact_digest)
    if because and failure is None and (work_tree or not offer.unreleased):
        return Admitted(because=because)
    flaw = glass.problem(offer.content_digest, offer.artifact_digest, now) if glass else None
    if glass and flaw is None:
        return Overridden(glass=glass)
    if because and failure:
        refused = _failed(environment, failure)
    elif because:
        refused = _uncommitted(environment, offer)
    else:
        refused = _unverified(environment, offer, upstream)
    latest = upstream.standing.latest
    return replace(
        refused,
        reasons=(*refused.reasons, *([f"The break-glass setting does not help: {flaw}."] if flaw else [])),
        facts={
            "environment": environment,
            "project": offer.project,
            "upstream": upstream.environment,
            "offered": offer.as_data(),
            "verified": latest.as_data() if latest else None,
            "breakGlassProblem": flaw,
        },
    )


def _vouched(offer: Offer, upstream: PromotionState, own: PromotionState) -> AdmissionReason | None:
    asked = (offer.project, offer.content_digest, offer.artifact_digest)
    if upstream.latest and upstream.latest.vouches_for(*asked):
        return AdmissionReason.UPSTREAM
    return AdmissionReason.OWN if any(item.vouches_for(*asked) for item in own.verified) else None


def _failed(environment: str, failure: FailedVerification) -> Refused:
    return Refused(
        code=RefusalCode.FAILED_HERE,
        reasons=(
            f"Release {failure.release or 'unknown'} with this content failed its verification in "
            f"{environment} at {failure.at}.",
        ),
        remedies=(
            "Correct the content and bring it up from the lowest environment. If this content runs here and "
            f"the cause is gone, verify it again: python scripts/verify.py --env {environment}",
            "To deploy it once more as it is, break the glass: docs/promotion.md#break-glass",
        ),
    )


def _uncommitted(environment: str, offer: Offer) -> Refused:
    return Refused(
        code=RefusalCode.UNCOMMITTED,
        reasons=(
            f"{environment} takes committed releases only. This checkout is unreleased: {offer.unreleased}.",
        ),
        remedies=("Commit the change and bring it up from the lowest environment, or undo it: git stash",),
    )


def _unverified(environment: str, offer: Offer, upstream: Upstream) -> Refused:
    below, latest = upstream.environment, upstream.standing.latest
    code = _code(offer, latest)
    unreleased = (f"The checkout is unreleased: {offer.unreleased}.",) if offer.unreleased else ()
    if code is RefusalCode.STACK_UNVERIFIED:
        reasons: tuple[str, ...] = (
            f"{below} has verified this content while its {offer.project} stack held another.",
        )
    else:
        what, offered, verified = "content", offer.content_digest, latest.content_digest if latest else ""
        if code is RefusalCode.ARTIFACT_UNVERIFIED:
            what, offered, verified = (
                "artifact",
                offer.artifact_digest,
                latest.artifact_digest if latest else "",
            )
        unknown = "unknown, since an earlier version verified it" if latest else "none yet"
        reasons = (
            f"{below} has not verified the {what} that {environment} would get.",
            f"  of this checkout:         {offered}",
            f"  verified in {below + ':':<14}{verified or unknown}",
        )
    return Refused(
        code=code, reasons=(*reasons, *unreleased), remedies=tuple(_remedies(environment, offer, upstream))
    )


def _code(offer: Offer, latest: Verified | None) -> RefusalCode:
    if offer.artifact_digest and (latest is None or latest.artifact_digest != offer.artifact_digest):
        return RefusalCode.ARTIFACT_UNVERIFIED
    if latest and latest.content_digest == offer.content_digest:
        return RefusalCode.STACK_UNVERIFIED
    return RefusalCode.CONTENT_UNVERIFIED


def _remedies(environment: str, offer: Offer, upstream: Upstream) -> Iterator[str]:
    below, standing = upstream.environment, upstream.standing
    if standing.content_digest == offer.content_digest and offer.project in standing.projects:
        yield f"{below} runs it: verify it there. python scripts/verify.py --env {below}"
        return
    yield (
        f"To promote this checkout, deploy and verify it in {below} first: "
        f"python scripts/deploy.py up --env {below} --verify"
    )
    latest = standing.latest
    if latest and latest.release_commit and latest.release_commit != offer.commit:
        yield (
            f"To deploy to {environment} what {below} has verified, check out its commit: "
            f"git checkout {latest.release_commit}"
        )


@dataclass(frozen=True, kw_only=True)
class VerificationResult:
    """The result of verifying the artifact that an environment runs."""

    passed: bool
    artifact_digest: str


def verification_conflict(
    result: VerificationResult, *, own: PromotionState, deploying: PromotionState
) -> str | None:
    """Return why a result cannot be recorded; None if what was verified is what stays deployed."""
    if own.artifact_digest != result.artifact_digest:
        return (
            f"a verification of {result.artifact_digest} can't be recorded: "
            f"the environment runs {own.artifact_digest or 'nothing'}"
        )
    if _identity(deploying) != _identity(own):
        return (
            f"a verification can't be recorded from another checkout: {own.release} is deployed, "
            f"with the artifact {own.artifact_digest} and the content {own.content_digest or 'unknown'}; "
            f"this is {deploying.release}, with {deploying.artifact_digest} and {deploying.content_digest}"
        )
    return None


def _identity(item: PromotionState | Verified) -> tuple[str, str, str]:
    return (item.artifact_digest, item.release, item.content_digest)


def next_state(
    own: PromotionState,
    decision: Admitted | Overridden,
    *,
    deploying: PromotionState,
    result: VerificationResult | None,
    now: datetime,
) -> PromotionState:
    """Return the environment's state after deploying `deploying`, which has only content and release."""
    match decision:
        case Overridden(glass=glass):
            shown: Mapping[str, str] = glass.model_dump(by_alias=True)
        case Admitted(because=AdmissionReason.OWN):
            shown = own.break_glass
        case Admitted():
            shown = {}
    verified = own.verified if result is None else _with(result, own.verified, deploying, now)
    failed = own.failed if result is None else _failures(result, own.failed, deploying, now)
    return replace(deploying, verified=verified, failed=failed, break_glass=shown)


def _failures(
    result: VerificationResult,
    failed: tuple[FailedVerification, ...],
    deploying: PromotionState,
    now: datetime,
) -> tuple[FailedVerification, ...]:
    others = tuple(
        item for item in failed if not item.is_about(deploying.content_digest, deploying.artifact_digest)
    )
    if result.passed:
        return others
    entry = FailedVerification(
        artifact_digest=deploying.artifact_digest,
        content_digest=deploying.content_digest,
        release=deploying.release,
        at=timestamp(now),
    )
    return (entry, *others[:EARLIER_KEPT])


def _with(
    result: VerificationResult, verified: tuple[Verified, ...], deploying: PromotionState, now: datetime
) -> tuple[Verified, ...]:
    if not result.passed:
        return tuple(
            item
            for item in verified
            if (item.artifact_digest, item.content_digest)
            != (result.artifact_digest, deploying.content_digest)
        )
    entry = Verified(
        artifact_digest=deploying.artifact_digest,
        content_digest=deploying.content_digest,
        projects=deploying.projects,
        release=deploying.release,
        release_commit=deploying.release_commit,
        at=timestamp(now),
    )
    if verified and replace(verified[0], at=entry.at) == entry:
        return verified  # it keeps the time at which it first passed
    others = [item for item in verified if _identity(item) != _identity(entry)]
    return (entry, *others[:EARLIER_KEPT])
