"""Render a report as JUnit XML: one test case per finding and per rule that could not be evaluated."""

from xml.sax.saxutils import escape as xml_escape
from xml.sax.saxutils import quoteattr as xml_quoteattr

from policies.formats.printable import printable
from policies.report import PolicyFinding, PolicyReport


def escape(text: str) -> str:
    """Return text for an element. XML has no form for most control characters, so they are spelled out."""
    return xml_escape(printable(text))


def quoteattr(text: str) -> str:
    """Return text for an attribute, quotes included."""
    return xml_quoteattr(printable(text))


def render(report: PolicyReport) -> str:
    """Return the report as one test suite."""
    cases = [
        f"  <testcase classname={quoteattr(finding.violation.rule.service)} "
        f"name={quoteattr(f'{finding.violation.rule.id} {finding.violation.urn}')}>\n"
        + (
            f"    <failure message={quoteattr(finding.violation.message)}>"
            f"{escape(f'Fix: {finding.violation.rule.fix}')}</failure>\n"
            if finding.blocks
            else f"    <system-out>{escape(_aside(finding))}</system-out>\n"
        )
        + "  </testcase>"
        for finding in report.findings
    ]
    cases += [
        f"  <testcase classname={quoteattr(outcome.rule.service)} "
        f"name={quoteattr(f'{outcome.rule.id} {outcome.urn}')}>\n"
        f"    <error message={quoteattr(f'not evaluated: {outcome.path} is not known')}/>\n"
        "  </testcase>"
        for outcome in report.not_evaluated
    ]
    if not cases:
        cases = [f'  <testcase classname="policies" name={quoteattr(f"{report.rules} rules hold")}/>']
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<testsuite name={quoteattr(f'policies {report.project}/{report.environment}')} "
        f'tests="{len(cases)}" failures="{len(report.blocking)}" errors="{len(report.not_evaluated)}">\n'
        + "\n".join(cases)
        + "\n</testsuite>\n"
    )


def _aside(finding: PolicyFinding) -> str:
    message = finding.violation.message
    return f"{message} {finding.accepted.note()}" if finding.accepted else message
