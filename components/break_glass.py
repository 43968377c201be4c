"""Permission to deploy, for a time, what the environment below has not verified."""

from datetime import UTC, datetime, timedelta
from typing import Any, Self

from pydantic import (
    AwareDatetime,
    Field,
    SerializerFunctionWrapHandler,
    field_serializer,
    field_validator,
    model_serializer,
    model_validator,
)

from components.section import Section

LONGEST_BREAK_GLASS = timedelta(days=7)
"""A hotfix has a week to be promoted as everything else is."""
DIGEST_PATTERN = "[0-9a-f]{64}"
"""SHA-256, hexadecimal."""


class BreakGlass(Section):
    """Permission to deploy content, or in the payments stack an artifact, that is not verified upstream.

    `contentDigest` names everything that is deployed. `artifactDigest` alone names the function's code, so it
    opens the payments stack only, whatever else its program changes.
    """

    artifact_digest: str | None = Field(default=None, pattern=f"^{DIGEST_PATTERN}$")
    content_digest: str | None = Field(default=None, pattern=f"^{DIGEST_PATTERN}$")
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

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if self.artifact_digest is None and self.content_digest is None:
            raise ValueError("neither contentDigest nor artifactDigest")
        return self

    @model_serializer(mode="wrap")
    def _without_empty(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in serialize(self).items() if value is not None}

    def problem(self, content_digest: str, artifact_digest: str, now: datetime) -> str | None:
        """Why it does not permit a deployment of this content; None where it does.

        `artifact_digest` is empty for a stack without an artifact.
        """
        if self.content_digest not in (None, content_digest):
            return f"it is for the content {self.content_digest}"
        if self.artifact_digest is not None and artifact_digest and self.artifact_digest != artifact_digest:
            return f"it is for the artifact {self.artifact_digest}"
        if self.content_digest is None and not artifact_digest:
            return "it names an artifact, which this stack does not have: name contentDigest"
        if self.expires <= now:
            return f"it expired at {timestamp(self.expires)}"
        if self.expires > now + LONGEST_BREAK_GLASS:
            return (
                f"it expires at {timestamp(self.expires)}, more than {LONGEST_BREAK_GLASS.days} days from now"
            )
        return None


def timestamp(time: datetime) -> str:
    """Format a time for outputs and messages: UTC, to the second, `2026-01-31T12:00:00Z`."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
