from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from components.environment import LADDER
from operations.engine.failure import OperationFailed
from operations.promotion import collect_evidence
from operations.promotion.checkout import CheckoutError, Checkouts
from operations.promotion.collect_evidence import (
    EvidenceReader,
    NothingToDeployError,
    ReleaseNotRunningError,
    RequestedRelease,
    SupersededError,
    rollback_release,
    upstream,
)
from operations.promotion.evidence import DeployedState, PromotionOptions, ReleaseRef, VerifiedRelease
from operations.promotion.journal import Journal
from operations.promotion.record import EntryKind
from operations.promotion.storage import Directory
from tests.operations.promotion.evidences import (
    ACTOR,
    NOW,
    OLD,
    RELEASE,
    proven,
    recorded,
    source_running,
    target_running,
)
from tests.operations.promotion.test_git import commit, run_git

UNRELEASED = ReleaseRef(id="unreleased", commit="", artifact_digest="ab" * 32)
TERMS = PromotionOptions(soak=timedelta(0))


def _must_not_run(*_: Any) -> Any:
    raise AssertionError("the engine is not needed to say no")


@pytest.fixture
def reader(tmp_path: Path) -> EvidenceReader:
    return EvidenceReader(
        repository=tmp_path,
        ladder=LADDER,
        journal=Journal(
            storage=Directory(tmp_path / "records"), actor=ACTOR, clock=lambda: NOW, alive=lambda _: None
        ),
        checkouts=Checkouts(tmp_path),
        projects=("bootstrap-iam", "network", "payments"),
        command=None,  # type: ignore[arg-type]  # outputs are the test's own
        policy_pack=tmp_path / "policies",
        branch="main",
        drift=_must_not_run,
        clock=lambda: NOW,
    )


def _runs(monkeypatch: pytest.MonkeyPatch, found: DeployedState | None) -> None:
    monkeypatch.setattr(collect_evidence, "running", lambda *_, **__: found)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (None, "staging is not deployed"),
        (source_running(release=UNRELEASED), "staging runs no release"),
    ],
)
def test_an_environment_without_a_release_has_none_to_promote(
    reader: EvidenceReader, monkeypatch: pytest.MonkeyPatch, found: DeployedState | None, said: str
) -> None:
    _runs(monkeypatch, found)

    with pytest.raises(NothingToDeployError, match=rf"{said}(.|\n)*deploy\.py up --env staging --verify"):
        reader.promotion("staging", "prod", TERMS)


def test_a_missing_commit_is_reported(reader: EvidenceReader, monkeypatch: pytest.MonkeyPatch) -> None:
    _runs(monkeypatch, source_running())

    with pytest.raises(CheckoutError):
        reader.promotion("staging", "prod", TERMS)


def test_an_unreadable_state_is_a_failure(reader: EvidenceReader, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: Any, **__: Any) -> DeployedState | None:
        raise OperationFailed("the state can't be read")

    monkeypatch.setattr(collect_evidence, "running", unreachable)
    with pytest.raises(OperationFailed, match=r"can't be read"):
        reader.promotion("staging", "prod", TERMS)


def test_a_release_comes_from_the_environment_below() -> None:
    assert (upstream("prod", LADDER), upstream("staging", LADDER)) == ("staging", "dev")
    with pytest.raises(NothingToDeployError, match=r"lowest"):
        upstream("dev", LADDER)


def test_one_goes_back_to_what_was_verified_last_and_does_not_run() -> None:
    found = target_running(release=RELEASE, proven=(proven(RELEASE), proven(OLD)))

    assert rollback_release(found, recorded("prod")) == OLD
    assert rollback_release(replace(found, release=OLD), recorded("prod")) == RELEASE


def test_from_a_mixture_one_goes_back_to_what_was_verified_last_whatever_seems_to_run() -> None:
    mixed = recorded("prod", (EntryKind.BEGAN, {"action": "promotion"}))

    assert rollback_release(target_running(release=OLD, proven=(proven(OLD),)), mixed) == OLD


@pytest.mark.parametrize(
    "found", [(), (proven(OLD),), (VerifiedRelease(release=UNRELEASED, since=NOW), proven(OLD))]
)
def test_without_another_verified_commit_there_is_nothing_to_go_back_to(
    found: tuple[VerifiedRelease, ...],
) -> None:
    with pytest.raises(NothingToDeployError, match=r"none to go back to"):
        rollback_release(target_running(release=OLD, proven=found), recorded("prod"))


