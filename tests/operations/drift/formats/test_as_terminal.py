"""The report for a terminal."""

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from operations.drift.formats.as_terminal import render, show
from operations.drift.report import Check, Classification, Report
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
    assert "  cloud, code, parity, unmanaged: every stack\n" in text
    some = replace(UNSEEN, not_checked=UNSEEN.not_checked[:2])
    assert f": {some.not_checked[0].project}/{some.not_checked[0].environment}" in render(some)


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


@pytest.mark.parametrize("width", [40, 80, 100, 120])
def test_every_controlled_value_is_shown_whatever_the_width(width: int) -> None:
    long = "payments-dashboard.dashboardBody.widgets[1].properties.annotations.horizontal[0].value"
    deep = replace(MEMORY, resource="payments-dashboard", path=long.partition(".")[2], baseline=5, target=1)
    text = shown(replace(IN_SYNC, findings=(MEMORY, deep)), width)
    assert "1024 → 2048" in text
    assert "5 → 1" in text
    assert long in "".join(line.strip() for line in text.splitlines())
    assert max(map(len, text.splitlines()[:-1])) <= width


def test_values_stand_beside_their_places_where_there_is_room() -> None:
    assert "    payments-function.memorySize  1024 → 2048\n" in shown(IN_SYNC, 80)
    assert "    payments-function.memorySize\n      1024 → 2048\n" in shown(IN_SYNC, 40)


def test_an_identity_setting_is_one_line_however_many_places_hold_it() -> None:
    places = tuple(
        replace(
            MEMORY, classification=Classification.IDENTITY, path=f"policy.{number}", baseline="a", target="b"
        )
        for number in range(7)
    )
    text = shown(replace(IN_SYNC, findings=places), 80)
    assert text.count("a → b") == 1
    assert "and 6 more place(s)" in text


def test_only_a_comparison_is_titled_as_one() -> None:
    of_dev = replace(IN_SYNC, checks=(Check.CLOUD,), environments=("dev",), findings=())
    assert render(of_dev).splitlines()[0].startswith("Drift: dev, ")
    assert render(IN_SYNC).splitlines()[0].startswith("Drift: prod against staging, ")


def shown(report: Report, width: int) -> str:
    written = StringIO()
    show(report, Console(file=written, width=width, no_color=True))
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines()) + "\n"
