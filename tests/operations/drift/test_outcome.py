from dataclasses import replace
from datetime import UTC, datetime

import pytest

from operations.drift.outcome import exit_code
from operations.drift.report import Check, Classification, NotChecked, Report, Severity
from tests.operations.drift.test_waivers import FINDING

LEFT_OUT = NotChecked(check=Check.CLOUD, project="network", environment="prod", reason="r", fix="f")


def report(*classes: Classification, left_out: bool = False) -> Report:
    return Report(
        baseline="staging",
        target="prod",
        source="live",
        generated_at=datetime(2026, 1, 1, tzinfo=UTC),
        checks=tuple(Check),
        projects=("network",),
        findings=tuple(replace(FINDING, classification=each) for each in classes),
        not_checked=(LEFT_OUT,) if left_out else (),
    )


def test_drift_alone_is_1_and_what_is_explained_is_0() -> None:
    assert exit_code(report()) == 0
    assert exit_code(report(Classification.CONTROLLED, Classification.WAIVED)) == 0
    assert exit_code(report(Classification.DRIFT)) == 1


def test_incomplete_coverage_is_2_unless_it_is_allowed() -> None:
    assert exit_code(report(left_out=True)) == 2
    assert exit_code(report(Classification.DRIFT, left_out=True)) == 2
    assert exit_code(report(left_out=True), allow_incomplete=True) == 0
    assert exit_code(report(Classification.DRIFT, left_out=True), allow_incomplete=True) == 1


@pytest.mark.parametrize(
    ("fail_on", "code"),
    [(Severity.LOW, 1), (Severity.MEDIUM, 1), (Severity.HIGH, 0), (Severity.CRITICAL, 0)],
)
def test_milder_drift_than_asked_about_is_no_failure(fail_on: Severity, code: int) -> None:
    assert exit_code(report(Classification.DRIFT), fail_on=fail_on) == code
