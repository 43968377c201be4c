"""Plain deployments are entries of the record, and heed what it says."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic.alias_generators import to_camel

from components.promotion_gate import FailedVerification
from operations.deployment.outcome import Failed, NotRun, Report, Succeeded
from operations.deployment.plan import Action, Plan, plan
from operations.promotion.direct_deployment import (
    DirectOperation,
    DowngradeError,
    HeldError,
    ReasonError,
    begin,
    journal_of,
    note_verification,
    reason,
    refuse_downgrade,
    refuse_held,
)
from operations.promotion.journal import InFlightError, Journal
from operations.promotion.record import EntryKind, OperationResult
from operations.promotion.storage import Directory
from tests.builders import STANDING
from tests.operations.promotion.evidences import ACTOR, NOW
from tests.operations.promotion.repository import Repository

VERIFIED: Mapping[str, Any] = {to_camel(name): value for name, value in STANDING.as_outputs().items()}
PROJECTS = ("network", "payments")


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(storage=Directory(tmp_path), actor=ACTOR, clock=lambda: NOW, alive=lambda _: True)


def chosen(*environments: str) -> Plan:
    return plan(Action.UP, environments=list(environments), projects=PROJECTS)


def report(*, failed: str = "", interrupted: bool = False) -> Report:
    outcomes: list[Succeeded | Failed | NotRun] = []
    for stack in chosen("dev").stacks:
        if stack.project == failed:
            outcomes.append(Failed(stack=stack, reason="no quota", seconds=1))
        else:
            outcomes.append(Succeeded(stack=stack, seconds=1))
    return Report(action=Action.UP, outcomes=tuple(outcomes), interrupted=interrupted)


def begun(journal: Journal, *environments: str, despite: str = "") -> DirectOperation:
    return begin(journal, Action.UP, chosen(*environments), despite=despite)


@pytest.mark.parametrize(
    ("done", "result"),
    [
        (report(), OperationResult.DEPLOYED),
        (report(failed="network"), OperationResult.FAILED),
        (report(interrupted=True), OperationResult.INTERRUPTED),
    ],
)
def test_a_deployment_is_an_operation_of_the_record(
    journal: Journal, done: Report, result: OperationResult
) -> None:
    operation = begun(journal, "dev")
    assert journal.record("dev").in_flight is not None

    operation.end(done, lambda _: {})

    record = journal.record("dev")
    assert record.in_flight is None
    assert [entry.kind for entry in record.entries] == [EntryKind.BEGAN, EntryKind.ENDED]
    assert record.entries[0].details["action"] == "deployment"
    assert record.entries[1].details["result"] == result


def test_a_verified_deployment_is_recorded_with_its_release(journal: Journal) -> None:
    begun(journal, "dev").end(report(), lambda _: VERIFIED)

    verified = journal.record("dev").entries[1]
    assert verified.kind is EntryKind.VERIFIED
    assert verified.details["release"] == VERIFIED["release"]


def test_a_failed_verification_of_a_deployment_is_recorded_by_its_release(journal: Journal) -> None:
    failure = FailedVerification(
        artifact_digest=STANDING.artifact_digest,
        content_digest=STANDING.content_digest,
        release=STANDING.release,
        at="2026-03-02T12:00:00Z",
    )
    failed = replace(STANDING, verified=(), failed=(failure,))
    shown = {to_camel(name): value for name, value in failed.as_outputs().items()}

    begun(journal, "dev").end(report(failed="payments"), lambda _: shown)

    _, refuted, ended = journal.record("dev").entries
    assert (refuted.kind, refuted.details["release"]) == (EntryKind.REFUTED, STANDING.release)
    assert "no quota" in refuted.details["said"]
    assert ended.details["result"] == OperationResult.FAILED
    assert STANDING.release in journal.record("dev").left


def test_a_failure_of_another_kind_refutes_no_release(journal: Journal) -> None:
    begun(journal, "dev").end(report(failed="payments"), lambda _: VERIFIED)
    assert [entry.kind for entry in journal.record("dev").entries] == [EntryKind.BEGAN, EntryKind.ENDED]


def test_a_hold_stops_a_deployment_unless_there_is_a_reason_which_is_recorded(journal: Journal) -> None:
    journal.note("staging", EntryKind.HELD, reason="the verification failed")
    with pytest.raises(HeldError, match=r"the verification failed(.|\n)*--despite-hold"):
        refuse_held(journal, ["dev", "staging"])
    with pytest.raises(HeldError):
        begun(journal, "dev", "staging")
    assert journal.record("dev").entries == ()

    begun(journal, "staging", despite="incident 4711")

    assert journal.record("staging").entries[-1].details["permitted"] == ["--despite-hold incident 4711"]
    assert journal.record("staging").hold is not None


def test_an_operation_in_flight_stops_a_deployment_which_then_holds_no_environment(journal: Journal) -> None:
    begun(journal, "staging")

    with pytest.raises(InFlightError, match=r"deployment"):
        begun(journal, "dev", "staging")

    assert journal.record("dev").in_flight is None


@pytest.mark.parametrize(("passed", "kind"), [(True, EntryKind.VERIFIED), (False, EntryKind.REFUTED)])
def test_a_verification_on_its_own_is_an_entry(journal: Journal, passed: bool, kind: EntryKind) -> None:
    note_verification(journal, "dev", passed=passed, outputs=VERIFIED, said="by hand")

    (entry,) = journal.record("dev").entries
    assert (entry.kind, entry.details["release"]) == (kind, VERIFIED["release"])
    assert (VERIFIED["release"] in journal.record("dev").left) == (not passed)


@pytest.fixture
def history(tmp_path: Path) -> tuple[Path, str, str]:
    """A repository, and its first and second commit."""
    root = tmp_path / "repository"
    root.mkdir()
    made = Repository(root)
    made.git("init", "--quiet", "--initial-branch", "main")
    return root, made.commit("first"), made.commit("second")


def test_a_checkout_that_is_older_than_what_runs_is_a_downgrade(history: tuple[Path, str, str]) -> None:
    root, first, second = history
    with pytest.raises(DowngradeError, match=r"prod runs commit(.|\n)*--allow-downgrade"):
        refuse_downgrade(["staging", "prod"], {"staging": first, "prod": second}.__getitem__, first, root)


@pytest.mark.parametrize(
    ("environment", "running", "offered"),
    [
        ("prod", "first", "second"),
        ("prod", "first", "first"),
        ("prod", "", "first"),
        ("prod", "of another repository", "first"),
        ("prod", "second", ""),
        ("dev", "second", "first"),
    ],
)
def test_newer_unknown_and_lowest_commits_are_no_downgrade(
    history: tuple[Path, str, str], environment: str, running: str, offered: str
) -> None:
    root, first, second = history
    commits = {"first": first, "second": second, "": "", "of another repository": "f" * 40}
    refuse_downgrade([environment], lambda _: commits[running], commits[offered], root)


def test_a_flag_that_was_given_is_in_the_record(journal: Journal) -> None:
    begin(journal, Action.UP, chosen("dev"), permitted=("--allow-downgrade",))
    assert journal.record("dev").entries[0].details["permitted"] == ["--allow-downgrade"]


@pytest.mark.parametrize("given", ["", "please", "         x         "])
def test_a_reason_says_something(given: str) -> None:
    with pytest.raises(ReasonError):
        reason(given)


def test_a_service_keeps_no_records_unless_a_place_is_named(tmp_path: Path) -> None:
    assert journal_of("https://api.pulumi.com", {}) is None
    assert journal_of("https://api.pulumi.com", {"PROMOTION_RECORDS": f"file://{tmp_path}"}) is not None
    assert journal_of(f"file://{tmp_path}", {}) is not None
