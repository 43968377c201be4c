from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from operations.promotion.journal import InFlightError, Journal
from operations.promotion.record import Actor, EntryKind, OperationResult
from operations.promotion.storage import Directory
from tests.operations.promotion.evidences import ACTOR, NOW

OTHER = Actor(user="bob", host="desk", process=4712)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(storage=Directory(tmp_path), actor=ACTOR, clock=lambda: NOW, alive=lambda _: True)


def _of(journal: Journal, actor: Actor, alive: Callable[[Actor], bool | None] = lambda _: True) -> Journal:
    return replace(journal, actor=actor, alive=alive, clock=lambda: NOW + timedelta(minutes=5))


def _kinds(journal: Journal) -> list[EntryKind]:
    return [entry.kind for entry in journal.record("prod").entries]


def test_an_operation_begins_goes_on_and_ends(journal: Journal) -> None:
    began = journal.begin("prod", expected=0, action="promotion")
    journal.append(began, EntryKind.APPLIED, project="network")
    journal.append(began, EntryKind.ENDED, result=OperationResult.PROMOTED)

    assert _kinds(journal) == [EntryKind.BEGAN, EntryKind.APPLIED, EntryKind.ENDED]
    assert journal.record("prod").in_flight is None


def test_only_one_of_two_operations_begins(journal: Journal) -> None:
    journal.begin("prod", expected=0, action="promotion")

    for expected in (0, 1):  # it looked before the first began, or after
        with pytest.raises(InFlightError, match=r"ada on desk"):
            _of(journal, OTHER).begin("prod", expected=expected, action="promotion")
    assert _kinds(journal) == [EntryKind.BEGAN]


def test_an_operation_planned_before_another_one_does_not_begin(journal: Journal) -> None:
    began = journal.begin("prod", expected=0, action="promotion")
    journal.append(began, EntryKind.ENDED, result=OperationResult.PROMOTED)

    with pytest.raises(InFlightError, match=r"promoted.*since this was prepared"):
        _of(journal, OTHER).begin("prod", expected=0, action="promotion")


def test_the_storage_decides_between_simultaneous_operations(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _of(journal, OTHER)
    create = Directory.create

    def late(storage: Directory, environment: str, number: int, document: str) -> bool:
        monkeypatch.setattr(Directory, "create", create)
        first.begin("prod", expected=0, action="promotion")
        return create(storage, environment, number, document)

    monkeypatch.setattr(Directory, "create", late)
    with pytest.raises(InFlightError, match=r"bob on desk"):
        journal.begin("prod", expected=0, action="promotion")
    assert journal.record("prod").entries[0].actor == OTHER


def test_an_operation_whose_process_is_dead_is_recorded_as_interrupted(journal: Journal) -> None:
    journal.begin("prod", expected=0, action="promotion")
    _of(journal, OTHER, alive=lambda _: False).begin("prod", expected=1, action="promotion")

    record = journal.record("prod")
    assert [entry.kind for entry in record.entries] == [EntryKind.BEGAN, EntryKind.ENDED, EntryKind.BEGAN]
    assert record.entries[1].details["result"] == OperationResult.INTERRUPTED
    assert "ada on desk" in record.entries[1].details["reason"]


def test_an_operation_of_which_nobody_can_tell_is_taken_over_only_on_demand(journal: Journal) -> None:
    journal.begin("prod", expected=0, action="promotion")
    other = _of(journal, OTHER, alive=lambda _: None)

    with pytest.raises(InFlightError, match=r"--take-over"):
        other.begin("prod", expected=1, action="promotion")
    other.begin("prod", expected=1, take_over=True, action="promotion")

    assert _kinds(journal) == [EntryKind.BEGAN, EntryKind.ENDED, EntryKind.BEGAN]


def test_an_operation_that_is_alive_is_never_taken_over(journal: Journal) -> None:
    journal.begin("prod", expected=0, action="promotion")

    with pytest.raises(InFlightError, match=r"Wait"):
        _of(journal, OTHER).begin("prod", expected=1, take_over=True, action="promotion")


def test_an_operation_that_was_taken_over_writes_nothing_any_more(journal: Journal) -> None:
    began = journal.begin("prod", expected=0, action="promotion")
    _of(journal, OTHER, alive=lambda _: False).begin("prod", expected=1, action="promotion")

    with pytest.raises(InFlightError, match=r"took this one for dead"):
        journal.append(began, EntryKind.APPLIED, project="network")


def test_a_hold_is_lifted_between_operations_only(journal: Journal) -> None:
    began = journal.begin("prod", expected=0, action="promotion")
    with pytest.raises(InFlightError):
        journal.note("prod", EntryKind.RELEASED, reason="found")
    journal.append(began, EntryKind.ENDED, result=OperationResult.FAILED)
    journal.note("prod", EntryKind.HELD, reason="lost")
    assert journal.record("prod").hold is not None
    journal.note("prod", EntryKind.RELEASED, reason="found")
    assert journal.record("prod").hold is None
