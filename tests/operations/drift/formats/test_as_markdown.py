"""The report for pull requests and step summaries."""

from dataclasses import replace

import pytest

from operations.drift.formats.as_markdown import LIMIT, render
from operations.drift.identity import fingerprint
from operations.drift.report import Finding, Report
from tests.operations.drift.formats.reports import DEBUG, EMPTY, MEMORY, REPORT, TAGGED, UNSEEN


def many(finding: Finding, number: int) -> tuple[Finding, ...]:
    return tuple(
        replace(finding, path=f"tags.t{index}", target="x" * 500, fix=f"f{index}") for index in range(number)
    )


def test_the_first_line_names_the_environments_and_the_drift_set() -> None:
    assert render(REPORT).splitlines()[0] == f"<!-- drift staging prod {fingerprint(REPORT)} -->"


def test_drift_is_a_table_of_both_sides() -> None:
    assert (
        "| Severity | Stack | Resource | Property | staging | prod | Since |\n"
        "|---|---|---|---|---|---|---|\n"
        "| high | payments/prod | `payments-function` | `environment.variables.LOG_LEVEL` | `INFO` | `DEBUG` "
        "| 2026-11-20 |\n\n"
        r"- python scripts/deploy.py up \-\-env prod \-\-project payments"
        "\n"
    ) in render(REPORT)


def test_controlled_variations_tell_why() -> None:
    assert (
        "| `payments:memoryMb` | `payments-function.memorySize` | `1024` | `2048` | CPU comes with memory"
    ) in render(REPORT)


def test_a_report_in_sync_has_no_empty_sections() -> None:
    text = render(EMPTY)
    assert "**result: in-sync**" in text
    assert "###" not in text
    assert "<details>" not in text


def test_nothing_checked_is_told_with_its_cause_once() -> None:
    text = render(UNSEEN)
    assert "**result: not-checked (24 not checked)**" in text
    assert text.count("can't be assumed") == 1


@pytest.mark.parametrize(
    ("hostile", "written"),
    [
        ("a|b", r"`a\|b`"),
        ("`rm`", "`` `rm` ``"),
        ("a``b", "```a``b```"),
        ("line\nbreak", r"`line\nbreak`"),
        ("<img src=x>", "`<img src=x>`"),
        ("@everyone", "`@everyone`"),
    ],
)
def test_a_value_stays_in_its_cell(hostile: str, written: str) -> None:
    text = render(replace(REPORT, findings=(replace(DEBUG, target=hostile),)))
    [row] = [line for line in text.splitlines() if "LOG_LEVEL" in line]
    assert f"| `INFO` | {written} |" in row


def test_a_reason_holds_no_markup_and_mentions_nobody() -> None:
    reason = "see <b>[this](https://example.com)</b> | @someone\n# now"
    text = render(replace(REPORT, findings=(replace(TAGGED, reason=reason),)))
    [row] = [line for line in text.splitlines() if "someone" in line]
    assert r"\<b\>\[this\]\(https://example.com\)\</b\> \| " in row
    assert "@someone" not in row


@pytest.mark.parametrize(
    "report",
    [
        replace(REPORT, findings=many(DEBUG, 700)),
        replace(REPORT, findings=many(MEMORY, 700)),
        replace(
            UNSEEN,
            not_checked=tuple(replace(UNSEEN.not_checked[0], reason=f"{n} " * 500) for n in range(900)),
        ),
        replace(REPORT, waivers=tuple(replace(REPORT.waivers[0], waiver=f"w{n}") for n in range(1500))),
        replace(REPORT, findings=many(DEBUG, 700) + many(TAGGED, 700) + many(MEMORY, 700)),
    ],
    ids=["drift", "controlled", "not checked", "waivers", "all"],
)
def test_a_long_report_is_cut_with_a_note_and_uses_the_room_there_is(report: Report) -> None:
    text = render(report)
    assert LIMIT * 0.9 < len(text) <= LIMIT
    assert "more, which the other formats list.*" in text
    assert text.endswith("UTC, from live.\n")


def test_what_fits_is_not_cut() -> None:
    assert "more, which the other formats" not in render(replace(REPORT, findings=many(DEBUG, 50)))
