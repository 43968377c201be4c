"""A report in SARIF 2.1.0, which code hosts show beside the code: drift, and suppressed what is waived.

Controlled variations are no results: a code host would list them as problems. A difference has no line of its
own, so its location is the stack file of the environment that differs.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from operations.drift.formats.values import shown
from operations.drift.formats.wording import by_cause, place, question, sides, stacks_by_check, worst_first
from operations.drift.identity import identity
from operations.drift.report import Check, Classification, Finding, NotChecked, Report, Severity
from policies.formats.as_sarif import SCHEMA, SECURITY_SEVERITY
from policies.rule import RuleSeverity

LEVELS: Mapping[Severity, str] = {
    Severity.LOW: "note",
    Severity.MEDIUM: "warning",
    Severity.HIGH: "error",
    Severity.CRITICAL: "error",
}


def render(report: Report) -> str:
    """The report as a SARIF log with one run."""
    found = [item for item in report.findings if not item.classification.is_declared]
    left_out = [
        _notification(f"Not checked: {_stacks(items)}. {cause.reason} Fix: {cause.fix}", "error")
        for cause, items in by_cause(report.not_checked).items()
    ]
    notices = [
        _notification(
            f"Waiver {notice.waiver} ({notice.owner}) is {notice.problem}: {notice.reason}", "warning"
        )
        for notice in report.waivers
    ]
    run = {
        "tool": {"driver": {"name": "payments-drift", "rules": _rules(found, report)}},
        "invocations": [
            {
                "executionSuccessful": not left_out,
                "toolExecutionNotifications": left_out,
                "toolConfigurationNotifications": notices,
            }
        ],
        "results": [_result(finding, report) for finding in worst_first(found)],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule_id(check: Check, severity: Severity) -> str:
    return f"{check}-{severity}"


def _rules(findings: list[Finding], report: Report) -> list[dict[str, Any]]:
    """A rule for each check and severity that was found: code hosts sort by the severity of the rule."""
    return [
        {
            "id": _rule_id(check, severity),
            "shortDescription": {"text": f"Drift: {check}, {severity}"},
            "fullDescription": {"text": question(check, report)},
            "properties": {
                "security-severity": SECURITY_SEVERITY[RuleSeverity(severity.value)],
                "tags": ["drift", check.value],
            },
        }
        for check in Check
        for severity in Severity
        if any((found.check, found.severity) == (check, severity) for found in findings)
    ]


def _result(finding: Finding, report: Report) -> dict[str, Any]:
    before, after = sides(finding.check, report)
    result: dict[str, Any] = {
        "ruleId": _rule_id(finding.check, finding.severity),
        "level": LEVELS[finding.severity],
        "message": {
            "text": f"{place(finding)} of {finding.project}/{finding.environment} is {finding.kind}: "
            f"{before} {shown(finding.baseline)}, {after} {shown(finding.target)}. Fix: {finding.fix}"
        },
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {
                        "uri": f"projects/{finding.project}/Pulumi.{finding.environment}.yaml"
                    },
                    "region": {"startLine": 1},
                },
                "logicalLocations": [
                    {
                        "name": finding.resource,
                        "fullyQualifiedName": f"{finding.type}::{place(finding)}",
                        "kind": "resource",
                    }
                ],
            }
        ],
        "partialFingerprints": {"difference/v1": identity(finding)},
    }
    if finding.classification is Classification.WAIVED:
        result["suppressions"] = [
            {"kind": "external", "justification": f"{finding.explained_by}: {finding.reason}"}
        ]
    return result


def _stacks(items: Iterable[NotChecked]) -> str:
    return "; ".join(f"{check} of {', '.join(stacks)}" for check, stacks in stacks_by_check(items).items())


def _notification(text: str, level: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": text}}
