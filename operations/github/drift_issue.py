"""One issue for each set of drift: opened when it is found, kept up to date, closed when it is gone.

    report (JSON) + open issues → decide → steps → gh

A set is known by its fingerprint, which stays the same from night to night as long as the same things drift.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from operations.github.command_line import BOT, Gh
from operations.github.reports import DriftReport

LABEL = "drift"
LONGEST_BODY = 60_000
"""Characters; GitHub takes 65,536 (https://github.com/orgs/community/discussions/27190)."""
_MARKER = re.compile(r"<!-- drift of (?P<pair>\S+) (?P<fingerprint>\S+) -->")


@dataclass(frozen=True, kw_only=True)
class Issue:
    """An open issue with the label."""

    number: int
    body: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing to do on GitHub."""

    action: Literal["open", "update", "close"]
    number: int | None = None
    """Of the issue; None for a new one."""
    title: str = ""
    text: str = ""
    """The body; for a closed issue its last comment."""


def decide(report: DriftReport, body: str, issues: Sequence[Issue]) -> list[Step]:
    """What to do, given tonight's report with its text, and the open issues.

    Nothing is closed because something could not be checked: only a run that saw everything may say that
    drift is gone, or that it became another set.
    """
    pair, fingerprint = f"{report.baseline}/{report.target}", report.summary.fingerprint
    drift = report.summary.drift.total
    unchecked = report.summary.notChecked or any(
        check.status == "not-checked" for check in report.checks.values()
    )
    ours = {issue.number: mark for issue in issues if (mark := _mark(issue)) and mark[0] == pair}
    same = [number for number, mark in ours.items() if mark[1] == fingerprint]
    steps: list[Step] = []
    if drift:
        text = f"<!-- drift of {pair} {fingerprint} -->\n{_shortened(body)}"
        action: Literal["open", "update"] = "update" if same else "open"
        steps.append(
            Step(action=action, number=min(same, default=None), title=_title(report, drift), text=text)
        )
    if unchecked:
        return steps
    gone = "Something else drifts now." if drift else "The nightly run found no drift any more."
    kept = min(same, default=None) if drift else None
    return steps + [Step(action="close", number=number, text=gone) for number in ours if number != kept]


def carry_out(steps: Sequence[Step], gh: Gh) -> list[str]:
    """Do the steps; returns a line about each. Raises GitHubFailed."""
    told = []
    for step in steps:
        match step.action:
            case "open":
                gh(
                    ["issue", "create", "--title", step.title, "--label", LABEL, "--body-file", "-"],
                    step.text,
                )
                told.append(f"opened: {step.title}")
            case "update":
                number = str(step.number)
                gh(["issue", "edit", number, "--title", step.title, "--body-file", "-"], step.text)
                told.append(f"updated #{number}: {step.title}")
            case "close":
                number = str(step.number)
                gh(["issue", "close", number, "--comment", step.text], "")
                told.append(f"closed #{number}: {step.text}")
    return told


def open_issues(gh: Gh) -> list[Issue]:
    """The open issues with the label that the workflow's own login wrote. Raises GitHubFailed.

    Anybody may write an issue that carries a marker: it is left alone. The label is made where there is none.
    """
    gh(
        ["label", "create", LABEL, "--description", "Environments differ from what is declared", "--force"],
        "",
    )
    pages = gh(
        [
            *("api", "--paginate", "--slurp"),
            f"repos/{{owner}}/{{repo}}/issues?labels={LABEL}&state=open&per_page=100",
        ],
        "",
    )
    return [
        Issue(number=each["number"], body=each["body"] or "")
        for page in json.loads(pages)
        for each in page
        if each["user"]["login"] == BOT and "pull_request" not in each
    ]


def _mark(issue: Issue) -> tuple[str, str] | None:
    found = _MARKER.match(issue.body)
    return (found["pair"], found["fingerprint"]) if found else None


def _title(report: DriftReport, drift: int) -> str:
    findings = "1 finding" if drift == 1 else f"{drift} findings"
    counts = report.summary.drift
    worst = next(
        (severity for severity in ("critical", "high", "medium", "low") if getattr(counts, severity)), "low"
    )
    return f"Drift: {report.target} against {report.baseline}, {findings}, worst {worst}"


def _shortened(body: str) -> str:
    if len(body) <= LONGEST_BODY:
        return body
    return f"{body[:LONGEST_BODY]}\n\n… shortened: the whole report is an artifact of the workflow's run."
