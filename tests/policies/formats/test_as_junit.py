"""The report for CI systems."""

from xml.etree import ElementTree

from policies.formats.as_junit import render
from tests.policies.formats.reports import ALARM, CLEAN, FULL, TABLE, hostile


def test_violations_fail_and_what_was_not_evaluated_is_an_error() -> None:
    suite = ElementTree.fromstring(render(FULL))  # noqa: S314
    assert suite.attrib == {"name": "policies payments/dev", "tests": "5", "failures": "2", "errors": "1"}
    failures = {case.attrib["name"]: case.find("failure") for case in suite}
    first = failures[f"table-on-demand {TABLE}"]
    assert first is not None
    assert first.attrib["message"] == "billingMode is PROVISIONED; it must be PAY_PER_REQUEST."
    assert first.text == "Fix: set billingMode to PAY_PER_REQUEST."
    errors = [case.attrib["name"] for case in suite if case.find("error") is not None]
    assert errors == [f"table-encryption {TABLE}"]


def test_an_accepted_violation_passes_with_its_note() -> None:
    suite = ElementTree.fromstring(render(FULL))  # noqa: S314
    [aside] = [
        case.findtext("system-out") for case in suite if case.attrib["name"] == f"alarm-actions {ALARM}"
    ]
    assert aside == (
        "alarmActions is empty. Accepted until 2026-06-30 by payments-team: Silenced for the load test"
    )


def test_a_clean_report_is_one_passing_case() -> None:
    suite = ElementTree.fromstring(render(CLEAN))  # noqa: S314
    assert suite.attrib["tests"] == "1"
    assert [case.attrib["name"] for case in suite] == ["119 rules hold"]


def test_control_characters_leave_the_xml_well_formed() -> None:
    suite = ElementTree.fromstring(render(hostile()))  # noqa: S314
    [case] = suite
    assert "\\x1b[2J" in case.attrib["name"]
    failure = case.find("failure")
    assert failure is not None
    assert "\\x00" in failure.attrib["message"]
