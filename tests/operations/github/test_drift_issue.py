import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from operations.drift.formats.as_json import document
from operations.drift.report import Check, Classification, Finding, Kind, NotChecked, Report, Severity
from operations.github.command_line import BOT, GitHubFailed
from operations.github.drift_issue import LONGEST_BODY, Issue, Step, carry_out, decide, open_issues
from operations.github.reports import DriftReport

EVERY_CHECK = tuple(Check)


def finding(path: str = "memorySize", severity: Severity = Severity.MEDIUM) -> Finding:
    return Finding(
        check=Check.PARITY,
        project="payments",
        environment="prod",
        resource="payments-function",
        type="aws:lambda/function:Function",
        path=path,
        kind=Kind.CHANGED,
        classification=Classification.DRIFT,
        severity=severity,
        baseline=1,
        target=2,
        fix="deploy prod again",
    )


def written(
    *findings: Finding, unchecked: bool = False, checks: tuple[Check, ...] = EVERY_CHECK
) -> dict[str, Any]:
    """The report as the script writes it."""
    left_out = NotChecked(
        check=Check.CLOUD, project="network", environment="prod", reason="no way in", fix="log in"
    )
    return document(
        Report(
            baseline="staging",
            target="prod",
            source="live",
            generated_at=datetime(2026, 1, 31, tzinfo=UTC),
            checks=checks,
            projects=("network", "payments"),
            findings=findings,
            not_checked=(left_out,) if unchecked else (),
        )
    )


def report(
    *findings: Finding, unchecked: bool = False, checks: tuple[Check, ...] = EVERY_CHECK
) -> DriftReport:
    return DriftReport.model_validate(written(*findings, unchecked=unchecked, checks=checks))


def known(number: int, of: DriftReport, pair: str = "staging/prod") -> Issue:
    """An open issue about the drift of a report."""
    return Issue(number=number, body=f"<!-- drift of {pair} {of.summary.fingerprint} -->\nwas there")


def brief(steps: Sequence[Step]) -> list[tuple[str, int | None]]:
    return [(step.action, step.number) for step in steps]


def test_new_drift_opens_an_issue_that_names_it() -> None:
    (step,) = decide(report(finding(), finding("timeout", Severity.HIGH)), "the findings", [])
    assert (step.action, step.number) == ("open", None)
    assert step.title == "Drift: prod against staging, 2 findings, worst high"
    assert step.text.endswith("\nthe findings")


def test_the_issue_of_one_night_is_found_the_next() -> None:
    (opened,) = decide(report(finding()), "", [])
    assert brief(decide(report(finding()), "", [Issue(number=7, body=opened.text)])) == [("update", 7)]


def test_other_drift_is_another_issue_and_closes_the_former() -> None:
    former = known(7, report(finding("timeout")))
    assert brief(decide(report(finding()), "", [former])) == [("open", None), ("close", 7)]


def test_drift_that_is_gone_closes_its_issue() -> None:
    (step,) = decide(report(), "", [known(7, report(finding()))])
    assert (step.action, step.number) == ("close", 7)
    assert "no drift any more" in step.text


@pytest.mark.parametrize(
    "incomplete",
    [report(unchecked=True), report(checks=(Check.PARITY,))],
    ids=["left out", "not asked for"],
)
def test_a_run_that_did_not_see_everything_closes_nothing(incomplete: DriftReport) -> None:
    assert decide(incomplete, "", [known(7, report(finding()))]) == []


def test_drift_that_an_incomplete_run_finds_is_told_all_the_same() -> None:
    former = known(7, report(finding("timeout")))
    assert brief(decide(report(finding(), unchecked=True), "", [former])) == [("open", None)]


def test_issues_of_another_pair_and_of_people_are_left_alone() -> None:
    others = [known(7, report(finding()), pair="dev/staging"), Issue(number=8, body="I saw drift!")]
    assert decide(report(), "", others) == []


def test_of_two_issues_about_the_same_the_older_stays() -> None:
    same = report(finding())
    assert brief(decide(same, "", [known(9, same), known(7, same)])) == [("update", 7), ("close", 9)]


def test_a_long_report_is_shortened_to_what_github_takes() -> None:
    (step,) = decide(report(finding()), "x" * 100_000, [])
    assert LONGEST_BODY < len(step.text) < 65_536
    assert "whole report" in step.text[-100:]


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault of the strategy
@given(
    nights=st.lists(
        st.sets(st.sampled_from(["memorySize", "timeout", "architectures"])), min_size=1, max_size=6
    )
)
def test_after_every_night_exactly_that_nights_drift_has_an_issue(nights: list[set[str]]) -> None:
    open_ones: dict[int, str] = {}
    opened = 0
    for night in nights:
        tonight = report(*(finding(path) for path in sorted(night)))
        for step in decide(tonight, "", [Issue(number=each, body=body) for each, body in open_ones.items()]):
            match step.action, step.number:
                case "open", _:
                    opened += 1
                    open_ones[opened] = step.text
                case "update", int(number):
                    open_ones[number] = step.text
                case "close", int(number):
                    del open_ones[number]
        assert len(open_ones) == (1 if night else 0)
        assert all(tonight.summary.fingerprint in body for body in open_ones.values())


class FakeGh:
    def __init__(self, answer: str = "") -> None:
        self.calls: list[tuple[list[str], str]] = []
        self._answer = answer

    def __call__(self, arguments: Sequence[str], text: str) -> str:
        self.calls.append((list(arguments), text))
        return self._answer


def test_steps_become_commands_of_gh_with_bodies_on_standard_input() -> None:
    gh = FakeGh()
    told = carry_out(
        [
            Step(action="open", title="Drift", text="body"),
            Step(action="update", number=7, title="Drift", text="body"),
            Step(action="close", number=8, text="gone"),
        ],
        gh,
    )
    assert gh.calls == [
        (["issue", "create", "--title", "Drift", "--label", "drift", "--body-file", "-"], "body"),
        (["issue", "edit", "7", "--title", "Drift", "--body-file", "-"], "body"),
        (["issue", "close", "8", "--comment", "gone"], ""),
    ]
    assert told == ["opened: Drift", "updated #7: Drift", "closed #8: gone"]


def listed(number: int, login: str = BOT, **more: Any) -> dict[str, Any]:
    return {"number": number, "body": "text", "user": {"login": login}, **more}


def test_open_issues_are_those_with_the_label_that_the_workflow_wrote() -> None:
    others = [listed(8, "mallory"), listed(9, "dependabot[bot]"), listed(10, pull_request={})]
    gh = FakeGh(json.dumps([[listed(7), *others], [listed(11, body=None)]]))
    assert open_issues(gh) == [Issue(number=7, body="text"), Issue(number=11, body="")]
    assert "labels=drift&state=open" in gh.calls[-1][0][-1]


@pytest.mark.parametrize(
    "spoiled",
    [
        {"baseline": "prod --> <img>"},
        {"target": "@acme"},
        {"summary": {"fingerprint": "a b", "drift": {}, "notChecked": 0}},
    ],
)
def test_a_report_with_other_names_is_none(spoiled: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DriftReport.model_validate({**written(finding()), **spoiled})


def test_a_refusal_stops_the_steps() -> None:
    def refuses(arguments: Sequence[str], text: str) -> str:
        raise GitHubFailed("gh issue create failed: HTTP 403")

    with pytest.raises(GitHubFailed, match="403"):
        carry_out([Step(action="open", title="Drift")], refuses)
