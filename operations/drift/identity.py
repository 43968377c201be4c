"""Tells findings apart, and the same one from run to run: by where it is, never by its values."""

import hashlib
import json
from collections.abc import Iterable

from operations.drift.report import Classification, Finding, Report

_LENGTH = 16
"""Hexadecimal digits of an id: 64 bits, which no report fills."""


def identity(finding: Finding) -> str:
    """A short id that stays the same as long as the difference is at the same place."""
    return _digest(
        (
            finding.check,
            finding.project,
            finding.environment,
            finding.type,
            finding.resource,
            finding.path,
            finding.kind,
        )
    )


def fingerprint(report: Report) -> str:
    """Stands for the set of drift between two environments: it changes only when drift appears or goes."""
    drift = {identity(found) for found in report.findings if found.classification is Classification.DRIFT}
    return _digest((report.baseline, report.target, *sorted(drift)))


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256(json.dumps([*parts]).encode()).hexdigest()[:_LENGTH]
