"""What a report comes to: counts, one status, and the line that a script greps for."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from operations.drift.report import Classification, Report, Severity, Status

WORST_FIRST: tuple[Severity, ...] = tuple(reversed(Severity))


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A report in numbers."""

    status: Status
    """Drift where any check found some, else not checked where anything was left out."""
    drift: Mapping[Severity, int]
    """Every severity, worst first; 0 where there is none."""
    controlled: int
    identity: int
    waived: int
    not_checked: int
    """Stacks, or parts of them, that a check asked for could not look at."""
    waiver_notices: int

    @property
    def total_drift(self) -> int:
        """Drift of any severity."""
        return sum(self.drift.values())


def summarise(report: Report) -> Summary:
    """Counts the report. The checks that were asked for decide the status."""
    by_class = Counter(finding.classification for finding in report.findings)
    by_severity = Counter(
        finding.severity for finding in report.findings if finding.classification is Classification.DRIFT
    )
    statuses = {report.status(check) for check in report.checks}
    return Summary(
        status=next(
            (status for status in (Status.DRIFT, Status.NOT_CHECKED) if status in statuses),
            Status.IN_SYNC if statuses else Status.NOT_CHECKED,
        ),
        drift={severity: by_severity[severity] for severity in WORST_FIRST},
        controlled=by_class[Classification.CONTROLLED],
        identity=by_class[Classification.IDENTITY],
        waived=by_class[Classification.WAIVED],
        not_checked=len(report.not_checked),
        waiver_notices=len(report.waivers),
    )


def headline(report: Report) -> str:
    """One line, such as `result: drift (1 critical, 2 medium; 14 controlled; 1 not checked)`."""
    summary = summarise(report)
    drift = ", ".join(f"{number} {severity}" for severity, number in summary.drift.items() if number)
    rest = ", ".join(
        f"{number} {name}"
        for name, number in (
            ("controlled", summary.controlled),
            ("identity", summary.identity),
            ("waived", summary.waived),
        )
        if number
    )
    left_out = f"{summary.not_checked} not checked" if summary.not_checked else ""
    counts = "; ".join(part for part in (drift, rest, left_out) if part)
    return f"result: {summary.status}" + (f" ({counts})" if counts else "")
