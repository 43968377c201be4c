"""The report for CI systems."""

from dataclasses import replace
from xml.etree.ElementTree import Element, fromstring

import pytest

from operations.drift.formats.as_junit import render
from operations.drift.report import Check, Report
from tests.operations.drift.formats.reports import EMPTY, REPORT, UNSEEN


def suites(report: Report) -> dict[str, Element]:
    return {suite.attrib["name"]: suite for suite in fromstring(render(report))}  # noqa: S314  our own


def counts(suite: Element) -> tuple[str, str, str]:
    return suite.attrib["tests"], suite.attrib["failures"], suite.attrib["errors"]


def test_a_check_is_a_suite_in_which_drift_fails_and_what_was_left_out_is_an_error() -> None:
    found = suites(REPORT)
    assert {name: counts(suite) for name, suite in found.items()} == {
        "drift cloud": ("2", "1", "1"),
        "drift code": ("1", "1", "0"),
        "drift parity": ("3", "1", "0"),
        "drift unmanaged": ("1", "0", "0"),
    }


def test_a_failure_tells_both_values_and_the_fix() -> None:
    failure = suites(REPORT)["drift parity"].find("testcase/failure")
    assert failure is not None
    assert failure.attrib == {"type": "high", "message": "high drift"}
    assert failure.text == (
        "staging: INFO\nprod: DEBUG\nFix: python scripts/deploy.py up --env prod --project payments"
    )


def test_a_controlled_variation_passes_and_tells_why() -> None:
    [told] = [
        text
        for text in suites(REPORT)["drift parity"].itertext()
        if "controlled by payments:memoryMb" in text
    ]
    assert "staging: 1024\nprod: 2048\n" in told
    assert "prod buys latency" in told


def test_a_check_in_sync_is_one_passing_case_and_an_unseen_one_is_none() -> None:
    assert {counts(suite) for suite in suites(EMPTY).values()} == {("1", "0", "0")}
    assert {counts(suite) for suite in suites(UNSEEN).values()} == {("6", "0", "6")}


def test_only_what_was_asked_for_is_a_suite() -> None:
    assert list(suites(replace(EMPTY, checks=(Check.CODE,)))) == ["drift code"]


@pytest.mark.parametrize("hostile", ["\x00\x1b\ufffe", ']]>&<"', "\ud800"])
def test_no_value_breaks_the_document(hostile: str) -> None:
    finding = replace(REPORT.findings[1], target=hostile, resource=hostile, fix=hostile)
    suites(replace(REPORT, findings=(finding,)))
