"""A report for a terminal: what each check came to, drift by resource and side by side, then the rest.

The last line, `result: …`, is for scripts to grep.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from itertools import groupby

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from operations.drift.formats.side_by_side import Line, side_by_side
from operations.drift.formats.values import shortened, shown
from operations.drift.formats.wording import (
    by_cause,
    checks_by_stacks,
    place,
    question,
    sides,
    spelled_out,
    subject,
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
"""Columns for a resource and its property, beside which the values stand."""
GAP = 2
"""Columns between a place and its values, and of an indentation."""

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
            (subject(report), "bold"),
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
        yield _section(f"Identity, {before} → {after}", _identity(identity))
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
    """Yield what a setting or a waiver explains: the reason once, then each place with its values."""
    width = max(len(place(found)) for found in findings)
    for (by, reason), group in _by_explanation(findings):
        yield Text.assemble((by or "", "cyan"), (f"  {reason or ''}", "dim"))
        yield Padding(_Places(group, width), (0, 0, 0, 2))


def _identity(findings: list[Finding]) -> Iterator[RenderableType]:
    """Yield what an identity setting explains: its values once, and how many places hold them."""
    for (by, reason), group in _by_explanation(findings):
        yield Text.assemble((by or "", "cyan"), (f"  {reason or ''}", "dim"))
        values: dict[str, list[Finding]] = {}
        for found in group:
            values.setdefault(_change(found).plain, []).append(found)
        for same in values.values():
            more = f"  and {len(same) - 1} more place(s)" if same[1:] else ""
            yield Padding(
                Text.assemble(_change(same[0]), ("  " + place(same[0]) + more, "dim")), (0, 0, 0, 2)
            )


def _by_explanation(
    findings: list[Finding],
) -> Iterator[tuple[tuple[str | None, str | None], list[Finding]]]:
    ordered = sorted(findings, key=lambda found: (found.explained_by or "", found.reason or ""))
    for explanation, group in groupby(ordered, lambda found: (found.explained_by, found.reason)):
        yield explanation, list(group)


def _change(found: Finding) -> Text:
    return Text.assemble(_brief(found.baseline), (" → ", "dim"), _brief(found.target))


class _Places:
    """Places with their values: beside each other where there is room, else each value below its place."""

    def __init__(self, findings: Sequence[Finding], width: int) -> None:
        self._findings, self._width = findings, width

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        changes = [_change(found) for found in self._findings]
        widest = min(self._width, WIDEST_PLACE)
        beside = widest + GAP + max(len(change.plain) for change in changes) <= options.max_width
        for found, change in zip(self._findings, changes, strict=True):
            if beside:
                yield Text.assemble(place(found).ljust(widest + GAP), change)
            else:
                yield Text(place(found), overflow="fold")
                yield Padding(change, (0, 0, 0, GAP))


def _not_checked(report: Report) -> Iterator[RenderableType]:
    for cause, left_out in by_cause(report.not_checked).items():
        for stacks, checks in checks_by_stacks(left_out, report).items():
            yield Text.assemble((", ".join(checks), "yellow"), f": {stacks}")
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
