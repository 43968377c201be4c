"""A report for people: what must be mended first, then what is worth knowing, and a line of numbers."""

from collections.abc import Iterator

from policies.report import Finding, Report


def render(report: Report) -> str:
    """The report in lines."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    for heading, findings in (
        ("Violations", report.blocking),
        ("Advice", report.advisory),
        ("Accepted for now", report.accepted),
    ):
        if findings:
            yield f"{heading}:"
            for finding in findings:
                yield from _finding(finding)
            yield ""
    if report.not_evaluated:
        yield "Not evaluated, because a value is not known yet:"
        for outcome in report.not_evaluated:
            yield f"  {outcome.rule.id}  {outcome.urn}  {outcome.path}"
        yield ""
    if report.unused_exceptions:
        yield "Exceptions that nothing needs any more:"
        for exception in report.unused_exceptions:
            yield f"  {exception.rule}  {exception.urn}  ({exception.owner})"
        yield ""
    yield (
        f"{report.project}/{report.environment}: {report.resources} resources, {report.rules} rules, "
        f"{len(report.blocking)} violations, {len(report.advisory)} advisory, "
        f"{len(report.accepted)} accepted, {len(report.not_evaluated)} not evaluated"
    )


def _finding(finding: Finding) -> Iterator[str]:
    rule = finding.violation.rule
    yield f"  {rule.id} ({rule.severity})  {finding.violation.urn}"
    yield f"    {finding.violation.message}"
    if finding.accepted:
        yield f"    {finding.accepted.note()}"
        return
    yield f"    Fix: {rule.fix}"
    if finding.expired:
        yield f"    {finding.expired.expiry_note()}"
