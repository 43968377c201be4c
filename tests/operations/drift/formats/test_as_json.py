"""The report for machines."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from operations.drift.formats import as_json
from operations.drift.report import Report
from tests.operations.drift.formats.reports import DEBUG, EMPTY, IN_SYNC, REPORT, UNSEEN

SCHEMA = json.loads(Path(as_json.__file__).with_name("report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("report", [REPORT, IN_SYNC, UNSEEN, EMPTY])
def test_every_report_holds_to_the_schema(report: Report) -> None:
    VALIDATOR.validate(json.loads(as_json.render(report)))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine
@given(baseline=JSON, target=JSON, path=st.text())
def test_any_value_holds_to_the_schema_and_arrives_as_it_was(baseline: Any, target: Any, path: str) -> None:
    finding = replace(DEBUG, baseline=baseline, target=target, path=path)
    document = json.loads(as_json.render(replace(REPORT, findings=(finding,))))
    VALIDATOR.validate(document)
    [written] = document["findings"]
    assert (written["baseline"], written["target"], written["path"]) == (baseline, target, path)


@pytest.mark.parametrize("spoiled", ["schemaVersion", "findings", "summary", "checks"])
def test_the_schema_refuses_a_report_that_lacks_something(spoiled: str) -> None:
    document = as_json.document(REPORT)
    del document[spoiled]
    assert not VALIDATOR.is_valid(document)


def test_a_finding_is_told_in_full() -> None:
    document = as_json.document(replace(REPORT, findings=(DEBUG,)))
    assert document["findings"] == [
        {
            "id": document["findings"][0]["id"],
            "check": "parity",
            "project": "payments",
            "environment": "prod",
            "resource": "payments-function",
            "type": "aws:lambda/function:Function",
            "path": "environment.variables.LOG_LEVEL",
            "kind": "changed",
            "classification": "drift",
            "severity": "high",
            "baseline": "INFO",
            "target": "DEBUG",
            "explainedBy": None,
            "reason": None,
            "fix": "python scripts/deploy.py up --env prod --project payments",
            "since": "2026-11-20T02:00:00Z",
        }
    ]


def test_every_check_has_its_own_status() -> None:
    checks = as_json.document(replace(REPORT, findings=(DEBUG,)))["checks"]
    assert {name: check["status"] for name, check in checks.items()} == {
        "cloud": "not-checked",
        "code": "in-sync",
        "parity": "drift",
        "unmanaged": "in-sync",
    }
    assert checks["cloud"]["notChecked"] == 1


def test_the_summary_counts() -> None:
    summary = as_json.document(REPORT)["summary"]
    assert summary["drift"] == {"total": 3, "critical": 1, "high": 2, "medium": 0, "low": 0}
    assert (summary["status"], summary["controlled"], summary["waived"], summary["notChecked"]) == (
        "drift",
        1,
        1,
        1,
    )
