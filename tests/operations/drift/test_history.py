"""What earlier runs found, and since when a difference exists."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operations.drift.history import HistoryError, Run, append, read, recall
from operations.drift.report import Check, Finding, NotChecked, Report, Severity
from tests.operations.drift.formats.reports import DEBUG, EMPTY, MEMORY, OPENED, REPORT, TAGGED

FIRST = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)


def night(number: int, *findings: Finding, **other: Any) -> Report:
    return replace(EMPTY, findings=findings, generated_at=FIRST + timedelta(number), **other)


def since(report: Report, *earlier: Report) -> datetime | None:
    [found] = recall(report, map(Run.of, earlier)).findings
    return found.since


def test_there_are_no_runs_where_there_is_no_file(tmp_path: Path) -> None:
    assert read(tmp_path / "history.jsonl") == ()


def test_what_is_appended_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "history.jsonl"
    append(path, night(0, DEBUG))
    append(path, REPORT)
    assert read(path) == (Run.of(night(0, DEBUG)), Run.of(REPORT))
    assert path.read_text(encoding="utf-8").count("\n") == 2


def test_a_line_holds_ids_and_no_value(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    append(path, night(0, replace(DEBUG, baseline="sesame", target="open")))
    line = path.read_text(encoding="utf-8")
    assert "sesame" not in line
    assert json.loads(line)["drift"] == {"critical": 0, "high": 1, "medium": 0, "low": 0}


@settings(max_examples=40, deadline=None)  # a busy machine
@given(kept=st.integers(min_value=0))
def test_a_last_line_cut_short_anywhere_costs_that_run_alone(
    kept: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("cut") / "history.jsonl"
    append(path, night(0, DEBUG))
    whole = path.stat().st_size
    append(path, night(1, DEBUG))
    length = path.stat().st_size - whole
    with path.open("ab") as file:
        file.truncate(whole + kept % length)
    runs = 2 if kept % length == length - 1 else 1  # all but the line break: the run is all there
    assert len(read(path)) == runs
    append(path, night(2, DEBUG))
    assert len(read(path)) == runs + 1
    assert all(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


def test_runs_that_append_at_the_same_time_lose_none(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    many = tuple(replace(DEBUG, path=f"tags.t{number}") for number in range(1000))  # longer than any buffer
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: append(path, night(number, *many)), range(16)))
    assert [run.at for run in read(path)] == [FIRST + timedelta(number) for number in range(16)]


@pytest.mark.parametrize("line", ["{", "[]", '{"schemaVersion": 2}', "2026-11-01 drift"])
def test_a_line_that_is_no_run_is_named(line: str, tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    append(path, REPORT)
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    with pytest.raises(HistoryError, match=r"history.jsonl:2: .*\n.*Remove the line"):
        read(path)


def test_drift_exists_since_the_first_run_that_found_it() -> None:
    assert since(night(3, DEBUG), night(0), night(1, DEBUG), night(2, DEBUG)) == FIRST + timedelta(1)


def test_drift_that_was_gone_in_between_exists_since_it_came_back() -> None:
    assert since(night(3, DEBUG), night(0, DEBUG), night(1), night(2, DEBUG)) == FIRST + timedelta(2)


def test_new_drift_exists_since_this_run() -> None:
    assert since(night(1, DEBUG), night(0, OPENED)) == FIRST + timedelta(1)


@pytest.mark.parametrize(
    "blind",
    [
        night(1, not_checked=(replace(REPORT.not_checked[0], check=Check.PARITY, project="payments"),)),
        night(1, checks=(Check.CLOUD,)),
        night(1, projects=("network",)),
    ],
    ids=["stack left out", "check not asked for", "project not asked for"],
)
def test_a_run_that_did_not_look_there_interrupts_nothing(blind: Report) -> None:
    assert since(night(2, DEBUG), night(0, DEBUG), blind) == FIRST


def test_a_stack_left_out_says_nothing_of_another_environments_cloud() -> None:
    staging = NotChecked(check=Check.CLOUD, project="network", environment="staging", reason="", fix="")
    assert since(night(2, OPENED), night(0, OPENED), night(1, not_checked=(staging,))) == FIRST + timedelta(2)


@pytest.mark.parametrize("other", [{"baseline": "dev"}, {"target": "dev"}, {"source": "export"}], ids=str)
def test_other_environments_and_sources_are_another_history(other: dict[str, str]) -> None:
    assert since(night(1, DEBUG), night(0, DEBUG, **other)) == FIRST + timedelta(1)


def test_waived_differences_keep_their_age_and_controlled_ones_have_none() -> None:
    assert since(night(1, TAGGED), night(0, TAGGED)) == FIRST
    assert since(night(1, MEMORY), night(0, MEMORY)) is None


def test_the_trend_is_that_of_runs_that_asked_the_same() -> None:
    earlier = [
        night(0, DEBUG),
        night(1, OPENED, not_checked=REPORT.not_checked),
        night(2, DEBUG, checks=(Check.PARITY,)),
    ]
    history = recall(night(3), map(Run.of, earlier)).history
    assert [(past.at.day, past.complete) for past in history] == [(1, True), (2, False)]
    assert history[1].drift[Severity.CRITICAL] == 1