@pytest.mark.parametrize("to", ["r-", "r-nowhere", "unreleased"])
def test_a_release_to_go_back_to_is_one_that_was_verified_and_no_two(
    reader: EvidenceReader, monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    known = (proven(RELEASE), proven(OLD), VerifiedRelease(release=UNRELEASED, since=NOW))
    _runs(monkeypatch, target_running(release=RELEASE, proven=known))

    with pytest.raises(NothingToDeployError, match=r"There are: r-new, r-old\."):
        reader.rollback("prod", to, TERMS)


def test_of_a_commit_that_was_not_reviewed_nothing_is_run(
    reader: EvidenceReader, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run_git(tmp_path, "init", "-q", "--initial-branch", "main")
    old = replace(OLD, commit=commit(tmp_path, code="reviewed"))
    run_git(tmp_path, "switch", "-q", "--create", "side")
    release = replace(RELEASE, commit=commit(tmp_path, code="unreviewed"))
    monkeypatch.setattr(Checkouts, "root", _must_not_run)
    monkeypatch.setattr(
        collect_evidence,
        "running",
        lambda environment, **_: (
            source_running(release=release, proven=(proven(release),))
            if environment == "staging"
            else target_running(release=old, proven=(proven(old),))
        ),
    )

    found = reader.promotion("staging", "prod", TERMS)

    assert found.review.on_branch is False
    assert (found.previews, found.drift, found.fingerprints) == ((), None, {})
    assert (found.put_back, found.put_back_problem) == (old, "")


@pytest.mark.parametrize("terms", [TERMS, replace(TERMS, allow_unreviewed="an incident of one bank")])
def test_the_release_to_redeploy_is_looked_up_before_anything_begins(
    reader: EvidenceReader, terms: PromotionOptions
) -> None:
    run_git(reader.repository, "init", "-q", "--initial-branch", "main")
    gone = replace(OLD, commit="a" * 40)

    assert "has no commit" in reader._problem(gone, terms)


def test_a_second_rollback_goes_further_back_and_never_to_what_the_first_one_left() -> None:
    bad, good, older = (replace(RELEASE, id=name) for name in ("bad", "good", "older"))
    proved = (proven(good), proven(bad), proven(older))
    first = (
        (EntryKind.BEGAN, {"action": "rollback", "release": "good", "replaces": "bad"}),
        (EntryKind.VERIFIED, {"release": "good"}),
        (EntryKind.ENDED, {"result": "rolled-back"}),
    )
    second = (
        (EntryKind.BEGAN, {"action": "rollback", "release": "older", "replaces": "good"}),
        (EntryKind.VERIFIED, {"release": "older"}),
        (EntryKind.ENDED, {"result": "rolled-back"}),
    )

    assert rollback_release(target_running(release=good, proven=proved), recorded("prod", *first)) == older
    with pytest.raises(NothingToDeployError, match=r"--to"):
        rollback_release(target_running(release=older, proven=proved), recorded("prod", *first, *second))


@pytest.fixture
def history(tmp_path: Path) -> tuple[str, str, str]:
    """Three commits of the branch, the oldest first."""
    run_git(tmp_path, "init", "-q", "--initial-branch", "main")
    first, second, third = (commit(tmp_path, code=text) for text in "abc")
    return first, second, third


def test_a_requested_release_has_to_run_in_the_upstream(
    reader: EvidenceReader, monkeypatch: pytest.MonkeyPatch, history: tuple[str, str, str]
) -> None:
    old, running, later = history
    release = replace(RELEASE, commit=running)
    earlier = replace(OLD, commit=old)
    _runs(monkeypatch, source_running(release=release, proven=(proven(release), proven(earlier))))

    def ask(**named: str) -> None:
        reader.promotion("staging", "prod", TERMS, RequestedRelease(**named))

    for named in ({"commit": old}, {"release": OLD.id}):
        with pytest.raises(SupersededError, match=r"superseded"):
            ask(**named)
    for named in ({"commit": later}, {"release": "r-nowhere"}, {"commit": "a" * 40}):
        with pytest.raises(ReleaseNotRunningError) as refused:
            ask(**named)
        assert not isinstance(refused.value, SupersededError)


@pytest.mark.parametrize(("target", "older"), [(0, False), (1, False), (2, True)])
def test_an_older_release_than_the_target_runs_is_a_downgrade(
    reader: EvidenceReader, history: tuple[str, str, str], target: int, older: bool
) -> None:
    release = replace(RELEASE, commit=history[1])
    runs = target_running(release=replace(OLD, commit=history[target]))

    assert reader._is_older(release, runs) == older
