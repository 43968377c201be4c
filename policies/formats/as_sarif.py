"""Render a report in SARIF 2.1.0, which code hosts show beside the code.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from policies.compliance import tags_of
from policies.report import PolicyFinding, PolicyReport
from policies.rule import AnyRule, RuleSeverity
from policies.version import PACK, VERSION

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
SECURITY_SEVERITY: Mapping[RuleSeverity, str] = {
    RuleSeverity.LOW: "3.0",
    RuleSeverity.MEDIUM: "5.0",
    RuleSeverity.HIGH: "8.0",
    RuleSeverity.CRITICAL: "9.5",
}
"""How code hosts sort: GitHub reads below 4 as low, below 7 as medium, below 9 as high."""


def render(report: PolicyReport) -> str:
    """Return the report as a SARIF log with one run."""
    rules = list({found.id: found for found in _rules(report)}.values())
    results = list(_results(report))
    skipped = [
        _notification(
            f"{outcome.rule.id} could not be evaluated on {outcome.urn}: {outcome.path} is not known"
        )
        for outcome in report.not_evaluated
    ]
    run = {
        "tool": {
            "driver": {
                "name": PACK,
                "version": VERSION,
                "rules": [_descriptor(rule) for rule in sorted(rules, key=lambda rule: rule.id)],
            }
        },
        "invocations": [{"executionSuccessful": not skipped, "toolExecutionNotifications": skipped}],
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rules(report: PolicyReport) -> list[AnyRule]:
    return [finding.violation.rule for finding in report.findings]


def _descriptor(rule: AnyRule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"Fix: {rule.fix}"},
        "helpUri": rule.url,
        "properties": {
            "security-severity": SECURITY_SEVERITY[rule.severity],
            "tags": [rule.service, *rule.references, *tags_of(rule)],
        },
    }


def _results(report: PolicyReport) -> Iterator[dict[str, Any]]:
    """Yield the findings. Fingerprints number the findings of one rule on one resource, so that none collide.

    A message is no part of version 2: rewording one must not close and reopen every alert.
    """
    numbers: Counter[str] = Counter()
    for finding in report.findings:
        subject = f"{finding.violation.rule.id}|{finding.violation.urn}"
        numbers[subject] += 1
        yield _result(finding, report, f"{subject}|{numbers[subject]}")


def _result(finding: PolicyFinding, report: PolicyReport, fingerprint: str) -> dict[str, Any]:
    violation = finding.violation
    file, line = report.sources.get(violation.urn) or (f"projects/{report.project}/__main__.py", 1)
    result: dict[str, Any] = {
        "ruleId": violation.rule.id,
        "level": "error" if finding.blocks else "warning",
        "message": {"text": f"{violation.message} Fix: {violation.rule.fix}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": file},
                    "region": {"startLine": line},
                },
                "logicalLocations": [{"fullyQualifiedName": violation.urn, "kind": "resource"}],
            }
        ],
        "partialFingerprints": {
            "ruleAndResource/v1": f"{violation.rule.id}|{violation.urn}|{violation.message}",
            "ruleAndResource/v2": fingerprint,
        },
    }
    if finding.accepted:
        result["suppressions"] = [{"kind": "external", "justification": finding.accepted.note()}]
    return result


def _notification(text: str) -> dict[str, Any]:
    return {"level": "error", "message": {"text": text}}
