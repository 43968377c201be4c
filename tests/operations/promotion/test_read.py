from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from operations.engine.failure import OperationFailed
from operations.promotion import read
from operations.promotion.checkout import CheckoutFailed, Checkouts
from operations.promotion.evidence import Proven, Release, Running, Terms
from operations.promotion.journal import Journal
from operations.promotion.read import NothingToDeploy, Reader, last_verified, upstream
from operations.promotion.record import Kind
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

UNRELEASED = Release(id="unreleased", commit="", artifact_digest="ab" * 32)
TERMS = Terms(soak=timedelta(0))


def _must_not_run(*_: Any) -> Any:
    raise AssertionError("the engine is not needed to say no")


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(
        repository=tmp_path,
        ladder=("dev", "staging", "prod"),
        journal=Journal(
            storage=Directory(tmp_path / "records"), actor=ACTOR, clock=lambda: NOW, alive=lambda _: None
        ),
        checkouts=Checkouts(tmp_path),
        projects=("bootstrap-iam", "network", "payments"),
        command=lambda _: None,  # type: ignore[arg-type,return-value]  # outputs are the test's own
        drift=_must_not_run,
        clock=lambda: NOW,
    )


def _runs(monkeypatch: pytest.MonkeyPatch, found: Running | None) -> None:
    monkeypatch.setattr(read, "running", lambda *_, **__: found)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (None, "staging is not deployed"),
        (source_running(release=UNRELEASED), "staging runs no release"),
    ],
)
def test_what_runs_no_release_has_none_to_promote(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, found: Running | None, said: str
) -> None:
    _runs(monkeypatch, found)

    with pytest.raises(NothingToDeploy, match=rf"{said}(.|\n)*deploy\.py up --env staging --verify"):
        reader.promotion("staging", "prod", TERMS)


def test_a_release_whose_commit_is_not_here_is_said_to_be_missing(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    _runs(monkeypatch, source_running())

    with pytest.raises(CheckoutFailed):
        reader.promotion("staging", "prod", TERMS)


def test_what_cannot_be_read_is_a_failure(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: Any, **__: Any) -> Running | None:
        raise OperationFailed("the state can't be read")

    monkeypatch.setattr(read, "running", unreachable)
    with pytest.raises(OperationFailed, match=r"can't be read"):
        reader.promotion("staging", "prod", TERMS)


def test_a_release_comes_from_the_environment_below() -> None:
    ladder = ("dev", "staging", "prod")
    assert (upstream("prod", ladder), upstream("staging", ladder)) == ("staging", "dev")
    with pytest.raises(NothingToDeploy, match=r"lowest"):
        upstream("dev", ladder)


def test_one_goes_back_to_what_was_verified_last_and_does_not_run() -> None:
    found = target_running(release=RELEASE, proven=(proven(RELEASE), proven(OLD)))

    assert last_verified(found, recorded("prod")) == OLD
    assert last_verified(replace(found, release=OLD), recorded("prod")) == RELEASE


def test_from_a_mixture_one_goes_back_to_what_was_verified_last_whatever_seems_to_run() -> None:
    mixed = recorded("prod", (Kind.BEGAN, {"action": "promotion"}))

    assert last_verified(target_running(release=OLD, proven=(proven(OLD),)), mixed) == OLD


@pytest.mark.parametrize("found", [(), (proven(OLD),), (Proven(release=UNRELEASED, since=NOW), proven(OLD))])
def test_without_another_verified_commit_there_is_nothing_to_go_back_to(found: tuple[Proven, ...]) -> None:
    with pytest.raises(NothingToDeploy, match=r"none to go back to"):
        last_verified(target_running(release=OLD, proven=found), recorded("prod"))


@pytest.mark.parametrize("to", ["r-", "r-nowhere", "unreleased"])
def test_a_release_to_go_back_to_is_one_that_was_verified_and_no_two(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    known = (proven(RELEASE), proven(OLD), Proven(release=UNRELEASED, since=NOW))
    _runs(monkeypatch, target_running(release=RELEASE, proven=known))

    with pytest.raises(NothingToDeploy, match=r"There are: r-new, r-old\."):
        reader.rollback("prod", to, TERMS)
