"""A report for a terminal: what each check came to, drift by resource and side by side, then the rest.

The last line, `result: …`, is for scripts to grep.
"""

from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from itertools import groupby

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from operations.drift.formats.side_by_side import Line, side_by_side
from operations.drift.formats.values import shortened, shown
from operations.drift.formats.wording import (
    by_cause,
    place,
    question,
    sides,
    spelled_out,
    stacks_by_check,
    worst_first,
)
from operations.drift.report import Check, Classification, Finding, Report, Severity, Status
from operations.drift.summary import headline, summarise

WIDTH = 120
"""Columns, where there is no terminal to ask."""
LONGEST = 300
"""Characters of a value; the machine-readable formats hold it in full."""
LONGEST_REASON = 1000
"""Characters of why something was not checked: an engine's error can be long, and its end tells most."""
BRIEF = 60
"""Characters of a value that is explained."""
WIDEST_PLACE = 90
"""Columns for a resource and its property, before it is folded."""

SEVERITY_STYLES: Mapping[Severity, str] = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
}
STATUS_STYLES: Mapping[Status, str] = {
    Status.DRIFT: "bold red",
    Status.NOT_CHECKED: "yellow",
    Status.IN_SYNC: "green",
}


def render(report: Report) -> str:
    """The report in plain text."""
    written = StringIO()
    show(report, Console(file=written, width=WIDTH, no_color=True, force_terminal=False))
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines()) + "\n"


def show(report: Report, console: Console) -> None:
    """Prints the report as wide as the console is, in its colours (none where NO_COLOR is set)."""
    for part in _parts(spelled_out(report)):
        console.print(part, highlight=False)
        console.print()
    status = summarise(report).status
    console.print(Text(headline(report), STATUS_STYLES[status]), soft_wrap=True)


def _parts(report: Report) -> Iterator[RenderableType]:
    yield Group(
        Text.assemble(
            ("Drift: ", "bold"),
            (f"{report.target} against {report.baseline}", "bold"),
            (f", {report.source}, {report.generated_at:%Y-%m-%d %H:%M} UTC", "dim"),
        ),
        _checks(report),
    )
    if report.notes:
        yield _section(
            "Note", [Text.assemble((f"{name}: ", "bold"), note) for name, note in report.notes.items()]
        )
    drift = _of(report, Classification.DRIFT)
    if drift:
        yield _section("Drift", _drift(drift, report))
    controlled = _of(report, Classification.CONTROLLED)
    if controlled:
        before, after = sides(Check.PARITY, report)
        yield _section(f"Controlled variations, {before} → {after}", _explained(controlled))
    identity = _of(report, Classification.IDENTITY)
    if identity:
        before, after = sides(Check.PARITY, report)
        yield _section(f"Identity, {before} → {after}", _explained(identity))
    waived = _of(report, Classification.WAIVED)
    if waived:
        yield _section("Waived", _explained(waived))
    if report.not_checked:
        yield _section("Not checked", list(_not_checked(report)))
    if report.waivers:
        yield _section("Waivers that need attention", list(_waivers(report)))


def _checks(report: Report) -> Table:
    table = Table.grid(padding=(0, 2))
    for check in report.checks:
        status = report.status(check)
        table.add_row(
            Text(f"  {check}"), Text(status, STATUS_STYLES[status]), Text(question(check, report), "dim")
        )
    return table


def _of(report: Report, classification: Classification) -> list[Finding]:
    return worst_first(found for found in report.findings if found.classification is classification)


def _section(title: str, parts: Iterable[RenderableType]) -> RenderableType:
    return Group(Text(title, "bold"), *(Padding(part, (0, 0, 0, 2)) for part in parts))


def _drift(findings: list[Finding], report: Report) -> Iterator[RenderableType]:
    """A resource a block; the block of the worst finding comes first."""
    blocks: dict[tuple[str, ...], list[Finding]] = {}
    for found in findings:
        place = (found.check, found.project, found.environment, found.resource, found.type)
        blocks.setdefault(place, []).append(found)
    for (check, project, environment, resource, kind), group in blocks.items():
        yield ""
        yield Text.assemble(
            (resource, "bold"), (f"  {kind}  ", "dim"), f"{project}/{environment}", (f"  {check}", "cyan")
        )
        yield Padding(_side_by_side(group, sides(Check(check), report)), (0, 0, 0, 2))
        for fix in dict.fromkeys(found.fix for found in group):
            yield Padding(Text.assemble(("fix: ", "green"), fix), (0, 0, 0, 2))


def _side_by_side(findings: list[Finding], headings: tuple[str, str]) -> Table:
    since = any(found.since for found in findings)
    table = _table("severity", "property", *headings, *(("since",) if since else ()))
    for found in findings:
        table.add_row(
            Text(found.severity, SEVERITY_STYLES[found.severity]),
            found.path or f"(the resource is {found.kind})",
            *_values(found),
            *((f"{found.since:%Y-%m-%d}" if found.since else "",) if since else ()),
        )
    return table


def _explained(findings: list[Finding]) -> Iterator[RenderableType]:
    """What a setting or a waiver explains: the reason once, then all that it drives."""
    width = max(len(place(found)) for found in findings)
    by_explanation = sorted(findings, key=lambda found: (found.explained_by or "", found.reason or ""))
    for (by, reason), group in groupby(by_explanation, lambda found: (found.explained_by, found.reason)):
        yield Text.assemble((by or "", "cyan"), (f"  {reason or ''}", "dim"))
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(min_width=min(width, WIDEST_PLACE), overflow="fold")
        table.add_column(overflow="fold")
        for found in group:
            table.add_row(
                place(found), Text.assemble(_brief(found.baseline), (" → ", "dim"), _brief(found.target))
            )
        yield Padding(table, (0, 0, 0, 2))


def _not_checked(report: Report) -> Iterator[RenderableType]:
    for cause, left_out in by_cause(report.not_checked).items():
        for check, stacks in stacks_by_check(left_out).items():
            yield Text.assemble((check, "yellow"), f": {', '.join(stacks)}")
        yield Padding(Text(shortened(cause.reason, LONGEST_REASON)), (0, 0, 0, 2))
        yield Padding(Text.assemble(("fix: ", "green"), cause.fix), (0, 0, 0, 2))


def _waivers(report: Report) -> Iterator[RenderableType]:
    for notice in report.waivers:
        yield Text.assemble(
            (notice.waiver, "bold"),
            (f"  {notice.problem}", "yellow"),
            f"  {notice.owner}, expires {notice.expires}: {notice.reason}",
        )


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _values(found: Finding) -> tuple[Text, Text]:
    """Both values; of documents only the lines that differ, since a terminal has room for no more."""
    before, after = side_by_side(found.baseline, found.target)
    if not any(line.differs for line in (*before, *after)):
        return _value(found.baseline), _value(found.target)
    return _differing(before), _differing(after)


def _differing(lines: Iterable[Line]) -> Text:
    told: list[str] = []
    for differs, run in groupby(lines, lambda line: line.differs):
        told += (shortened(line.text.strip(), LONGEST) for line in run) if differs else ("…",)
    return Text("\n".join(told))


def _value(value: object) -> Text:
    return Text(shortened(shown(value), LONGEST))


def _brief(value: object) -> str:
    return shortened(shown(value), BRIEF)
