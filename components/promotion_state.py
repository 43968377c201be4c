"""The promotion state of an environment: what it runs and what it has verified, as stack outputs show it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class Verified:
    """Content that passed its verification in an environment, and its release."""

    artifact_digest: str
    content_digest: str = ""
    """Empty in entries of earlier versions, which admit no content."""
    projects: tuple[str, ...] = ()
    """Projects whose stacks held the content when it passed."""
    release: str
    release_commit: str
    at: str
    """Time of the first pass: UTC, ISO 8601."""

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """Read an entry of the output `earlierVerified`."""
        return cls(
            artifact_digest=data["artifactDigest"],
            content_digest=data.get("contentDigest") or "",
            projects=tuple(data.get("projects") or ()),
            release=data["release"],
            release_commit=data["releaseCommit"],
            at=data["at"],
        )

    def as_data(self) -> dict[str, Any]:
        """Return the entry for the output `earlierVerified`."""
        return {
            "artifactDigest": self.artifact_digest,
            "contentDigest": self.content_digest,
            "projects": list(self.projects),
            "release": self.release,
            "releaseCommit": self.release_commit,
            "at": self.at,
        }

    def vouches_for(self, project: str, content_digest: str, artifact_digest: str) -> bool:
        """Return whether the stack held this content when it passed; an empty artifact matches any."""
        return (
            bool(content_digest)
            and self.content_digest == content_digest
            and project in self.projects
            and artifact_digest in ("", self.artifact_digest)
        )


@dataclass(frozen=True, kw_only=True)
class FailedVerification:
    """Content that failed its last verification in an environment."""

    artifact_digest: str
    content_digest: str
    release: str
    at: str
    """Time of the last failure: UTC, ISO 8601."""

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """Read an entry of the output `failedVerifications`."""
        return cls(
            artifact_digest=data["artifactDigest"],
            content_digest=data["contentDigest"],
            release=data["release"],
            at=data["at"],
        )

    def as_data(self) -> dict[str, str]:
        """Return the entry for the output `failedVerifications`."""
        return {
            "artifactDigest": self.artifact_digest,
            "contentDigest": self.content_digest,
            "release": self.release,
            "at": self.at,
        }

    def is_about(self, content_digest: str, artifact_digest: str) -> bool:
        """Return whether this content failed; an empty artifact matches any."""
        return self.content_digest == content_digest and artifact_digest in ("", self.artifact_digest)


@dataclass(frozen=True, kw_only=True)
class PromotionState:
    """The content that an environment runs and has verified, as stack outputs show it."""

    artifact_digest: str = ""
    content_digest: str = ""
    projects: tuple[str, ...] = ()
    """Projects whose stacks in the environment hold this content, payments included."""
    release: str = ""
    release_commit: str = ""
    unreleased: str = ""
    """Why the checkout was not a release; empty for a release."""
    verified: tuple[Verified, ...] = ()
    failed: tuple[FailedVerification, ...] = ()
    """Content that failed its last verification, latest first."""
    break_glass: Mapping[str, str] = field(default_factory=dict)
    """The last break-glass setting that was used, until the next clean promotion."""

    @classmethod
    def of(cls, outputs: Mapping[str, Any]) -> Self:
        """Read the outputs of the payments stack; empty if it is not deployed."""
        earlier = outputs.get("earlierVerified") or []
        latest = {
            "artifactDigest": outputs.get("verifiedArtifactDigest"),
            "contentDigest": outputs.get("verifiedContentDigest"),
            "projects": outputs.get("verifiedProjects"),
            "release": outputs.get("verifiedRelease", ""),
            "releaseCommit": outputs.get("verifiedReleaseCommit", ""),
            "at": outputs.get("verifiedAt", ""),
        }
        return cls(
            artifact_digest=outputs.get("artifactDigest", ""),
            content_digest=outputs.get("contentDigest", ""),
            projects=tuple(outputs.get("contentProjects") or ()),
            release=outputs.get("release", ""),
            release_commit=outputs.get("releaseCommit", ""),
            unreleased=outputs.get("unreleased", ""),
            verified=tuple(Verified.of(item) for item in [latest, *earlier] if item["artifactDigest"]),
            failed=tuple(map(FailedVerification.of, outputs.get("failedVerifications") or ())),
            break_glass=dict(outputs.get("breakGlass") or {}),
        )

    def as_outputs(self) -> dict[str, Any]:
        """Return the fields for PaymentsOutputs."""
        latest = self.latest
        return {
            **self.as_stack_outputs(),
            "artifact_digest": self.artifact_digest,
            "content_projects": list(self.projects),
            "release": self.release,
            "verified_artifact_digest": latest.artifact_digest if latest else "",
            "verified_content_digest": latest.content_digest if latest else "",
            "verified_projects": list(latest.projects) if latest else [],
            "verified_release": latest.release if latest else "",
            "verified_release_commit": latest.release_commit if latest else "",
            "verified_at": latest.at if latest else "",
            "earlier_verified": [item.as_data() for item in self.verified[1:]],
            "failed_verifications": [item.as_data() for item in self.failed],
        }

    def as_stack_outputs(self) -> dict[str, Any]:
        """Return the fields for the outputs of every project (ReleasedOutputs)."""
        return {
            "content_digest": self.content_digest,
            "release_commit": self.release_commit,
            "unreleased": self.unreleased,
            "break_glass": dict(self.break_glass),
        }

    @property
    def latest(self) -> Verified | None:
        """The last verified content: the only one that downstream environments may take."""
        return self.verified[0] if self.verified else None

    @property
    def is_verified(self) -> bool:
        """Whether the environment runs what it verified last, in the same stacks."""
        latest = self.latest
        return latest is not None and (
            latest.artifact_digest,
            latest.release,
            latest.content_digest,
            set(latest.projects),
        ) == (self.artifact_digest, self.release, self.content_digest, set(self.projects))

    @property
    def has_failed(self) -> bool:
        """Whether the content that it runs failed its last verification."""
        return self.failure_of(self.content_digest, self.artifact_digest) is not None

    def failure_of(self, content_digest: str, artifact_digest: str) -> FailedVerification | None:
        """Return the failed verification of this content; None if its last verification passed."""
        return next((item for item in self.failed if item.is_about(content_digest, artifact_digest)), None)

    def has_verified(self, artifact_digest: str) -> bool:
        """Return whether the artifact is among the verified ones."""
        return any(item.artifact_digest == artifact_digest for item in self.verified)
