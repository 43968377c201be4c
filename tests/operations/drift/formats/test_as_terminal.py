"""The report for a terminal."""

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from operations.drift.formats.as_terminal import render, show
from operations.drift.report import Report
from tests.operations.drift.formats.reports import DEBUG, EMPTY, IN_SYNC, MEMORY, REPORT, UNSEEN


def test_drift_is_shown_by_resource_and_side_by_side() -> None:
    assert (
        "  payments-function  aws:lambda/function:Function  payments/prod  parity\n"
        "    severity  property                         staging  prod   since\n"
        "    high      environment.variables.LOG_LEVEL  INFO     DEBUG  2026-11-20\n"
        "    fix: python scripts/deploy.py up --env prod --project payments\n"
    ) in render(REPORT)


def test_the_worst_comes_first() -> None:
    text = render(REPORT)
    assert text.index("function-security-group") < text.index("payments-function")


def test_a_setting_is_named_once_for_all_that_it_drives() -> None:
    text = render(
        replace(IN_SYNC, findings=(MEMORY, replace(MEMORY, path="description", baseline="1", target="2")))
    )
    assert text.count("payments:memoryMb") == text.count("prod buys latency") == 1
    assert "Controlled variations, staging → prod\n" in text
    assert "    payments-function.memorySize   1024 → 2048\n" in text
    assert "    payments-function.description  1 → 2\n" in text


def test_a_cause_is_told_once_for_all_that_it_leaves_out() -> None:
    text = render(UNSEEN)
    assert text.count("can't be assumed") == 1
    assert "  parity: bootstrap-iam/staging, bootstrap-iam/prod, network/staging," in text


@pytest.mark.parametrize(
    ("report", "line"),
    [
        (REPORT, "result: drift (1 critical, 2 high; 1 controlled, 1 waived; 1 not checked)"),
        (IN_SYNC, "result: in-sync (1 controlled)"),
        (UNSEEN, "result: not-checked (24 not checked)"),
        (EMPTY, "result: in-sync"),
    ],
)
def test_the_last_line_is_the_result(report: Report, line: str) -> None:
    assert render(report).splitlines()[-1] == line


def test_the_result_stays_on_one_line_however_narrow_the_terminal() -> None:
    written = StringIO()
    show(REPORT, Console(file=written, width=30))
    assert written.getvalue().splitlines()[-1].startswith("result: drift (1 critical, 2 high; 1 controlled")


def test_colour_is_left_out_where_no_color_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    coloured, plain = StringIO(), StringIO()
    show(REPORT, Console(file=coloured, force_terminal=True, color_system="standard"))
    monkeypatch.setenv("NO_COLOR", "1")
    show(REPORT, Console(file=plain, force_terminal=True, color_system="standard"))
    assert "\x1b[1;31mdrift" in coloured.getvalue()
    assert "31m" not in plain.getvalue()


def test_a_value_cannot_command_the_terminal() -> None:
    escape = "\x1b[2J\x07[bold]gone\n"
    hostile = replace(DEBUG, target=escape, path=escape, resource=escape, type=escape, fix=escape)
    text = render(replace(REPORT, findings=(hostile,)))
    assert "\x1b" not in text
    assert r"\x1b[2J\x07[bold]gone\n" in text


def test_a_long_value_keeps_its_ends() -> None:
    long = "arn:aws:" + "x" * 5000 + ":payments-function"
    text = "".join(render(replace(REPORT, findings=(replace(DEBUG, target=long),))).split())
    assert "arn:aws:" in text
    assert "xx…xx" in text
    assert ":payments-function" in text
    assert text.count("x") < 400


def test_a_long_reason_keeps_its_lines_and_its_end() -> None:
    reason = "the program failed\n" + "  at line 1\n" * 500 + "KeyError: 'tableArn'"
    text = render(replace(UNSEEN, not_checked=(replace(UNSEEN.not_checked[0], reason=reason),)))
    assert "\n    the program failed\n    at line 1\n" in text
    assert "\n    KeyError: 'tableArn'\n" in text
    assert text.count("at line 1") < 100
