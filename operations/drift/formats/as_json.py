"""A report for machines, as report.schema.json describes it.

`schemaVersion` changes when a field changes its meaning or goes; new fields may come at any time.
"""

import json
from datetime import UTC, datetime
from typing import Any

from operations.drift.formats.values import masked
from operations.drift.formats.wording import worst_first
from operations.drift.identity import fingerprint, identity
from operations.drift.report import Check, Classification, Finding, Report
from operations.drift.summary import summarise

SCHEMA_VERSION = 1


def render(report: Report) -> str:
    """The report as one JSON object."""
    return json.dumps(document(report), indent=2) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The report as plain data."""
    summary = summarise(report)
    return {
        "schemaVersion": SCHEMA_VERSION,
        "generatedAt": _time(report.generated_at),
        "baseline": report.baseline,
        "target": report.target,
        "source": report.source,
        "projects": list(report.projects),
        "environments": list(report.environments),
        "checks": {check.value: _check(check, report) for check in Check},
        "findings": [_finding(finding) for finding in worst_first(report.findings)],
        "notChecked": [
            {
                "check": left_out.check.value,
                "project": left_out.project,
                "environment": left_out.environment,
                "reason": left_out.reason,
                "fix": left_out.fix,
            }
            for left_out in report.not_checked
        ],
        "waivers": [
            {
                "waiver": notice.waiver,
                "problem": notice.problem,
                "owner": notice.owner,
                "expires": notice.expires.isoformat(),
                "reason": notice.reason,
            }
            for notice in report.waivers
        ],
        "notes": dict(report.notes),
        "summary": {
            "status": summary.status.value,
            "drift": {
                "total": summary.total_drift,
                **{severity.value: number for severity, number in summary.drift.items()},
            },
            "controlled": summary.controlled,
            "identity": summary.identity,
            "waived": summary.waived,
            "notChecked": summary.not_checked,
            "waiverNotices": summary.waiver_notices,
            "fingerprint": fingerprint(report),
        },
    }


def _check(check: Check, report: Report) -> dict[str, Any]:
    return {
        "status": report.status(check).value,
        "requested": check in report.checks,
        **{kind.value: len(report.of(check, kind)) for kind in Classification},
        "notChecked": sum(left_out.check is check for left_out in report.not_checked),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": identity(finding),
        "check": finding.check.value,
        "project": finding.project,
        "environment": finding.environment,
        "resource": finding.resource,
        "type": finding.type,
        "path": finding.path,
        "kind": finding.kind.value,
        "classification": finding.classification.value,
        "severity": finding.severity.value,
        "baseline": masked(finding.baseline),
        "target": masked(finding.target),
        "explainedBy": finding.explained_by,
        "reason": finding.reason,
        "fix": finding.fix,
        "since": None if finding.since is None else _time(finding.since),
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
