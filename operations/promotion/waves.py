"""Waves: the environments of one upstream take a release in turns, each after the ones before it."""

from collections.abc import Callable

from components.environment import EnvironmentTree
from operations.errors import CommandError
from operations.promotion.evidence import DeployedState, ReleaseRef

NEXT = "next"
"""Stands for the first wave that has not verified the release in every environment."""


class WaveError(CommandError):
    """There is no such wave. The message lists those that there are."""


def earlier_environments(ladder: EnvironmentTree, target: str) -> tuple[str, ...]:
    """Return the environments of the same upstream whose waves come before that of `target`."""
    place = ladder.node(target)
    return tuple(
        node.name for node in ladder.nodes if node.upstream == place.upstream and node.wave < place.wave
    )


def has_verified(running: DeployedState | None, release: ReleaseRef) -> bool:
    """Return whether an environment runs the release, and verified it last."""
    return (
        running is not None
        and running.release == release
        and bool(running.proven)
        and running.proven[0].release == release
    )


def wave_environments(
    ladder: EnvironmentTree, upstream: str, wave: str, is_done: Callable[[str], bool]
) -> tuple[int | None, tuple[str, ...]]:
    """Return a wave's number and its environments; None and none if `next` is asked for and all are done.

    Args:
        ladder: all environments.
        upstream: the environment that releases come from.
        wave: a number from 1, or `next`.
        is_done: whether an environment has verified the release.

    Raises:
        WaveError: `upstream` has no such wave.
    """
    waves = ladder.waves(upstream)
    known = ", ".join(map(str, waves)) or "none"
    if wave == NEXT:
        for number, environments in waves.items():
            if not all(map(is_done, environments)):
                return number, environments
        if waves:
            return None, ()
    elif wave.isdecimal() and int(wave) in waves:
        return int(wave), waves[int(wave)]
    raise WaveError(
        f"--wave must be {NEXT} or a wave of {upstream} ({known}), got {wave!r}.\n"
        "projects/environments.yaml names the wave of each environment."
    )
