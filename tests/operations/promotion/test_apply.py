"""The order of steps in a simulated environment; test_end_to_end.py has a real one."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from operations.deployment.outcome import Failed, NotRun, Outcome, Report, Succeeded
from operations.deployment.plan import Action
from operations.engine.failure import OperationFailed, StackName
from operations.promotion.apply import PromotionOutcome, VerificationSummary, carry_out
from operations.promotion.evidence import ReleaseRef
from operations.promotion.journal import InFlightError, Journal
from operations.promotion.plan import PromotionPlan, plan
from operations.promotion.record import EntryKind, OperationResult, PromotionRecord
from operations.promotion.render_outcome import exit_code
from operations.promotion.storage import Directory, StorageError
from tests.operations.promotion.evidences import ACTOR, NOW, OLD, RELEASE, evidence, source_running

PROJECTS = ("bootstrap-iam", "network", "payments")


class Killed(BaseException):
    """Stands for SIGKILL: no cleanup runs after it."""


@dataclass
class World:
    """Prod, with a storage for its record. `kill_at` counts the moments after which all ends."""

    journal: Journal
    runs: dict[str, str] = field(default_factory=lambda: dict.fromkeys(PROJECTS, OLD.id))
    verified: str | None = OLD.id
    broken: set[str] = field(default_factory=set)
    """Releases through which no payment goes."""
    undeployable: dict[str, str] = field(default_factory=dict)
    """Release to the project whose stack fails."""
    proven: dict[str, bool] = field(default_factory=dict)
    """Release to whether it was to keep its proof."""
    previewed: dict[str, bool] = field(default_factory=dict)
    """Release to the argument `previewed`."""
    interrupt_in: str | None = None
    kill_at: int | None = None
    moments: int = 0

    def tick(self) -> None:
        self.moments += 1
        if self.moments == self.kill_at:
            raise Killed

    def deploy(self, release: ReleaseRef, applied: Callable[[StackName], None], *, previewed: bool) -> Report:
        self.previewed[release.id] = previewed
        outcomes: list[Outcome] = []
        for project in PROJECTS:
            stack = StackName(project=project, environment="prod")
            if any(not isinstance(outcome, Succeeded) for outcome in outcomes):
                outcomes.append(NotRun(stack=stack, because="the one before it failed"))
                continue
            self.tick()
            if self.undeployable.get(release.id) == project:
                outcomes.append(Failed(stack=stack, reason=f"{stack}: no quota", seconds=1))
                continue
            if self.interrupt_in == project:
                outcomes.append(NotRun(stack=stack, because="interrupted"))
                return Report(action=Action.UP, outcomes=tuple(outcomes), interrupted=True)
            if self.runs[project] != release.id:
                self.verified = None
            self.runs[project] = release.id
            self.tick()
            applied(stack)
            outcomes.append(Succeeded(stack=stack, seconds=1))
        return Report(action=Action.UP, outcomes=tuple(outcomes))

    def verify(self, release: ReleaseRef, *, proven: bool) -> VerificationSummary:
        self.tick()
        self.proven[release.id] = proven
        assert set(self.runs.values()) == {release.id}
        if release.id in self.broken:
            return VerificationSummary(passed=False, said="an accepted payment is not in the ledger")
        self.verified = release.id
        self.tick()
        return VerificationSummary(passed=True, said="4 payments")

    @property
    def record(self) -> PromotionRecord:
        return self.journal.record("prod")

    def plan(self) -> PromotionPlan:
        return plan(evidence(target_record=self.record, in_flight_alive=False))

    def promote(self, *, fall_back: ReleaseRef | None = OLD) -> PromotionOutcome:
        return carry_out(self.plan(), journal=self.journal, hands=self, fall_back=fall_back)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    journal = Journal(storage=Directory(tmp_path), actor=ACTOR, clock=lambda: NOW, alive=lambda _: False)
    world = World(journal=journal)
    create = Directory.create

    def ticking(storage: Directory, environment: str, number: int, document: str) -> bool:
        world.tick()
        created = create(storage, environment, number, document)
        world.tick()
        return created

    monkeypatch.setattr(Directory, "create", ticking)
    return world


def _story(record: PromotionRecord) -> list[str]:
    return [
        " ".join(
            filter(
                None, [entry.kind, *(entry.details.get(key, "") for key in ("project", "release", "result"))]
            )
        )
        for entry in record.entries
    ]


def _consistent(record: PromotionRecord) -> bool:
    """Every operation that began has ended before the next began, and none ended that had not begun."""
    bounds = [entry.kind for entry in record.entries if entry.kind in (EntryKind.BEGAN, EntryKind.ENDED)]
    return bounds == [EntryKind.BEGAN, EntryKind.ENDED] * (len(bounds) // 2)


def test_a_promotion_is_recorded_step_by_step(world: World) -> None:
    ended = world.promote()

    assert ended == PromotionOutcome(
        environment="prod", release="r-new", result=OperationResult.PROMOTED, running="r-new"
    )
    assert _story(world.record) == [
        "began r-new",
        "applied bootstrap-iam r-new",
        "applied network r-new",
        "applied payments r-new",
        "verified r-new",
        "ended promoted",
    ]


def test_the_record_has_actor_release_plan_and_gates(world: World) -> None:
    made = world.plan()
    carry_out(made, journal=world.journal, hands=world, fall_back=OLD, permitted=("iam-not-wider",))

    began = world.record.entries[0]
    assert began.actor == ACTOR
    assert began.details["plan"] == made.digest
    assert began.details["gates"] == dict.fromkeys((gate.id for gate in made.gates), "passed")
    assert (began.details["commit"], began.details["replaces"]) == (RELEASE.commit, "r-old")
    assert began.details["permitted"] == ["iam-not-wider"]


def test_a_release_that_fails_its_verification_is_replaced_by_the_last_verified_and_holds(
    world: World,
) -> None:
    world.broken = {"r-new"}

    ended = world.promote()

    assert (ended.result, ended.running, ended.held) == (OperationResult.FAILED_PUT_BACK, "r-old", True)
    assert "not in the ledger" in ended.reason
    assert set(world.runs.values()) == {"r-old"}
    assert world.previewed == {"r-new": True, "r-old": False}, "the plan is about the new one alone"
    assert world.record.hold is not None
    assert world.record.partially_deployed is None
    assert _story(world.record)[4:] == [
        "held",
        "applied bootstrap-iam r-old",
        "applied network r-old",
        "applied payments r-old",
        "verified r-old",
        "ended failed-put-back",
    ]


@pytest.mark.parametrize("project", PROJECTS)
def test_a_stack_that_fails_stops_the_rest_and_puts_the_last_verified_back(
    world: World, project: str
) -> None:
    world.undeployable = {"r-new": project}

    ended = world.promote()

    assert (ended.result, ended.running) == (OperationResult.FAILED_PUT_BACK, "r-old")
    assert f"{project}/prod: no quota" in ended.reason
    assert set(world.runs.values()) == {"r-old"}
    later = PROJECTS[PROJECTS.index(project) :]
    assert not {f"applied {name} r-new" for name in later} & set(_story(world.record))


def test_where_nothing_was_verified_before_there_is_nothing_to_put_back_and_it_says_so(world: World) -> None:
    world.broken = {"r-new"}

    ended = world.promote(fall_back=None)

    assert (ended.result, ended.running, ended.held) == (OperationResult.FAILED, None, True)
    assert "none to put back" in ended.reason
    assert world.record.partially_deployed is not None


@pytest.mark.parametrize("spoil", ["broken", "undeployable", "unreachable"])
def test_a_failed_redeployment_of_the_last_verified_release_is_reported(
    world: World, spoil: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.broken = {"r-new"}
    if spoil == "broken":
        world.broken |= {"r-old"}
    elif spoil == "undeployable":
        world.undeployable = {"r-old": "network"}
    else:
        deploy = world.deploy

        def unreachable(
            release: ReleaseRef, applied: Callable[[StackName], None], *, previewed: bool
        ) -> Report:
            if release == OLD:
                raise OperationFailed("the state can't be read")
            return deploy(release, applied, previewed=previewed)

        monkeypatch.setattr(world, "deploy", unreachable)

    ended = world.promote()

    assert (ended.result, ended.running, ended.held) == (OperationResult.FAILED, None, True)
    assert ended.redeployed == ("r-old" if spoil == "broken" else None)
    said = "was deployed again, unverified" if spoil == "broken" else "could not be put back either"
    assert f"r-old {said}" in ended.reason
    if spoil == "broken":
        assert world.proven == {"r-new": False, "r-old": True}, "what is put back keeps its proof"
    assert world.record.partially_deployed is not None


def test_a_release_that_is_not_verifiable_is_put_back_without_a_verdict_on_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify = world.verify

    def weather(release: ReleaseRef, *, proven: bool) -> VerificationSummary:
        if release.id == "r-new":
            return VerificationSummary(passed=False, said="an alarm began", verifiable=False)
        return verify(release, proven=proven)

    monkeypatch.setattr(world, "verify", weather)
    ended = world.promote()
    assert (ended.result, ended.running) == (OperationResult.FAILED_PUT_BACK, "r-old")
    assert ended.reason == "not verifiable: an alarm began"


def test_an_interruption_is_recorded_and_sets_no_hold(world: World) -> None:
    world.interrupt_in = "payments"

    ended = world.promote()

    assert (ended.result, ended.held) == (OperationResult.INTERRUPTED, False)
    assert world.record.partially_deployed is not None
    assert _consistent(world.record)

    world.interrupt_in = None
    assert world.promote().result is OperationResult.PROMOTED
    assert world.record.partially_deployed is None


def test_a_rollback_that_is_verified_leaves_a_hold(world: World) -> None:
    asked = replace(
        evidence(target_record=world.record, release=OLD),
        source="prod",
        source_running=source_running(release=OLD),
    )
    ended = carry_out(plan(asked), journal=world.journal, hands=world, fall_back=None)

    assert (ended.result, ended.running, ended.held) == (OperationResult.ROLLED_BACK, "r-old", True)
    hold = world.record.hold
    assert hold is not None
    assert "rolled back to release r-old" in hold.reason


def test_only_one_of_two_concurrent_promotions_begins(world: World) -> None:
    mine = world.plan()
    other = replace(world, journal=replace(world.journal, alive=lambda _: True))
    deploy = world.deploy

    def meanwhile(release: ReleaseRef, applied: Callable[[StackName], None], *, previewed: bool) -> Report:
        with pytest.raises(InFlightError, match=r"ada on desk"):
            carry_out(mine, journal=other.journal, hands=other, fall_back=OLD)
        return deploy(release, applied, previewed=previewed)

    world.deploy = meanwhile  # type: ignore[method-assign]  # in the midst of the first, the second begins

    assert (
        carry_out(mine, journal=world.journal, hands=world, fall_back=OLD).result is OperationResult.PROMOTED
    )
    assert _story(world.record).count("began r-new") == 1


@pytest.mark.parametrize("broken", [False, True], ids=["a good release", "a broken release"])
def test_killed_at_any_moment_it_converges_when_it_is_run_again(
    tmp_path: Path, broken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = Directory.create
    survived = False
    for moment in itertools.count(1):
        journal = Journal(
            storage=Directory(tmp_path / str(moment)),
            actor=ACTOR,
            clock=lambda: NOW + timedelta(minutes=1),
            alive=lambda _: False,
        )
        world = World(journal=journal, broken={"r-new"} if broken else set(), kill_at=moment)

        def ticking(
            storage: Directory, environment: str, number: int, document: str, world: World = world
        ) -> bool:
            world.tick()
            created = create(storage, environment, number, document)
            world.tick()
            return created

        monkeypatch.setattr(Directory, "create", ticking)
        try:
            world.promote()
            survived = True
        except Killed:
            pass
        if survived:
            break

        # Whatever is half done, the record says so.
        unproven = world.verified is None or len(set(world.runs.values())) > 1
        assert not unproven or world.record.partially_deployed is not None, moment

        world.kill_at = None
        if world.record.hold is not None:  # it was seen to be broken before it was killed
            gates = {gate.id: gate.status for gate in world.plan().gates}
            assert gates["not-on-hold"] == "failed"
        ended = world.promote()

        expected = "r-old" if broken else "r-new"
        assert ended.running == expected, moment
        assert set(world.runs.values()) == {expected}
        assert world.verified == expected
        assert _consistent(world.record)
        assert world.record.partially_deployed is None
    assert moment > 20


@pytest.mark.parametrize("recovers", [True, False])
def test_a_record_that_cannot_be_written_in_mid_flight_says_what_runs_and_holds(
    world: World, monkeypatch: pytest.MonkeyPatch, recovers: bool
) -> None:
    create, written = Directory.create, []

    def expired(storage: Directory, environment: str, number: int, document: str) -> bool:
        written.append(number)
        if len(written) == 3 or (len(written) > 3 and not recovers):
            raise StorageError("the promotion record can't be written: ExpiredToken")
        return create(storage, environment, number, document)

    monkeypatch.setattr(Directory, "create", expired)

    ended = world.promote()

    assert (ended.result, ended.running, ended.held) == (OperationResult.FAILED, None, recovers)
    assert exit_code(ended) == 1
    deployed = [project for project in PROJECTS if world.runs[project] == RELEASE.id]
    assert deployed, "it is in mid-flight"
    for project in deployed:
        assert f"{project}/prod holds release {RELEASE.id}" in ended.reason
    assert "ExpiredToken" in ended.reason
    assert (world.record.hold is not None) == recovers
    assert (world.record.in_flight is None) == recovers
