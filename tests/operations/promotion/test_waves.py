from dataclasses import replace

import pytest

from components.environment import EnvironmentNode, EnvironmentTree
from operations.promotion.waves import WaveError, earlier_environments, has_verified, wave_environments
from tests.operations.promotion.evidences import OLD, RELEASE, proven, source_running

TREE = EnvironmentTree(
    (
        EnvironmentNode(name="dev"),
        EnvironmentNode(name="staging", upstream="dev"),
        EnvironmentNode(name="canary", upstream="staging"),
        EnvironmentNode(name="eu", upstream="staging", wave=2),
        EnvironmentNode(name="us", upstream="staging", wave=2),
        EnvironmentNode(name="ap", upstream="staging", wave=7),
        EnvironmentNode(name="demo", upstream="dev", wave=9),
    )
)


@pytest.mark.parametrize(
    ("target", "earlier"),
    [
        ("dev", ()),
        ("staging", ()),
        ("canary", ()),
        ("us", ("canary",)),
        ("ap", ("canary", "eu", "us")),
        ("demo", ("staging",)),
    ],
)
def test_only_environments_of_the_same_upstream_are_in_earlier_waves(
    target: str, earlier: tuple[str, ...]
) -> None:
    assert earlier_environments(TREE, target) == earlier


@pytest.mark.parametrize(
    ("done", "expected"),
    [
        ((), (1, ("canary",))),
        (("canary",), (2, ("eu", "us"))),
        (("canary", "us"), (2, ("eu", "us"))),
        (("canary", "eu", "us"), (7, ("ap",))),
        (("canary", "eu", "us", "ap"), (None, ())),
    ],
)
def test_the_next_wave_is_the_first_that_is_not_done(
    done: tuple[str, ...], expected: tuple[int | None, tuple[str, ...]]
) -> None:
    assert wave_environments(TREE, "staging", "next", done.__contains__) == expected


def test_a_wave_is_taken_by_its_number_whether_it_is_done_or_not() -> None:
    assert wave_environments(TREE, "staging", "2", lambda _: True) == (2, ("eu", "us"))


@pytest.mark.parametrize(
    ("upstream", "wave", "known"),
    [
        ("staging", "3", "1, 2, 7"),
        ("staging", "canary", "1, 2, 7"),
        ("staging", "-1", "1, 2, 7"),
        ("us", "next", "none"),
    ],
)
def test_an_unknown_wave_is_refused_with_those_that_there_are(upstream: str, wave: str, known: str) -> None:
    with pytest.raises(WaveError) as caught:
        wave_environments(TREE, upstream, wave, lambda _: False)
    assert f"a wave of {upstream} ({known}), got {wave!r}" in str(caught.value)


def test_a_release_is_verified_only_while_it_runs_and_was_verified_last() -> None:
    assert has_verified(source_running(), RELEASE)
    assert not has_verified(source_running(), OLD)
    assert not has_verified(None, RELEASE)
    assert not has_verified(replace(source_running(), proven=(proven(OLD), proven(RELEASE))), RELEASE)
    assert not has_verified(replace(source_running(), proven=()), RELEASE)
