from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from operations.drift.report import ABSENT, Check, Classification, Finding, Kind, Severity
from operations.drift.waivers import InvalidWaivers, notices, read_waivers, waive

TODAY = date(2026, 3, 1)
WAIVER: dict[str, Any] = {
    "id": "short-visibility",
    "path": "payments/payments-queue.visibility*",
    "checks": ["parity"],
    "environments": ["prod"],
    "range": {"minimum": 100, "maximum": 200},
    "reason": "The consumer of the old system is still slow (PAY-7).",
    "owner": "payments-team",
    "expires": "2026-06-30",
}
FINDING = Finding(
    check=Check.PARITY,
    project="payments",
    environment="prod",
    resource="payments-queue",
    type="aws:sqs/queue:Queue",
    path="visibilityTimeoutSeconds",
    kind=Kind.CHANGED,
    classification=Classification.DRIFT,
    severity=Severity.MEDIUM,
    baseline=181,
    target=150,
    fix="deploy",
)


def file(folder: Path, *entries: dict[str, Any]) -> Path:
    path = folder / "waivers.yaml"
    path.write_text(yaml.safe_dump({"waivers": [*entries]}))
    return path


def waived(folder: Path, finding: Finding, **changed: Any) -> Finding:
    (found,) = waive([finding], read_waivers(file(folder, WAIVER | changed), TODAY), TODAY)
    return found


def test_an_expected_difference_is_waived_with_its_reason_and_owner(tmp_path: Path) -> None:
    found = waived(tmp_path, FINDING)
    assert (found.classification, found.explained_by) == (Classification.WAIVED, "short-visibility")
    assert found.reason == (
        "The consumer of the old system is still slow (PAY-7). (payments-team, until 2026-06-30)"
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"target": 99},
        {"target": 201},
        {"target": True},
        {"target": ABSENT},
        {"environment": "staging"},
        {"check": Check.CLOUD},
        {"resource": "payments-dead-letter-queue"},
        {"project": "network"},
        {"path": "delaySeconds"},
        # What no waiver reaches:
        {"severity": Severity.CRITICAL},
        {"path": "", "kind": Kind.MISSING},
        {"classification": Classification.CONTROLLED},
    ],
)
def test_any_other_difference_is_not(tmp_path: Path, changed: dict[str, Any]) -> None:
    finding = replace(FINDING, **changed)
    assert waived(tmp_path, finding) == finding


def test_a_waiver_is_over_the_day_after_it_expires(tmp_path: Path) -> None:
    waivers = read_waivers(file(tmp_path, WAIVER | {"expires": "2026-03-01"}), TODAY)
    assert waive([FINDING], waivers, TODAY)[0].classification is Classification.WAIVED
    after = date(2026, 3, 2)
    assert waive([FINDING], waivers, after)[0].classification is Classification.DRIFT
    (notice,) = notices([FINDING], waivers, after, checks=[Check.PARITY], environments=["prod"])
    assert (notice.waiver, notice.problem) == ("short-visibility", "expired")


def test_a_waiver_that_nothing_needs_is_told_where_the_run_looked(tmp_path: Path) -> None:
    waivers = read_waivers(file(tmp_path, WAIVER), TODAY)
    (notice,) = notices([], waivers, TODAY, checks=[*Check], environments=["staging", "prod"])
    assert (notice.problem, notice.owner) == ("unused", "payments-team")
    assert notices([], waivers, TODAY, checks=[Check.CLOUD], environments=["prod"]) == ()
    assert notices([], waivers, TODAY, checks=[*Check], environments=["dev"]) == ()
    used = waive([FINDING], waivers, TODAY)
    assert notices(used, waivers, TODAY, checks=[*Check], environments=["prod"]) == ()


@pytest.mark.parametrize(
    "path",
    [
        "*",
        "*/*.*",
        "payments/*.*",
        "payments/*.visibility",
        "*/payments-queue.x",
        "payments/payments-queue.*",
    ],
)
def test_a_catch_all_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(InvalidWaivers, match=r"catch-all|names something"):
        read_waivers(file(tmp_path, WAIVER | {"path": path}), TODAY)


@pytest.mark.parametrize("missing", WAIVER)
def test_every_field_is_needed(tmp_path: Path, missing: str) -> None:
    with pytest.raises(InvalidWaivers):
        read_waivers(file(tmp_path, {key: WAIVER[key] for key in WAIVER if key != missing}), TODAY)


def test_all_mistakes_are_told_together(tmp_path: Path) -> None:
    with pytest.raises(InvalidWaivers) as told:
        read_waivers(
            file(tmp_path, WAIVER | {"reason": "short"}, WAIVER | {"id": "other", "expires": "2030-01-01"}),
            TODAY,
        )
    assert "short-visibility: reason" in str(told.value)
    assert "other: expires" in str(told.value)


@pytest.mark.parametrize("text", ["[", "- a", "waivers: 1", "other: []", "\x00"])
def test_a_file_that_is_none_of_waivers_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "waivers.yaml"
    path.write_text(text)
    with pytest.raises(InvalidWaivers, match=r"waivers\.yaml"):
        read_waivers(path, TODAY)


CRITICAL = replace(FINDING, severity=Severity.CRITICAL)
TWO = {"second_owner": "security-team", "expires": "2026-03-15"}


def test_two_owners_waive_a_critical_finding_for_two_weeks(tmp_path: Path) -> None:
    found = waived(tmp_path, CRITICAL, **TWO)
    assert found.classification is Classification.WAIVED
    assert found.reason is not None
    assert found.reason.endswith("(payments-team and security-team, until 2026-03-15)")


def test_two_owners_never_waive_that_a_resource_is_gone(tmp_path: Path) -> None:
    gone = replace(CRITICAL, path="", kind=Kind.MISSING)
    path = "payments/payments-queue.vis*"
    assert waived(tmp_path, gone, **TWO, path=path).classification is Classification.DRIFT


@pytest.mark.parametrize(
    ("changed", "mistake"),
    [
        ({"expires": "2026-03-16"}, "no later than 14 days from today for one of two owners"),
        ({"second_owner": " Payments-Team"}, "`second_owner` must be somebody else than `owner`"),
        ({"second_owner": "x"}, "second_owner"),
    ],
)
def test_one_person_or_a_longer_time_is_refused(
    tmp_path: Path, changed: dict[str, Any], mistake: str
) -> None:
    with pytest.raises(InvalidWaivers, match=r"has mistakes") as refused:
        read_waivers(file(tmp_path, WAIVER | TWO | changed), TODAY)
    assert mistake in str(refused.value)
