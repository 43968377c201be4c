"""A report for machines; `version` changes when a field changes its meaning or goes."""

import json

from policies.exceptions import PolicyException
from policies.report import PolicyReport
from policies.version import PACK
from policies.version import VERSION as PACK_VERSION

VERSION = 1


def render(report: PolicyReport) -> str:
    """Return the report as one JSON object."""
    return json.dumps(document(report), indent=2) + "\n"


def document(report: PolicyReport) -> dict[str, object]:
    """Return the report as plain data."""
    return {
        "version": VERSION,
        "pack": PACK,
        "packVersion": PACK_VERSION,
        "project": report.project,
        "stack": report.environment,
        "resources": report.resources,
        "rules": report.rules,
        "exitCode": int(report.exit_code),
        "findings": [
            {
                "rule": finding.violation.rule.id,
                "severity": finding.violation.rule.severity.value,
                "level": finding.level.value,
                "blocks": finding.blocks,
                "urn": finding.violation.urn,
                "message": finding.violation.message,
                "fix": finding.violation.rule.fix,
                "accepted": _exception(finding.accepted),
                "expired": _exception(finding.expired),
            }
            for finding in report.findings
        ],
        "notEvaluated": [
            {"rule": outcome.rule.id, "urn": outcome.urn, "path": outcome.path}
            for outcome in report.not_evaluated
        ],
        "unusedExceptions": [_exception(found) for found in report.unused_exceptions],
    }


def _exception(found: PolicyException | None) -> dict[str, str] | None:
    if found is None:
        return None
    return {
        "rule": found.rule,
        "urn": found.urn,
        "reason": found.reason,
        "owner": found.owner,
        "expires": found.expires.isoformat(),
    }
