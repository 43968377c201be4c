"""A report for a pull request's comment or a step summary, cut with a note where it is too long.

Values stand in code spans, in which neither Markdown, HTML nor @mentions mean anything.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

from operations.drift.formats.values import shortened, shown
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
from operations.drift.report import Classification, Report
from operations.drift.summary import headline

LIMIT = 65_536
"""Characters that GitHub takes in a comment (an issue's body and a step summary take no less)."""
LONGEST, LONGEST_PROSE = 200, 500
"""Characters of a value, and of a reason or a fix."""


def render(report: Report) -> str:
    """The report, with as many rows a table as there is room for."""
    report, mark = spelled_out(report), fingerprint(report)
    most = max(len(report.findings), len(report.not_checked), len(report.waivers))
    whole = _document(report, mark, most)
    if len(whole) <= LIMIT:
        return whole
    rows = bisect_right(range(1, most), LIMIT, key=lambda rows: len(_document(report, mark, rows)))
    return _document(report, mark, rows)


def _document(report: Report, mark: str, rows: int) -> str:
    return (
        "\n".join([f"<!-- drift {report.baseline} {report.target} {mark} -->", *_lines(report, rows)]) + "\n"
    )


def _lines(report: Report, rows: int) -> Iterator[str]:
    yield f"## Drift: {subject(report)}"
    yield ""
    yield f"**{headline(report)}**"
    yield ""
    yield "| Check | Status | Drift | Controlled | Identity | Waived | Not checked |"
    yield "|---|---|--:|--:|--:|--:|--:|"
    for check in report.checks:
        counts = [len(report.of(check, kind)) for kind in Classification]
        left_out = sum(item.check is check for item in report.not_checked)
        yield _row(
            f"**{check}**: {question(check, report)}", report.status(check), *map(str, [*counts, left_out])
        )
    for name, note in report.notes.items():
        yield from ("", f"> **{_prose(name)}**: {_prose(note)}")
    yield from _drift(report, rows)
    yield from _not_checked(report, rows)
    yield from _explained(report, Classification.CONTROLLED, "Controlled variations", "Setting", rows)
    yield from _explained(report, Classification.IDENTITY, "Identity", "Setting", rows)
    yield from _explained(report, Classification.WAIVED, "Waived", "Waiver", rows)
    yield from _waivers(report, rows)
    yield ""
    yield f"{report.generated_at:%Y-%m-%d %H:%M} UTC, from {report.source}."


def _drift(report: Report, rows: int) -> Iterator[str]:
    for check in report.checks:
        found = worst_first(report.of(check, Classification.DRIFT))
        if not found:
            continue
        before, after = sides(check, report)
        yield from ("", f"### Drift: {check}", "")
        yield f"| Severity | Stack | Resource | Property | {before} | {after} | Since |"
        yield "|---|---|---|---|---|---|---|"
        for item in found[:rows]:
            yield _row(
                item.severity,
                f"{item.project}/{item.environment}",
                _code(item.resource),
                _code(item.path) if item.path else f"*the resource is {item.kind}*",
                _code(shown(item.baseline)),
                _code(shown(item.target)),
                f"{item.since:%Y-%m-%d}" if item.since else "",
            )
        yield from _more(len(found) - rows)
        yield ""
        yield from (f"- {_prose(fix)}" for fix in [*dict.fromkeys(item.fix for item in found)][:rows])


def _explained(
    report: Report, classification: Classification, title: str, by: str, rows: int
) -> Iterator[str]:
    found = [item for item in report.findings if item.classification is classification]
    if not found:
        return
    yield from ("", f"<details><summary>{title} ({len(found)})</summary>", "")
    yield f"| {by} | Property | From | To | Why |"
    yield "|---|---|---|---|---|"
    for item in sorted(found, key=lambda item: (item.explained_by or "", place(item)))[:rows]:
        yield _row(
            _code(item.explained_by or ""),
            _code(place(item)),
            _code(shown(item.baseline)),
            _code(shown(item.target)),
            _prose(item.reason or ""),
        )
    yield from _more(len(found) - rows)
    yield from ("", "</details>")


def _not_checked(report: Report, rows: int) -> Iterator[str]:
    if not report.not_checked:
        return
    causes = by_cause(report.not_checked)
    yield from ("", "### Not checked", "")
    for cause, left_out in [*causes.items()][:rows]:
        stacks = "; ".join(f"**{name}** {', '.join(of)}" for name, of in stacks_by_check(left_out).items())
        yield f"- {stacks}: {_code(' '.join(cause.reason.split()))} {_prose(cause.fix)}"
    yield from _more(len(causes) - rows)


def _waivers(report: Report, rows: int) -> Iterator[str]:
    if not report.waivers:
        return
    yield from ("", "### Waivers that need attention", "")
    for notice in report.waivers[:rows]:
        yield (
            f"- {_code(notice.waiver)} is {_prose(notice.problem)} ({_prose(notice.owner)}, "
            f"expires {notice.expires}): {_prose(notice.reason)}"
        )
    yield from _more(len(report.waivers) - rows)


def _more(number: int) -> Iterator[str]:
    if number > 0:
        yield from ("", f"*… and {number} more, which the other formats list.*")


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _code(text: str) -> str:
    """A code span, with a fence that its text does not hold. Tables want pipes escaped even there."""
    text = shortened(text, LONGEST).replace("|", r"\|")
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}" if text else ""


def _prose(text: str) -> str:
    """Plain text: nothing in it is markup, and nobody is mentioned."""
    plain = shortened(" ".join(text.split()), LONGEST_PROSE)
    return re.sub(r"([\\`*_{}\[\]<>()#+!|~&-])", r"\\\1", plain).replace("@", "@\u200b")
