"""What a verification came to."""

from dataclasses import dataclass
from typing import Any

from operations.engine.failure import OperationFailed


class NotVerifiable(OperationFailed):
    """It could not be found out whether the environment works. That says nothing about its release."""


@dataclass(frozen=True, kw_only=True)
class Passed:
    """The environment runs the artifact, and payments go through it as they should."""

    environment: str
    artifact_digest: str
    seconds: float
    alarms_before: tuple[str, ...] = ()
    """Alarms that were on already, which do not count."""


@dataclass(frozen=True, kw_only=True)
class Failed:
    """It does not: `reasons` say how, a line each."""

    environment: str
    artifact_digest: str
    reasons: tuple[str, ...]
    seconds: float
    alarms_before: tuple[str, ...] = ()
    """Alarms that were on already, which are none of the reasons."""


Verification = Passed | Failed


def as_data(verification: Verification) -> dict[str, Any]:
    """For JSON."""
    return {
        "environment": verification.environment,
        "artifactDigest": verification.artifact_digest,
        "passed": isinstance(verification, Passed),
        "outcome": "passed" if isinstance(verification, Passed) else "failed",
        "alarmsBefore": list(verification.alarms_before),
        "reasons": list(verification.reasons) if isinstance(verification, Failed) else [],
        "seconds": round(verification.seconds, 1),
    }
