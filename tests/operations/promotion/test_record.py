import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.promotion.record import EntryKind, OperationResult, PromotionRecord, RecordDamagedError, read
from tests.operations.promotion.evidences import ACTOR, NOW, recorded

BEGAN = (EntryKind.BEGAN, {"action": "promotion", "release": "r-2"})
VERIFIED = (EntryKind.VERIFIED, {"release": "r-1"})


def _ended(result: OperationResult) -> tuple[EntryKind, dict[str, object]]:
    return (EntryKind.ENDED, {"result": result})


LIFE = recorded(
    "prod", VERIFIED, BEGAN, (EntryKind.APPLIED, {"project": "network"}), _ended(OperationResult.FAILED)
)
LINES = [entry.model_dump_json() for entry in LIFE.entries]


def test_written_entries_are_read() -> None:
    assert read("prod", LINES) == LIFE


def test_no_lines_are_an_empty_record() -> None:
    assert read("prod", []) == PromotionRecord(environment="prod")


@given(
    st.sampled_from(range(len(LINES))),
    st.sampled_from(["at", "actor", "kind", "details", "previous", "digest"]),
)
def test_a_changed_entry_shows(number: int, field: str) -> None:
    document = json.loads(LINES[number])
    document[field] = {
        "at": "2020-01-01T00:00:00Z",
        "actor": {**document["actor"], "user": "eve"},
        "kind": "released",
        "details": {"release": "r-3"},
        "previous": "1" * 64,
        "digest": "1" * 64,
    }[field]

    with pytest.raises(RecordDamagedError, match=rf"prod, entry {number + 1} was changed"):
        read("prod", [*LINES[:number], json.dumps(document), *LINES[number + 1 :]])


def test_an_entry_that_was_changed_and_sealed_again_shows_at_the_next() -> None:
    forged = LIFE.entries[0].model_copy(update={"details": {"release": "r-3"}}).sealed()

    with pytest.raises(RecordDamagedError, match=r"entry 2 does not follow"):
        read("prod", [forged.model_dump_json(), *LINES[1:]])


@pytest.mark.parametrize("number", range(len(LINES) - 1))
def test_a_removed_entry_shows(number: int) -> None:
    with pytest.raises(RecordDamagedError, match=rf"entry {number + 1} does not follow"):
        read("prod", LINES[:number] + LINES[number + 1 :])


def test_entries_in_another_order_show() -> None:
    with pytest.raises(RecordDamagedError):
        read("prod", [LINES[1], LINES[0]])


def test_a_record_of_another_environment_shows() -> None:
    with pytest.raises(RecordDamagedError, match=r"belongs to prod"):
        read("staging", LINES)


@pytest.mark.parametrize("line", ["", "{", "[]", '{"number": 1}'])
def test_malformed_entries_are_reported(line: str) -> None:
    with pytest.raises(RecordDamagedError, match=r"prod, entry 1 can't be read"):
        read("prod", [line])


def test_an_operation_is_in_flight_from_its_beginning_to_its_end() -> None:
    assert recorded("prod").in_flight is None
    assert recorded("prod", VERIFIED).in_flight is None
    began = recorded("prod", VERIFIED, BEGAN, (EntryKind.APPLIED, {"project": "network"}))
    assert began.in_flight == began.entries[1]
    assert recorded("prod", BEGAN, _ended(OperationResult.PROMOTED)).in_flight is None


def test_a_hold_lasts_until_it_is_lifted() -> None:
    held = recorded(
        "prod", (EntryKind.HELD, {"reason": "lost"}), BEGAN, _ended(OperationResult.ROLLED_BACK), VERIFIED
    )
    assert held.hold is not None
    assert held.hold.reason == "lost"
    released = held.next(EntryKind.RELEASED, at=NOW, actor=ACTOR, reason="found")
    assert PromotionRecord(environment="prod", entries=(*held.entries, released)).hold is None


@pytest.mark.parametrize(
    ("events", "mixed"),
    [
        ([], False),
        ([VERIFIED], False),
        ([BEGAN], True),
        ([VERIFIED, BEGAN], True),
        ([BEGAN, VERIFIED, _ended(OperationResult.PROMOTED)], False),
        (
            [BEGAN, VERIFIED, _ended(OperationResult.FAILED_PUT_BACK), (EntryKind.HELD, {"reason": "lost"})],
            False,
        ),
        ([BEGAN, _ended(OperationResult.FAILED), (EntryKind.HELD, {"reason": "lost"})], True),
        ([BEGAN, _ended(OperationResult.INTERRUPTED)], True),
        ([BEGAN, _ended(OperationResult.FAILED), VERIFIED], False),
    ],
)
def test_an_environment_may_be_mixed_until_it_is_verified(
    events: list[tuple[EntryKind, dict[str, object]]], mixed: bool
) -> None:
    assert (recorded("prod", *events).partially_deployed is not None) is mixed


def _op(
    action: str, release: str, replaces: str | None, *, result: OperationResult, verified: str = ""
) -> list[Any]:
    proved = [(EntryKind.VERIFIED, {"release": verified})] if verified else []
    began = {"action": action, "release": release, "replaces": replaces}
    return [(EntryKind.BEGAN, began), *proved, _ended(result)]


def test_abandoned_releases_stay_abandoned_until_they_are_verified_again() -> None:
    rolled_back = _op("rollback", "b", "c", result=OperationResult.ROLLED_BACK, verified="b")
    failed = _op("promotion", "d", "b", result=OperationResult.FAILED_PUT_BACK, verified="b")
    refuted = [(EntryKind.REFUTED, {"release": "b", "said": "no"})]
    again = _op("promotion", "d", "b", result=OperationResult.PROMOTED, verified="d")

    assert recorded("prod", *rolled_back).left == {"c"}
    assert recorded("prod", *rolled_back, *failed).left == {"c", "d"}
    assert recorded("prod", *rolled_back, *failed, *refuted).left == {"b", "c", "d"}
    assert recorded("prod", *rolled_back, *failed, *again).left == {"c"}


def test_a_plain_deployment_is_no_mixture_unless_it_failed() -> None:
    promoted = _op("promotion", "a", None, result=OperationResult.PROMOTED, verified="a")
    deployed = _op("deployment", "", None, result=OperationResult.DEPLOYED)
    failed = _op("deployment", "", None, result=OperationResult.FAILED)
    interrupted = _op("promotion", "b", "a", result=OperationResult.INTERRUPTED)

    assert recorded("prod", *promoted, *deployed).partially_deployed is None
    assert recorded("prod", *promoted, *failed).partially_deployed is not None
    assert recorded("prod", *interrupted, *deployed).partially_deployed is not None
    assert recorded("prod", *failed, (EntryKind.VERIFIED, {"release": "a"})).partially_deployed is None
