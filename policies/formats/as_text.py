"""Render a report for people: violations first, then advice, and a line of numbers."""

from collections.abc import Iterable, Iterator

from policies.evaluation import NotEvaluated
from policies.formats.printable import printable
from policies.report import PolicyFinding, PolicyReport

_NAMED = 3
"""Rules and resources of what could not be evaluated that the text names; the JSON report has all."""


def render(report: PolicyReport) -> str:
    """Return the report as lines of text."""
    return "\n".join(map(printable, _lines(report))) + "\n"


def _lines(report: PolicyReport) -> Iterator[str]:
    for heading, findings in (
        ("Violations", report.blocking),
        ("Advice", report.advisory),
        ("Accepted", report.accepted),
    ):
        if findings:
            yield f"{heading}:"
            for finding in findings:
                yield from _finding(finding)
            yield ""
    if report.not_evaluated:
        yield _not_evaluated(report.not_evaluated)
        yield ""
    if report.unused_exceptions:
        yield "Unused exceptions:"
        for exception in report.unused_exceptions:
            yield f"  {exception.rule}  {exception.urn}  ({exception.owner})"
        yield ""
    yield (
        f"{report.project}/{report.environment}: {report.resources} resources, {report.rules} rules, "
        f"{len(report.blocking)} violations, {len(report.advisory)} advisory, "
        f"{len(report.accepted)} accepted, {len(report.not_evaluated)} not evaluated"
    )


def _not_evaluated(outcomes: Iterable[NotEvaluated]) -> str:
    """Return one line about all rules that could not be evaluated."""
    outcomes = list(outcomes)
    rules = _some(outcome.rule.id for outcome in outcomes)
    values = _some(f"{outcome.urn.rpartition('::')[2]}.{outcome.path}" for outcome in outcomes)
    times = "once" if len(outcomes) == 1 else f"{len(outcomes)} times"
    return f"Not evaluated {times}, because values are unknown before the update: {rules} (values: {values})"


def _some(names: Iterable[str]) -> str:
    """Return the first names, each once, and how many more there are."""
    unique = list(dict.fromkeys(names))
    more = len(unique) - _NAMED
    return ", ".join(unique[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _finding(finding: PolicyFinding) -> Iterator[str]:
    rule = finding.violation.rule
    yield f"  {rule.id} ({rule.severity})  {finding.violation.urn}"
    yield f"    {finding.violation.message}"
    if finding.accepted:
        yield f"    {finding.accepted.note()}"
        return
    yield f"    Fix: {rule.fix}"
    if finding.expired:
        yield f"    {finding.expired.expiry_note()}"
