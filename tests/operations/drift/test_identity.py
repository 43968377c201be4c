"""Which findings are the same from run to run."""

from dataclasses import replace
from typing import Any

import pytest

from operations.drift.identity import fingerprint, identity
from operations.drift.report import Check, Kind, Severity
from tests.operations.drift.formats.reports import DEBUG, MEMORY, OPENED, REPORT


def test_values_and_words_make_no_other_finding_of_it() -> None:
    later = replace(DEBUG, target="TRACE", severity=Severity.LOW, reason="other", fix="other", since=None)
    assert identity(later) == identity(DEBUG)


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"check": Check.CODE},
        {"project": "network"},
        {"environment": "staging"},
        {"resource": "other-function"},
        {"type": "aws:sqs/queue:Queue"},
        {"path": "environment"},
        {"kind": Kind.EXTRA},
    ],
    ids=str,
)
def test_another_place_makes_another_finding(elsewhere: dict[str, Any]) -> None:
    assert identity(replace(DEBUG, **elsewhere)) != identity(DEBUG)


def test_a_report_has_no_two_findings_with_one_id() -> None:
    assert len({identity(found) for found in REPORT.findings}) == len(REPORT.findings)


def test_the_fingerprint_follows_drift_alone() -> None:
    first = replace(REPORT, findings=(DEBUG, OPENED))
    same = replace(REPORT, findings=(OPENED, MEMORY, replace(DEBUG, target="TRACE")), not_checked=())
    more = replace(REPORT, findings=(DEBUG,))
    assert fingerprint(first) == fingerprint(same) != fingerprint(more)


def test_other_environments_have_another_fingerprint() -> None:
    assert fingerprint(replace(REPORT, target="dev")) != fingerprint(REPORT)
