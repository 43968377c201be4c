"""The report for code hosts."""

import json
from dataclasses import replace

from policies.formats.as_sarif import render
from policies.report import PolicyReport
from tests.policies.formats.reports import CLEAN, FULL, TABLE


def test_a_violation_is_an_error_and_advice_a_warning() -> None:
    [run] = json.loads(render(FULL))["runs"]
    assert [(found["ruleId"], found["level"]) for found in run["results"]] == [
        ("table-on-demand", "error"),
        ("alarm-enabled", "error"),
        ("destroyable-key-window", "warning"),
        ("alarm-actions", "warning"),
    ]


def test_a_result_names_its_resource_and_its_projects_program() -> None:
    [run] = json.loads(render(FULL))["runs"]
    [location] = run["results"][0]["locations"]
    assert location["logicalLocations"] == [{"fullyQualifiedName": TABLE, "kind": "resource"}]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "projects/payments/__main__.py"
    assert run["results"][0]["message"]["text"] == (
        "billingMode is PROVISIONED; it must be PAY_PER_REQUEST. Fix: set billingMode to PAY_PER_REQUEST."
    )


def test_an_accepted_violation_is_suppressed_with_its_reason() -> None:
    [run] = json.loads(render(FULL))["runs"]
    assert [found.get("suppressions") for found in run["results"]] == [
        None,
        None,
        None,
        [
            {
                "kind": "external",
                "justification": "Accepted until 2026-06-30 by payments-team: Silenced for the load test",
            }
        ],
    ]


def test_every_rule_with_a_result_is_described_once() -> None:
    [run] = json.loads(render(FULL))["runs"]
    described = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert sorted(described) == sorted({found["ruleId"] for found in run["results"]})
    assert described["table-on-demand"]["properties"]["security-severity"] == "8.0"
    assert described["table-on-demand"]["helpUri"].startswith("https://")


def test_what_could_not_be_evaluated_makes_the_run_unsuccessful() -> None:
    [run] = json.loads(render(FULL))["runs"]
    [invocation] = run["invocations"]
    assert invocation["executionSuccessful"] is False
    [notification] = invocation["toolExecutionNotifications"]
    assert notification["message"]["text"] == (
        f"table-encryption could not be evaluated on {TABLE}: kmsKeyArn is not known"
    )


def test_a_clean_report_is_a_successful_run_without_results() -> None:
    document = json.loads(render(CLEAN))
    assert document["version"] == "2.1.0"
    [run] = document["runs"]
    assert run["results"] == []
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def _fingerprints(report: PolicyReport) -> list[dict[str, str]]:
    [run] = json.loads(render(report))["runs"]
    return [result["partialFingerprints"] for result in run["results"]]


def test_two_findings_of_one_rule_on_one_resource_have_different_fingerprints() -> None:
    twice = replace(FULL, findings=(*FULL.findings, FULL.findings[0]))
    prints = [fingerprint["ruleAndResource/v2"] for fingerprint in _fingerprints(twice)]
    assert len(prints) == len(set(prints)) == 5


def test_rewording_a_message_leaves_the_fingerprint() -> None:
    first = FULL.findings[0]
    reworded = replace(first, violation=replace(first.violation, message="on demand, please"))
    before, after = _fingerprints(FULL), _fingerprints(replace(FULL, findings=(reworded, *FULL.findings[1:])))
    assert [item["ruleAndResource/v2"] for item in before] == [item["ruleAndResource/v2"] for item in after]


def test_a_result_points_at_the_line_that_declared_its_resource() -> None:
    report = replace(FULL, sources={TABLE: ("components/payment_processor/ledger.py", 41)})
    [run] = json.loads(render(report))["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "components/payment_processor/ledger.py"
    assert place["region"] == {"startLine": 41}
