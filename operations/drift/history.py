"""What earlier runs found: one JSON line a run, appended to a file that any number of runs share.

    read → recall (since when each difference exists, and the trend) → … → append this run

Findings are kept as ids (see `identity`), so that no value gets into the file.
"""

import fcntl
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, NonNegativeInt, ValidationError, field_serializer
from pydantic.alias_generators import to_camel

from operations.drift.identity import identity
from operations.drift.report import Check, Finding, Past, Report, Severity
from operations.drift.summary import summarise

SCHEMA_VERSION: Literal[1] = 1


class HistoryError(ValueError):
    """The history can't be read. The message says which line, and what to do."""


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, validate_by_name=True)


class LeftOut(_Line):
    """A stack that a check could not look at."""

    check: Check
    project: str
    environment: str


class Run(_Line):
    """One run: what it looked at, and the ids of what it found that no declared setting explains."""

    schema_version: Literal[1] = SCHEMA_VERSION
    at: AwareDatetime
    baseline: str
    target: str
    source: str
    checks: tuple[Check, ...]
    projects: tuple[str, ...]
    not_checked: tuple[LeftOut, ...]
    drift: dict[Severity, NonNegativeInt]
    findings: frozenset[str]

    @classmethod
    def of(cls, report: Report) -> Self:
        """What the history keeps of a report."""
        return cls(
            at=report.generated_at,
            baseline=report.baseline,
            target=report.target,
            source=report.source,
            checks=report.checks,
            projects=report.projects,
            not_checked=tuple(
                LeftOut(check=left_out.check, project=left_out.project, environment=left_out.environment)
                for left_out in report.not_checked
            ),
            drift=dict(summarise(report).drift),
            findings=frozenset(
                identity(found) for found in report.findings if not found.classification.is_declared
            ),
        )

    @field_serializer("findings")
    def _in_order(self, findings: frozenset[str]) -> list[str]:
        return sorted(findings)

    def looked_at(self, finding: Finding) -> bool:
        """Whether the run could have found it: not finding it is then proof that it was not there."""
        return (
            finding.check in self.checks
            and finding.project in self.projects
            and not any(
                (left_out.check, left_out.project) == (finding.check, finding.project)
                and (finding.check is Check.PARITY or left_out.environment == finding.environment)
                for left_out in self.not_checked
            )
        )


def read(path: Path) -> tuple[Run, ...]:
    """The runs, oldest first; none where there is no file. A last line that was cut short is passed over.

    Raises HistoryError.
    """
    if not path.exists():
        return ()
    whole, _, cut_short = path.read_text(encoding="utf-8", errors="replace").rpartition("\n")
    lines = [*enumerate(whole.split("\n"), start=1)] if whole else []
    runs = [_parse(line, number, path) for number, line in lines if line.strip()]
    if (last := _parsed(cut_short)) is not None:  # whole, but for its line break
        runs.append(last)
    return tuple(sorted(runs, key=lambda run: run.at))


def recall(report: Report, runs: Iterable[Run]) -> Report:
    """The report with `since` of each finding, and the earlier runs between its environments.

    A finding exists since the first of the runs that found it one after the other. Runs that did not look
    there say nothing, either way.
    """
    before = [
        run
        for run in runs
        if (run.baseline, run.target, run.source) == (report.baseline, report.target, report.source)
        and run.at < report.generated_at
    ]
    return replace(
        report,
        findings=tuple(_dated(finding, report, before) for finding in report.findings),
        history=tuple(
            Past(at=run.at, drift=run.drift, complete=not run.not_checked)
            for run in before
            if set(run.checks) == set(report.checks) and set(run.projects) == set(report.projects)
        ),
    )


def append(path: Path, report: Report) -> None:
    """Adds the run as the last line: whole or not at all, also where others append at the same time.

    A last line that an interrupted run left unfinished is removed. Raises OSError.
    """
    line = Run.of(report).model_dump_json(by_alias=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        whole, newline, rest = file.read().rpartition(b"\n")
        if rest and _parsed(rest.decode(errors="replace")) is None:
            file.truncate(len(whole) + len(newline))
            rest = b""
        file.write((b"\n" if rest else b"") + line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _dated(finding: Finding, report: Report, before: list[Run]) -> Finding:
    if finding.classification.is_declared:
        return finding
    since, key = report.generated_at, identity(finding)
    for run in reversed(before):
        if key in run.findings:
            since = run.at
        elif run.looked_at(finding):
            break
    return replace(finding, since=since)


def _parsed(line: str) -> Run | None:
    try:
        return Run.model_validate_json(line)
    except ValidationError:
        return None


def _parse(line: str, number: int, path: Path) -> Run:
    run = _parsed(line)
    if run is None:
        raise HistoryError(
            f"{path}:{number}: this is no run that a history of version {SCHEMA_VERSION} holds.\n"
            "Remove the line, or name another file with --history."
        )
    return run
