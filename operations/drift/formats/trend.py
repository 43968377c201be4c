"""Drift over time as bars: one a run, its findings stacked with the worst at the bottom."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from operations.drift.report import Report, Severity
from operations.drift.summary import WORST_FIRST, summarise

MOST_RUNS = 60
"""Two months of nights."""
WIDTH, HEIGHT = 600, 80
"""Of the drawing, in its own units."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """The findings of one severity, as a rectangle of a bar."""

    severity: Severity
    y: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One run."""

    at: datetime
    total: int
    told: str
    """The run in words."""
    complete: bool
    x: float
    width: float
    parts: tuple[Part, ...]


def bars(report: Report) -> tuple[Bar, ...]:
    """The latest runs and this one, oldest first; none without a history."""
    if not report.history:
        return ()
    summary = summarise(report)
    runs = [
        *((past.at, past.drift, past.complete) for past in report.history),
        (report.generated_at, summary.drift, not summary.not_checked),
    ][-MOST_RUNS:]
    highest = max(1, *(sum(drift.values()) for _, drift, _ in runs))
    step = min(WIDTH / len(runs), 24)
    return tuple(
        Bar(
            at=at,
            total=sum(drift.values()),
            told=_told(at, drift, complete),
            complete=complete,
            x=round(index * step, 2),
            width=round(step * 0.75, 2),
            parts=tuple(_parts(drift, HEIGHT / highest)),
        )
        for index, (at, drift, complete) in enumerate(runs)
    )


def _parts(drift: Mapping[Severity, int], each: float) -> Iterator[Part]:
    floor = float(HEIGHT)
    for severity in WORST_FIRST:
        if number := drift.get(severity, 0):
            floor -= number * each
            yield Part(severity=severity, y=round(floor, 2), height=round(number * each, 2))


def _told(at: datetime, drift: Mapping[Severity, int], complete: bool) -> str:
    counts = ", ".join(f"{drift[severity]} {severity}" for severity in WORST_FIRST if drift.get(severity))
    return f"{at:%Y-%m-%d}: {counts or 'no drift'}{'' if complete else ', not all checked'}"
