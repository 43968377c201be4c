"""Promotions killed at every step, on the real engine: the next one goes on, and meanwhile the record tells.

The stacks are small (small_ladder.py); one ladder serves all claims, in this order: each test finds what the
kill before it has left. Every moment between two steps of our own is in test_apply.py, without an engine.
"""

import json
from contextlib import ExitStack
from pathlib import Path

import pytest

from operations.promotion.record import EntryKind
from tests.operations.promotion.small_ladder import BROKEN, Ladder, Moment
from tests.operations.promotion.world import story

WHOLE = ("--to", "staging", "--soak", "0", "--yes", "--json")
PAYMENTS = (*WHOLE, "--project", "payments")


@pytest.fixture(scope="module")
def ladder(tmp_path_factory: pytest.TempPathFactory) -> Ladder:
    """A verified release, `old`, in staging, and the next one, `new`, in dev."""
    ladder = Ladder.grown(tmp_path_factory.mktemp("ladder") / "repository")
    ladder.release("old")
    ladder.deploy("staging", "network", "payments")
    ladder.release("new")
    ladder.deploy("dev", "payments")
    return ladder


@pytest.fixture(scope="module")
def new(ladder: Ladder) -> str:
    return ladder.standing("dev").release


@pytest.fixture(scope="module")
def old(ladder: Ladder) -> str:
    return ladder.standing("staging").release


def test_only_one_of_two_concurrent_promotions_begins(
    ladder: Ladder, new: str, old: str, tmp_path: Path
) -> None:
    with ExitStack() as rival:
        told = ladder.promote(
            *PAYMENTS,
            meanwhile=lambda: rival.enter_context(ladder.stopped(Moment.BETWEEN, tmp_path, *WHOLE)),
        )
        record = ladder.record("staging")

    assert told.exit_code == 1
    assert f"staging: applied by {record.entries[-1].actor}" in told.stderr.replace("(applied) ", "")
    assert "since this was prepared. Look again, then decide again." in told.stderr
    assert story(record) == [f"began promotion {new}", f"applied network {new}"], "the rival alone wrote"


def test_killed_between_two_stacks_it_leaves_parts_of_two_releases_and_says_so(
    ladder: Ladder, old: str
) -> None:
    assert ladder.resources("staging") == ["subnet-of-new", "function-of-old"]
    assert ladder.standing("staging").release == old
    assert ladder.record("staging").partially_deployed is not None
    shown = json.loads(ladder.promote("status", "--env", "staging", "--json").stdout)
    assert any("parts of two releases" in note for note in shown["environments"][0]["notes"])


def test_the_lock_of_a_killed_engine_stops_the_next_promotion(
    ladder: Ladder, new: str, tmp_path: Path
) -> None:
    before = ladder.record("staging")
    with ladder.stopped(Moment.UP, tmp_path, *PAYMENTS):
        pass
    record = ladder.record("staging")
    assert story(record)[len(before.entries) :] == ["ended interrupted", f"began promotion {new}"]
    assert record.partially_deployed is not None
    assert ladder.resources("staging") == ["subnet-of-new", "function-of-new", "function-of-old"]

    refused = ladder.promote(*PAYMENTS)

    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["refused"] == ["nothing-in-flight"]
    assert "is locked by" in refused.stderr
    assert ladder.record("staging") == record


@pytest.mark.parametrize(
    ("moment", "wrote", "is_mixed"),
    [
        (Moment.SHOWN, ["applied payments"], True),
        (Moment.VERIFIED, ["applied payments", "verified"], False),
    ],
)
def test_killed_as_its_verification_is_recorded_it_is_mixed_until_the_record_has_it(
    ladder: Ladder, new: str, tmp_path: Path, moment: Moment, wrote: list[str], is_mixed: bool
) -> None:
    ladder.cancel("staging")
    before = ladder.record("staging")
    with ladder.stopped(moment, tmp_path, *PAYMENTS):
        pass

    record = ladder.record("staging")
    assert story(record)[len(before.entries) :] == [
        "ended interrupted",
        f"began promotion {new}",
        *(f"{what} {new}" for what in wrote),
    ]
    assert (record.partially_deployed is not None) == is_mixed
    assert ladder.standing("staging").is_verified
    assert ladder.resources("staging") == ["subnet-of-new", "function-of-new"]


def test_killed_while_it_puts_a_release_back_it_holds_and_a_rollback_goes_on(
    ladder: Ladder, new: str, tmp_path: Path
) -> None:
    before = ladder.record("staging")
    ladder.release(BROKEN)
    ladder.deploy("dev", "payments")
    broken = ladder.standing("dev").release
    with ladder.stopped(Moment.PUTTING_BACK, tmp_path, *PAYMENTS):
        pass
    record = ladder.record("staging")
    assert story(record)[len(before.entries) :] == [
        "ended interrupted",
        f"began promotion {broken}",
        f"applied payments {broken}",
        "held",
    ]
    assert record.hold is not None
    assert record.partially_deployed is not None
    ladder.cancel("staging")

    done = ladder.promote("rollback", "--env", "staging", "--yes", "--json", "--project", "payments")

    assert done.exit_code == 0, done.stderr
    rolled_back = ladder.record("staging")
    assert story(rolled_back)[len(record.entries) :] == [
        "ended interrupted",
        f"began rollback {new}",
        f"applied payments {new}",
        f"verified {new}",
        "held",
        "ended rolled-back",
    ]
    assert rolled_back.partially_deployed is rolled_back.in_flight is None
    assert ladder.standing("staging").release == new
    assert ladder.resources("staging") == ["subnet-of-new", "function-of-new"]


def test_in_the_end_every_operation_has_ended_before_the_next_one_began(ladder: Ladder) -> None:
    entries = ladder.record("staging").entries
    bounds = [entry.kind for entry in entries if entry.kind in (EntryKind.BEGAN, EntryKind.ENDED)]

    assert bounds == [EntryKind.BEGAN, EntryKind.ENDED] * 6
