"""What is read before a promotion, as data: all that the gates judge, so that they need not ask."""

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
    """What moves up the ladder."""

    id: str
    commit: str
    artifact_digest: str
    content_digest: str = ""
    """Of all that decides what is deployed; empty in what an earlier version deployed."""


@dataclass(frozen=True, kw_only=True)
class VerifiedRelease:
    """A release that passed its verification in an environment."""

    release: ReleaseRef
    since: datetime
    """When it first passed, UTC."""
    projects: tuple[str, ...] = ()
    """The projects whose stacks held the release when it passed."""


@dataclass(frozen=True, kw_only=True)
class DeployedState:
    """What an environment's payments stack says of itself, in its outputs."""

    environment: str
    release: ReleaseRef
    proven: tuple[VerifiedRelease, ...]
    """What passed its verification there, the latest first; at most one of them is what runs."""
    table_arn: str
    upstream_table_arns: tuple[str, ...]
    configuration_digest: str = ""
    """Of the settings that payments was deployed with."""
    unreleased: str = ""
    """Why it was deployed from a checkout that is no release; empty for a release."""
    break_glass: str = ""
    """Why and until when the gate in the program was overridden there, if it was."""

    @property
    def rollback_candidates(self) -> tuple[ReleaseRef, ...]:
        """What was verified there and can be deployed again, the latest first: what was a commit."""
        return tuple(item.release for item in self.proven if item.release.commit)


@dataclass(frozen=True, kw_only=True)
class WaveMember:
    """An environment of an earlier wave: what it runs, and its record."""

    environment: str
    running: DeployedState | None
    record: PromotionRecord


@dataclass(frozen=True, kw_only=True)
class StackPreview:
    """One stack of the target, as the release would make it."""

    stack: StackName
    changes: tuple[Change, ...] = ()
    failure: str | None = None
    """Why the preview did not come to an end, in the engine's words."""
    violation: bool = False
    """Whether that was a mandatory rule of the policy pack."""


@dataclass(frozen=True, kw_only=True)
class PromotionOptions:
    """What the person who promotes demands and permits."""

    soak: timedelta
    """How long the upstream has to have run the release, verified."""
    allow_replace: frozenset[str] = frozenset()
    """URNs of resources that may lose their data: replaced, deleted, or by a setting."""
    allow_iam_widening: bool = False
    allow_alarms: frozenset[str] = frozenset()
    """Names of alarms that may be on in the target."""
    allow_unreviewed: str = ""
    """Why a commit may be run that is not on the protected branch, or one that can't be looked up there."""
    allow_downgrade: bool = False
    """Whether the target may get an older release than it runs."""
    allow_no_put_back: bool = False
    """Whether the target may be left without a release to put back."""
    take_over: bool = False
    """Whether an operation in flight of which nobody can tell is to be taken for dead."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that was read, and the terms under which it is judged."""

    terms: PromotionOptions
    source: str
    target: str
    ladder: EnvironmentTree
    projects: tuple[str, ...]
    """Those that are promoted, in their order."""
    read_at: datetime
    """UTC."""
    release: ReleaseRef
    """What the source runs, and the target would get."""
    review: Review
    """Whether the release's commit is on the protected branch."""
    downgrade: bool = False
    """Whether the release's commit is an ancestor of what the target runs."""
    put_back: ReleaseRef | None = None
    """What is deployed again where this fails; None where there is nothing, and for a rollback."""
    put_back_problem: str = ""
    """Why that could not be deployed again."""
    source_running: DeployedState
    target_running: DeployedState | None
    """None where it was never deployed."""
    earlier_waves: tuple[WaveMember, ...] = ()
    """The environments of the same upstream that take the release before the target."""
    source_record: PromotionRecord
    target_record: PromotionRecord
    drift: DriftReport | None
    """Of the source against cloud and code, and of the target against the source by code."""
    drift_failure: str | None
    """Why there is no report on drift."""
    previews: tuple[StackPreview, ...]
    """Of the target's stacks, in the projects' order."""
    in_flight_alive: bool | None
    """Whether the process of the target's operation in flight still runs; None: nobody can tell."""
    locks: Mapping[StackName, str] = field(default_factory=dict)
    """Who holds which of the target's stacks: an engine at work on it, or one that was killed."""
    locks_problem: str = ""
    """Why nobody can tell who holds them."""
    alarms: tuple[str, ...] = ()
    """The target's alarms that are on."""
    alarms_problem: str = ""
    """Why they could not be read."""
    fingerprints: Mapping[str, str]
    """Digest by subject of what was looked at: the state of each stack, the configuration, the code."""
