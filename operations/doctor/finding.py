"""What a check found."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """How a check ended. What could not be asked is never a pass."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The result of one check."""

    check: str
    status: Status
    reason: str
    fix: str = ""


def passed(check: str, reason: str) -> Finding:
    """The prerequisite is there."""
    return Finding(check=check, status=Status.PASSED, reason=reason)


def failed(check: str, reason: str, fix: str) -> Finding:
    """The prerequisite is missing."""
    return Finding(check=check, status=Status.FAILED, reason=reason, fix=fix)


def not_checked(check: str, reason: str, fix: str) -> Finding:
    """Nobody can tell."""
    return Finding(check=check, status=Status.NOT_CHECKED, reason=reason, fix=fix)


def exit_code(findings: Sequence[Finding]) -> int:
    """0 all passed, 1 something is missing, 2 something could not be checked and nothing is missing."""
    statuses = {finding.status for finding in findings}
    return 1 if Status.FAILED in statuses else 2 if Status.NOT_CHECKED in statuses else 0


def as_data(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """The findings for machines."""
    return [asdict(finding) for finding in findings]


def text(findings: Sequence[Finding]) -> str:
    """The findings for people: a line each, with what to do below."""
    lines = []
    for finding in findings:
        lines.append(f"{finding.status:<12} {finding.check}: {finding.reason}")
        if finding.fix:
            lines.append(f"{'':<12} {finding.fix}")
    return "\n".join(lines)
