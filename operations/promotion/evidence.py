"""The evidence for a promotion, as data: everything that the gates evaluate."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from components.environment import EnvironmentTree
from operations.deployment.changes import Change as Change
from operations.drift.report import Report as DriftReport
from operations.engine.failure import StackName
from operations.promotion.record import PromotionRecord
from operations.promotion.review import Review


@dataclass(frozen=True, kw_only=True)
class ReleaseRef:
    """A release, identified by id, commit and digests."""

    id: str
    commit: str
    artifact_digest: str
    content_digest: str = ""
    """SHA-256 of the content; empty for a release that an earlier version deployed."""


@dataclass(frozen=True, kw_only=True)
class VerifiedRelease:
    """A release that passed its verification in an environment."""

    release: ReleaseRef
    since: datetime
    """Time of the first pass, UTC."""
    projects: tuple[str, ...] = ()
    """Projects whose stacks held the release when it passed."""


@dataclass(frozen=True, kw_only=True)
class DeployedState:
    """The deployed state of an environment, from the outputs of its payments stack."""

    environment: str
    release: ReleaseRef
    proven: tuple[VerifiedRelease, ...]
    """Releases that passed their verification there, latest first."""
    table_arn: str
    upstream_table_arns: tuple[str, ...]
    configuration_digest: str = ""
    """SHA-256 of the settings of the payments stack."""
    unreleased: str = ""
    """Why the checkout was not a release; empty for a release."""
    break_glass: str = ""
    """Reason and expiry of the break-glass setting that was used, or empty."""

    @property
    def rollback_candidates(self) -> tuple[ReleaseRef, ...]:
        """Releases that were verified there and have a commit, latest first."""
        return tuple(item.release for item in self.proven if item.release.commit)


@dataclass(frozen=True, kw_only=True)
class WaveMember:
    """An environment of an earlier wave, with its deployed state and record."""

    environment: str
    running: DeployedState | None
    record: PromotionRecord


@dataclass(frozen=True, kw_only=True)
class StackPreview:
    """The preview of one stack of the target."""

    stack: StackName
    changes: tuple[Change, ...] = ()
    failure: str | None = None
    """The engine's message if the preview failed."""
    violation: bool = False
    """Whether a mandatory policy rule caused the failure."""


@dataclass(frozen=True, kw_only=True)
class PromotionOptions:
    """Options of the user who promotes: required soak time and permitted exceptions."""

    soak: timedelta
    """Required time since the upstream verified the release."""
    allow_replace: frozenset[str] = frozenset()
    """URNs of resources that may lose their data."""
    allow_iam_widening: bool = False
    allow_alarms: frozenset[str] = frozenset()
    """Names of alarms that may be active in the target."""
    allow_unreviewed: str = ""
    """Reason to run a commit that is not known to be on the protected branch."""
    allow_downgrade: bool = False
    """Whether the target may get an older release than it runs."""
    allow_no_put_back: bool = False
    """Whether the target may be left without a release to put back."""
    take_over: bool = False
    """Whether to take over an in-flight operation whose process cannot be checked."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The collected evidence and the user's options."""

    terms: PromotionOptions
    source: str
    target: str
    ladder: EnvironmentTree
    projects: tuple[str, ...]
    """Projects to promote, in order."""
    read_at: datetime
    """UTC."""
    release: ReleaseRef
    """The release that the source runs."""
    review: Review
    """Check that the release's commit is on the protected branch."""
    downgrade: bool = False
    """Whether the release's commit is an ancestor of what the target runs."""
    put_back: ReleaseRef | None = None
    """Release to redeploy on failure; None if there is none, and for a rollback."""
    put_back_problem: str = ""
    """Why it could not be redeployed."""
    source_running: DeployedState
    target_running: DeployedState | None
    """None if it was never deployed."""
    earlier_waves: tuple[WaveMember, ...] = ()
    """The environments of the same upstream that take the release before the target."""
    source_record: PromotionRecord
    target_record: PromotionRecord
    drift: DriftReport | None
    """Drift of the source from account and code, and of the target from the source by code."""
    drift_failure: str | None
    """Why there is no drift report."""
    previews: tuple[StackPreview, ...]
    """Previews of the target's stacks, in the order of the projects."""
    in_flight_alive: bool | None
    """Whether the process of the target's in-flight operation runs; None if unknown."""
    locks: Mapping[StackName, str] = field(default_factory=dict)
    """Holders of locks on the target's stacks, by stack."""
    locks_problem: str = ""
    """Why the locks could not be read."""
    alarms: tuple[str, ...] = ()
    """Active alarms of the target."""
    alarms_problem: str = ""
    """Why the alarms could not be read."""
    fingerprints: Mapping[str, str]
    """Digests of each stack's state, the configuration and the code, by subject."""
