"""The report for machines."""

import json

from policies.formats.as_json import render
from tests.policies.formats.reports import ALARM, CLEAN, FULL, TABLE


def test_everything_is_in_it() -> None:
    document = json.loads(render(FULL))
    assert (document["version"], document["project"], document["stack"]) == (1, "payments", "dev")
    assert (document["resources"], document["rules"], document["exitCode"]) == (2, 119, 1)
    assert [(found["rule"], found["blocks"]) for found in document["findings"]] == [
        ("table-on-demand", True),
        ("alarm-enabled", True),
        ("destroyable-key-window", False),
        ("alarm-actions", False),
    ]
    assert document["findings"][0] == {
        "rule": "table-on-demand",
        "severity": "high",
        "level": "mandatory",
        "blocks": True,
        "urn": TABLE,
        "message": "billingMode is PROVISIONED; it must be PAY_PER_REQUEST.",
        "fix": "set billingMode to PAY_PER_REQUEST.",
        "accepted": None,
        "expired": None,
    }
    assert document["findings"][3]["accepted"] == {
        "rule": "alarm-actions",
        "urn": ALARM,
        "reason": "Silenced for the load test",
        "owner": "payments-team",
        "expires": "2026-06-30",
    }
    assert document["notEvaluated"] == [{"rule": "table-encryption", "urn": TABLE, "path": "kmsKeyArn"}]
    assert [found["rule"] for found in document["unusedExceptions"]] == ["log-encryption"]


def test_a_clean_report_has_nothing_in_it() -> None:
    document = json.loads(render(CLEAN))
    assert document["findings"] == document["notEvaluated"] == document["unusedExceptions"] == []
    assert document["exitCode"] == 0
