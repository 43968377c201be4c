"""What a run's exit code is."""

from operations.drift.report import Classification, Report, Severity

IN_SYNC, DRIFT, NOT_CHECKED = 0, 1, 2


def exit_code(report: Report, *, fail_on: Severity = Severity.LOW, allow_incomplete: bool = False) -> int:
    """2 where anything asked for was not checked, else 1 for drift of that severity or worse, else 0."""
    if report.not_checked and not allow_incomplete:
        return NOT_CHECKED
    serious = any(
        finding.classification is Classification.DRIFT and finding.severity.rank >= fail_on.rank
        for finding in report.findings
    )
    return DRIFT if serious else IN_SYNC
