"""What a report comes to."""

from dataclasses import replace

import pytest

from operations.drift.report import Check, Report, Severity, Status
from operations.drift.summary import headline, summarise
from tests.operations.drift.formats.reports import DEBUG, EMPTY, IN_SYNC, REPORT, UNSEEN


@pytest.mark.parametrize(
    ("report", "status"),
    [
        (REPORT, Status.DRIFT),
        (IN_SYNC, Status.IN_SYNC),
        (EMPTY, Status.IN_SYNC),
        (UNSEEN, Status.NOT_CHECKED),
        (replace(UNSEEN, findings=(DEBUG,)), Status.DRIFT),
        (replace(EMPTY, checks=()), Status.NOT_CHECKED),
    ],
)
def test_what_was_not_looked_at_is_never_in_sync(report: Report, status: Status) -> None:
    assert summarise(report).status is status


def test_a_check_that_nobody_asked_for_leaves_the_status_alone() -> None:
    assert summarise(replace(EMPTY, checks=(Check.PARITY,))).status is Status.IN_SYNC


def test_drift_is_counted_by_severity_worst_first() -> None:
    assert list(summarise(REPORT).drift.items()) == [
        (Severity.CRITICAL, 1),
        (Severity.HIGH, 2),
        (Severity.MEDIUM, 0),
        (Severity.LOW, 0),
    ]
    assert summarise(REPORT).total_drift == 3


def test_drift_beside_what_was_left_out_tells_both() -> None:
    assert headline(replace(UNSEEN, findings=(DEBUG,))) == "result: drift (1 high; 24 not checked)"
