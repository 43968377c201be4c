"""A report as JUnit XML, which CI systems show as tests: a suite a check, a case a finding.

Drift fails, what was not checked is an error; controlled, identity and waived differences pass with their
explanation.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from operations.drift.formats.values import printable, shown
from operations.drift.formats.wording import place, sides, worst_first
from operations.drift.report import Check, Classification, Finding, NotChecked, Report


def render(report: Report) -> str:
    """The report as one document of test suites."""
    root = Element("testsuites", name=f"drift {report.baseline} {report.target}")
    root.extend(_suite(check, report) for check in report.checks)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(check: Check, report: Report) -> Element:
    cases = [*_cases(check, report)] or [_case(f"drift.{check}", "in sync")]
    failures, errors = (sum(case.find(kind) is not None for case in cases) for kind in ("failure", "error"))
    suite = Element(
        "testsuite",
        name=f"drift {check}",
        tests=str(len(cases)),
        failures=str(failures),
        errors=str(errors),
        timestamp=f"{report.generated_at:%Y-%m-%dT%H:%M:%S}",
    )
    suite.extend(cases)
    return suite


def _cases(check: Check, report: Report) -> Iterator[Element]:
    for finding in worst_first(report.of(check)):
        yield _found(finding, report)
    for left_out in report.not_checked:
        if left_out.check is check:
            yield _left_out(left_out)


def _found(finding: Finding, report: Report) -> Element:
    before, after = sides(finding.check, report)
    case = _case(
        f"{finding.project}.{finding.environment}.{finding.type}", f"{place(finding)} ({finding.kind})"
    )
    values = f"{before}: {shown(finding.baseline)}\n{after}: {shown(finding.target)}\n"
    if finding.classification is Classification.DRIFT:
        failure = SubElement(case, "failure", type=finding.severity, message=f"{finding.severity} drift")
        failure.text = f"{values}Fix: {printable(finding.fix)}"
    else:
        note = f"{finding.classification} by {finding.explained_by}: {finding.reason}"
        SubElement(case, "system-out").text = values + printable(note)
    return case


def _left_out(left_out: NotChecked) -> Element:
    case = _case(f"{left_out.project}.{left_out.environment}", f"{left_out.check} not checked")
    error = SubElement(case, "error", type="not-checked", message=printable(left_out.reason))
    error.text = f"Fix: {printable(left_out.fix)}"
    return case


def _case(classname: str, name: str) -> Element:
    return Element("testcase", classname=printable(classname), name=printable(name))
