"""Which artifact an environment may take: decided from what stack outputs show, and from nothing else.

    artifact digest, own and upstream's standing, break-glass, now → decide → Admitted | Overridden | Refused
    what an environment shows, decision, what a verification found → after → what it shows next

The gate keeps mistakes out, not people: who may deploy may also change the program.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from pydantic import AwareDatetime, Field, field_serializer, field_validator

from components.section import Section

LONGEST_BREAK_GLASS = timedelta(days=7)
"""A hotfix has a week to be promoted as everything else is."""
EARLIER_KEPT = 9
"""Verified artifacts that an environment remembers beside the latest: what it can go back to."""
DIGEST_PATTERN = "[0-9a-f]{64}"
"""SHA-256, hexadecimal."""


class BreakGlass(Section):
    """Permission to deploy one artifact that the upstream environment has not verified."""

    artifact_digest: str = Field(pattern=f"^{DIGEST_PATTERN}$")
    reason: str = Field(min_length=10, max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")
    """One line of text, for everyone to read."""
    expires: AwareDatetime

    @field_validator("expires", mode="before")
    @classmethod
    def _read_time(cls, value: object) -> object:
        return datetime.fromisoformat(value) if isinstance(value, str) else value

    @field_serializer("expires")
    def _write_time(self, value: datetime) -> str:
        return timestamp(value)


@dataclass(frozen=True, kw_only=True)
class Verified:
    """An artifact that has passed its verification in an environment, and the release that it came with."""

    artifact_digest: str
    release: str
    release_commit: str
    at: str
    """When it first passed: UTC, as ISO 8601 has it."""

    def as_data(self) -> dict[str, str]:
        """As the output `earlierVerified` lists it."""
        return {
            "artifactDigest": self.artifact_digest,
            "release": self.release,
            "releaseCommit": self.release_commit,
            "at": self.at,
        }


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What an environment's payments stack shows: what it runs, and what it has verified, latest first."""

    artifact_digest: str = ""
    release: str = ""
    release_commit: str = ""
    verified: tuple[Verified, ...] = ()
    break_glass: Mapping[str, str] = field(default_factory=dict)
    """The last break-glass that was used, as BreakGlass has it, until the next clean promotion."""

    @classmethod
    def of(cls, outputs: Mapping[str, Any]) -> "Standing":
        """As stack outputs have it; empty where the stack is not deployed, or was by an earlier version."""
        earlier = outputs.get("earlierVerified") or []
        latest = {
            "artifactDigest": outputs.get("verifiedArtifactDigest"),
            "release": outputs.get("verifiedRelease", ""),
            "releaseCommit": outputs.get("verifiedReleaseCommit", ""),
            "at": outputs.get("verifiedAt", ""),
        }
        return cls(
            artifact_digest=outputs.get("artifactDigest", ""),
            release=outputs.get("release", ""),
            release_commit=outputs.get("releaseCommit", ""),
            verified=tuple(
                Verified(
                    artifact_digest=item["artifactDigest"],
                    release=item["release"],
                    release_commit=item["releaseCommit"],
                    at=item["at"],
                )
                for item in [latest, *earlier]
                if item["artifactDigest"]
            ),
            break_glass=dict(outputs.get("breakGlass") or {}),
        )

    def as_outputs(self) -> dict[str, Any]:
        """As PaymentsOutputs takes it."""
        latest = self.latest
        return {
            "artifact_digest": self.artifact_digest,
            "release": self.release,
            "release_commit": self.release_commit,
            "verified_artifact_digest": latest.artifact_digest if latest else "",
            "verified_release": latest.release if latest else "",
            "verified_release_commit": latest.release_commit if latest else "",
            "verified_at": latest.at if latest else "",
            "earlier_verified": [item.as_data() for item in self.verified[1:]],
            "break_glass": dict(self.break_glass),
        }

    @property
    def latest(self) -> Verified | None:
        """What it verified last; the one artifact that the environment above may take from it."""
        return self.verified[0] if self.verified else None

    @property
    def is_verified(self) -> bool:
        """Whether what it runs is what it verified last, in the very release."""
        latest = self.latest
        return latest is not None and (latest.artifact_digest, latest.release) == (
            self.artifact_digest,
            self.release,
        )

    def has_verified(self, artifact_digest: str) -> bool:
        """Whether it has verified the artifact, now or earlier."""
        return any(item.artifact_digest == artifact_digest for item in self.verified)


class Because(Enum):
    """Why an artifact may be deployed."""

    LOWEST = "the environment is the lowest of the ladder"
    UPSTREAM = "the upstream environment has verified it"
    OWN = "the environment itself has verified it before"


@dataclass(frozen=True, kw_only=True)
class Admitted:
    """The artifact may be deployed."""

    because: Because


@dataclass(frozen=True, kw_only=True)
class Overridden:
    """It may be deployed although nothing vouches for it: someone broke the glass."""

    glass: BreakGlass


@dataclass(frozen=True, kw_only=True)
class Refused:
    """It may not be deployed; `reasons` are lines for whoever tried."""

    reasons: tuple[str, ...]


