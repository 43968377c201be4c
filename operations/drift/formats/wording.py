"""The words that the formats share, and the order in which they show findings."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from operations.drift.formats.values import printable
from operations.drift.report import Check, Finding, NotChecked, Report


def subject(report: Report) -> str:
    """Return what a report is about: `prod against staging`, or the environments of the other checks."""
    if Check.PARITY in report.checks or not report.environments:
        return f"{report.target} against {report.baseline}"
    return ", ".join(report.environments)


def question(check: Check, report: Report) -> str:
    """What the check asks."""
    match check:
        case Check.CLOUD:
            return "Does the account match the state?"
        case Check.CODE:
            return "Does the state match the program?"
        case Check.PARITY:
            return f"Is {report.target} what {report.baseline} is, but for the controlled variations?"
        case Check.UNMANAGED:
            return "Does the account hold what no stack manages?"


def sides(check: Check, report: Report) -> tuple[str, str]:
    """What the two values of a check's findings belong to: headings for baseline and target."""
    match check:
        case Check.PARITY:
            return report.baseline, report.target
        case Check.CLOUD:
            return "state", "account"
        case Check.CODE:
            return "state", "program"
        case Check.UNMANAGED:
            return "stacks", "account"


def place(finding: Finding) -> str:
    """Resource and property: `payments-function.memorySize`."""
    return ".".join(part for part in (finding.resource, finding.path) if part)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """In reading order: the worst first, and what belongs to one resource together."""
    return sorted(
        findings,
        key=lambda found: (
            -found.severity.rank,
            list(Check).index(found.check),
            found.project,
            found.environment,
            found.type,
            found.resource,
            found.path,
        ),
    )


@dataclass(frozen=True)
class NotCheckedCause:
    """Why something could not be checked, and what to do about it."""

    reason: str
    fix: str


def by_cause(left_out: Iterable[NotChecked]) -> dict[NotCheckedCause, list[NotChecked]]:
    """Group what was not checked by cause: one missing credential leaves many stacks out.

    The engine's message begins with the stack's name, which is no part of the cause.
    """
    causes: dict[NotCheckedCause, list[NotChecked]] = {}
    for item in left_out:
        reason = item.reason.removeprefix(f"{item.project}/{item.environment}: ")
        causes.setdefault(NotCheckedCause(reason, item.fix), []).append(item)
    return causes


def stacks_by_check(left_out: Iterable[NotChecked]) -> dict[Check, list[str]]:
    """Return the stacks that each check could not look at, such as `payments/prod`."""
    checks: dict[Check, list[str]] = {}
    for item in left_out:
        checks.setdefault(item.check, []).append(f"{item.project}/{item.environment}")
    return checks


def checks_by_stacks(left_out: Iterable[NotChecked], report: Report) -> dict[str, list[Check]]:
    """Return the checks that could not look at the same stacks, by the names of these, or `every stack`."""
    environments = {report.baseline, report.target} if not report.environments else {*report.environments}
    every = {f"{project}/{name}" for project in report.projects for name in environments}
    checks: dict[str, list[Check]] = {}
    for check, stacks in stacks_by_check(left_out).items():
        of_environments = (
            check is Check.UNMANAGED and {each.partition("/")[2] for each in stacks} >= environments
        )
        names = "every stack" if of_environments or every <= {*stacks} else ", ".join(stacks)
        checks.setdefault(names, []).append(check)
    return checks


def spelled_out(report: Report) -> Report:
    """The report, control characters spelled out in all texts that an account or an error message fills."""
    return replace(
        report,
        findings=tuple(
            replace(
                found,
                resource=printable(found.resource),
                type=printable(found.type),
                path=printable(found.path),
                explained_by=found.explained_by and printable(found.explained_by),
                reason=found.reason and printable(found.reason),
                fix=_in_lines(found.fix),
            )
            for found in report.findings
        ),
        not_checked=tuple(
            replace(item, reason=_in_lines(item.reason), fix=_in_lines(item.fix))
            for item in report.not_checked
        ),
        notes={printable(name): printable(note) for name, note in report.notes.items()},
    )


def _in_lines(text: str) -> str:
    return "\n".join(printable(line.strip()) for line in text.splitlines() if line.strip())
