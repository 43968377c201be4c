"""Drift over time."""

from dataclasses import replace
from datetime import timedelta

from operations.drift.formats.trend import HEIGHT, MOST_RUNS, WIDTH, bars
from operations.drift.report import Past, Report, Severity
from tests.operations.drift.formats.reports import EMPTY, REPORT


def after(*totals: int) -> Report:
    history = tuple(
        Past(
            at=EMPTY.generated_at - timedelta(len(totals) - number),
            drift={Severity.MEDIUM: total},
            complete=True,
        )
        for number, total in enumerate(totals)
    )
    return replace(REPORT, history=history)


def test_without_a_history_there_is_none() -> None:
    assert bars(REPORT) == ()


def test_this_run_is_the_last_bar() -> None:
    assert [bar.total for bar in bars(after(0, 4))] == [0, 4, 3]


def test_the_highest_bar_fills_the_drawing_and_the_worst_is_at_its_bottom() -> None:
    *_, four, three = bars(after(4))
    assert [(part.y, part.height) for part in four.parts] == [(0, HEIGHT)]
    assert [part.severity for part in three.parts] == [Severity.CRITICAL, Severity.HIGH]
    assert three.parts[0].y + three.parts[0].height == HEIGHT
    assert three.parts[1].y + three.parts[1].height == three.parts[0].y


def test_only_the_latest_runs_are_drawn_within_the_drawing() -> None:
    drawn = bars(after(*range(200)))
    assert len(drawn) == MOST_RUNS
    assert drawn[-2].total == 199
    assert drawn[-1].x + drawn[-1].width <= WIDTH


def test_a_run_is_told_in_words() -> None:
    assert [bar.told for bar in bars(after(0))] == [
        "2026-11-23: no drift",
        "2026-11-24: 1 critical, 2 high, not all checked",
    ]
