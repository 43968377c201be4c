"""A report as one page that needs nothing else: for whoever decides, and for whoever mends.

The page is the template `html/page.html.j2` with its style and its script inside. Its content security policy
names these two by their hashes: it loads and runs nothing else, whatever an account puts into a value.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup

from operations.drift.formats.side_by_side import Line, side_by_side
from operations.drift.formats.trend import HEIGHT, WIDTH, bars
from operations.drift.formats.wording import (
    by_cause,
    place,
    question,
    sides,
    spelled_out,
    stacks_by_check,
    subject,
    worst_first,
)
from operations.drift.identity import fingerprint
from operations.drift.report import Classification, Finding, Report, Severity, Status
from operations.drift.summary import Summary, summarise

FOLDER = Path(__file__).with_name("html")


@dataclass(frozen=True, kw_only=True)
class Row:
    """A finding, as a row of a table."""

    finding: Finding
    place: str
    before: tuple[Line, ...]
    after: tuple[Line, ...]
    age: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """Findings that belong together: those of a resource, or those that one setting or waiver explains."""

    first: Finding
    headings: tuple[str, str]
    rows: tuple[Row, ...]

    @property
    def fixes(self) -> tuple[str, ...]:
        """What to do, each once."""
        return tuple(dict.fromkeys(row.finding.fix for row in self.rows))


def render(report: Report) -> str:
    """The report as one HTML document."""
    style, script = _own("page.css"), _own("page.js")
    shown = spelled_out(report)
    summary = summarise(shown)
    return _template().render(
        policy=_policy(style, script),
        style=Markup(style),  # noqa: S704  our own file
        script=Markup(script),  # noqa: S704  our own file
        report=shown,
        subject=subject(shown),
        summary=summary,
        verdict=_verdict(summary),
        fingerprint=fingerprint(report),
        checks=[(check, question(check, shown)) for check in shown.checks],
        severities=list(reversed(Severity)),
        classes=list(Classification),
        drift=_groups(shown, Classification.DRIFT),
        controlled=_groups(shown, Classification.CONTROLLED),
        identity=_groups(shown, Classification.IDENTITY),
        waived=_groups(shown, Classification.WAIVED),
        left_out=[(cause, stacks_by_check(items)) for cause, items in by_cause(shown.not_checked).items()],
        trend=bars(shown),
        trend_size=(WIDTH, HEIGHT),
    )


def _verdict(summary: Summary) -> str:
    """The outcome in a sentence."""
    match summary.status:
        case Status.DRIFT:
            worst = next(severity for severity, number in summary.drift.items() if number)
            number = summary.total_drift
            what = "1 difference needs" if number == 1 else f"{number} differences need"
            return f"{what} attention; the worst is {worst}."
        case Status.NOT_CHECKED:
            return "No drift was found, but not everything could be looked at."
        case Status.IN_SYNC:
            return "Whatever differs is declared or waived."


def _groups(report: Report, classification: Classification) -> list[Group]:
    groups: dict[Sequence[str | None], list[Finding]] = {}
    for found in worst_first(report.findings):
        if found.classification is classification:
            groups.setdefault(_together(found), []).append(found)
    ordered = [*groups.values()]
    if classification is not Classification.DRIFT:
        ordered.sort(key=lambda group: group[0].explained_by or "")
    return [_group(found, report) for found in ordered]


def _together(found: Finding) -> Sequence[str | None]:
    if found.classification is Classification.DRIFT:
        return (found.check, found.project, found.environment, found.type, found.resource)
    return (found.explained_by, found.check)


def _group(found: list[Finding], report: Report) -> Group:
    return Group(
        first=found[0],
        headings=sides(found[0].check, report),
        rows=tuple(_rows(found, report.generated_at)),
    )


def _rows(findings: list[Finding], now: datetime) -> Iterator[Row]:
    for found in findings:
        before, after = side_by_side(found.baseline, found.target)
        yield Row(finding=found, place=place(found), before=before, after=after, age=_age(found.since, now))


def _age(since: datetime | None, now: datetime) -> str:
    if since is None:
        return ""
    days = (now - since).days
    return "new" if days < 1 else "1 day" if days == 1 else f"{days} days"


def _policy(style: str, script: str) -> str:
    allowed: Mapping[str, str] = {
        "default-src": "'none'",
        "style-src": _hash(style),
        "script-src": _hash(script),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{directive} {source}" for directive, source in allowed.items())


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _own(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("page.html.j2")
