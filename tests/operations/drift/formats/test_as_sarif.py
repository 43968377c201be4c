"""The report for code hosts."""

import json
from typing import Any

from operations.drift.formats.as_sarif import render
from operations.drift.report import Report
from tests.operations.drift.formats.reports import IN_SYNC, REPORT


def run_of(report: Report) -> dict[str, Any]:
    document = json.loads(render(report))
    assert document["version"] == "2.1.0"
    [run] = document["runs"]
    return dict(run)


def test_drift_and_what_is_waived_are_results_the_worst_first() -> None:
    assert [(found["ruleId"], found["level"]) for found in run_of(REPORT)["results"]] == [
        ("cloud-critical", "error"),
        ("code-high", "error"),
        ("parity-high", "error"),
        ("parity-low", "note"),
    ]


def test_controlled_variations_are_no_results() -> None:
    run = run_of(IN_SYNC)
    assert run["results"] == run["tool"]["driver"]["rules"] == []
    assert run["invocations"][0]["executionSuccessful"] is True


def test_what_is_waived_is_suppressed_with_its_reason() -> None:
    suppressions = [found.get("suppressions") for found in run_of(REPORT)["results"]]
    assert suppressions[:3] == [None] * 3
    assert suppressions[3] == [
        {
            "kind": "external",
            "justification": "cost-centre-of-prod: Finance moves prod to its own cost centre in December.",
        }
    ]


def test_a_result_points_at_the_stack_file_and_says_how_to_fix_it() -> None:
    result = run_of(REPORT)["results"][2]
    [location] = result["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "projects/payments/Pulumi.prod.yaml"
    assert location["logicalLocations"][0]["name"] == "payments-function"
    assert result["message"]["text"] == (
        "payments-function.environment.variables.LOG_LEVEL of payments/prod is changed: "
        "staging INFO, prod DEBUG. Fix: python scripts/deploy.py up --env prod --project payments"
    )


def test_every_rule_with_a_result_is_described_once_with_its_severity() -> None:
    run = run_of(REPORT)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["cloud-critical", "code-high", "parity-low", "parity-high"]
    assert {found["ruleId"] for found in run["results"]} == {rule["id"] for rule in rules}
    assert rules[0]["properties"]["security-severity"] == "9.5"


def test_what_was_not_checked_makes_the_run_unsuccessful() -> None:
    [invocation] = run_of(REPORT)["invocations"]
    assert invocation["executionSuccessful"] is False
    [left_out] = invocation["toolExecutionNotifications"]
    assert left_out["message"]["text"].startswith("Not checked: cloud of bootstrap-iam/staging. arn:aws:iam")
    [notice] = invocation["toolConfigurationNotifications"]
    assert "old-retention (payments-team) is expired" in notice["message"]["text"]


def test_fingerprints_tell_results_apart() -> None:
    prints = [found["partialFingerprints"]["difference/v1"] for found in run_of(REPORT)["results"]]
    assert len(prints) == len(set(prints))