Decision = Admitted | Overridden | Refused


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """The environment that artifacts come from."""

    environment: str
    standing: Standing


def decide(
    environment: str,
    artifact_digest: str,
    *,
    upstream: Upstream | None,
    own: Standing,
    glass: BreakGlass | None,
    now: datetime,
) -> Decision:
    """Whether `environment` may take an artifact.

    It may take what `upstream` (None for the lowest environment) verified last, and go back to what it has
    verified itself. Anything else needs a `glass` for just this artifact that has not expired.
    """
    if upstream is None:
        return Admitted(because=Because.LOWEST)
    latest = upstream.standing.latest
    if latest and latest.artifact_digest == artifact_digest:
        return Admitted(because=Because.UPSTREAM)
    if own.has_verified(artifact_digest):
        return Admitted(because=Because.OWN)
    flaw = flaw_of(glass, artifact_digest, now) if glass else None
    if glass and flaw is None:
        return Overridden(glass=glass)
    reasons = [
        f"{upstream.environment} has not verified the artifact that {environment} would get.",
        f"  of this checkout:         {artifact_digest}",
        f"  verified in {upstream.environment + ':':<14}{latest.artifact_digest if latest else 'none yet'}",
        *([f"The break-glass setting does not help: {flaw}."] if flaw else []),
        *_what_to_do(environment, artifact_digest, upstream),
    ]
    return Refused(reasons=tuple(reasons))


def flaw_of(glass: BreakGlass, artifact_digest: str, now: datetime) -> str | None:
    """Why a break-glass does not allow the artifact; None where it does."""
    if glass.artifact_digest != artifact_digest:
        return f"it is for the artifact {glass.artifact_digest}"
    if glass.expires <= now:
        return f"it expired at {timestamp(glass.expires)}"
    if glass.expires > now + LONGEST_BREAK_GLASS:
        return f"it expires at {timestamp(glass.expires)}, more than {LONGEST_BREAK_GLASS.days} days from now"
    return None


def _what_to_do(environment: str, artifact_digest: str, upstream: Upstream) -> list[str]:
    below = upstream.environment
    if upstream.standing.artifact_digest == artifact_digest:
        return [f"{below} runs it: verify it there. python scripts/verify.py --env {below}"]
    todo = [
        f"To promote this checkout, deploy and verify it in {below} first: "
        f"python scripts/deploy.py up --env {below} --verify"
    ]
    latest = upstream.standing.latest
    if latest and latest.release_commit:
        todo.append(
            f"To deploy to {environment} what {below} has verified, check out its commit: "
            f"git checkout {latest.release_commit}"
        )
    return todo


@dataclass(frozen=True, kw_only=True)
class VerificationResult:
    """What a verification found of the artifact that an environment runs."""

    passed: bool
    artifact_digest: str


def objection(result: VerificationResult, *, own: Standing, deploying: Standing) -> str | None:
    """Why a result can't be recorded; None where it can: what was verified has to be what stays deployed."""
    if own.artifact_digest != result.artifact_digest:
        return (
            f"a verification of {result.artifact_digest} can't be recorded: "
            f"the environment runs {own.artifact_digest or 'nothing'}"
        )
    if (deploying.artifact_digest, deploying.release) != (own.artifact_digest, own.release):
        return (
            f"a verification can't be recorded from another checkout: {own.release} is deployed, "
            f"with the artifact {own.artifact_digest}, and this is {deploying.release}, "
            f"with {deploying.artifact_digest}"
        )
    return None


def after(
    own: Standing,
    decision: Admitted | Overridden,
    *,
    deploying: Standing,
    result: VerificationResult | None,
    now: datetime,
) -> Standing:
    """What the environment shows once `deploying` (its artifact and release alone) is deployed."""
    match decision:
        case Overridden(glass=glass):
            shown: Mapping[str, str] = glass.model_dump(by_alias=True)
        case Admitted(because=Because.OWN):
            shown = own.break_glass
        case Admitted():
            shown = {}
    return Standing(
        artifact_digest=deploying.artifact_digest,
        release=deploying.release,
        release_commit=deploying.release_commit,
        verified=own.verified if result is None else _with(result, own.verified, deploying, now),
        break_glass=shown,
    )


def _with(
    result: VerificationResult, verified: tuple[Verified, ...], deploying: Standing, now: datetime
) -> tuple[Verified, ...]:
    if not result.passed:
        return tuple(item for item in verified if item.artifact_digest != result.artifact_digest)
    entry = Verified(
        artifact_digest=deploying.artifact_digest,
        release=deploying.release,
        release_commit=deploying.release_commit,
        at=timestamp(now),
    )
    if verified and _same_release(verified[0], entry):
        return verified  # it keeps the time at which it first passed
    others = [item for item in verified if not _same_release(item, entry)]
    return (entry, *others[:EARLIER_KEPT])


def _same_release(one: Verified, other: Verified) -> bool:
    return (one.artifact_digest, one.release) == (other.artifact_digest, other.release)


def timestamp(time: datetime) -> str:
    """A time as outputs and messages have it: UTC, to the second, `2026-01-31T12:00:00Z`."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
