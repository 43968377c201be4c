"""What runs where, and how far each environment is behind its upstream."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime

from rich.table import Table
from rich.text import Text

from components.environment import EnvironmentNode, EnvironmentTree, upstreams_of
from operations.promotion.evidence import Running
from operations.promotion.record import Record


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One environment's place."""

    environment: str
    upstream: str | None
    wave: int
    """Turn among the environments of the same upstream."""
    depth: int
    """Number of upstreams on the way to it."""
    release: str | None
    """What it runs; None where nothing is deployed."""
    commit: str
    verified: bool
    """Whether what runs is what was verified last."""
    since: datetime | None
    """When that first passed."""
    behind: int | None
    """Commits that the upstream runs and this environment lacks; None if they can't be counted."""
    notes: tuple[str, ...]


def standings(
    ladder: EnvironmentTree,
    running: Callable[[str], Running | None],
    record: Callable[[str], Record],
    commits_between: Callable[[str, str], int | None],
) -> tuple[Standing, ...]:
    """Return the standing of every environment, each after its upstream.

    Args:
        ladder: all environments.
        running: reads what runs in an environment.
        record: reads an environment's record.
        commits_between: counts the commits from the first to the second.
    """
    with ThreadPoolExecutor() as pool:  # most of it is waiting for the engine
        deployed = dict(zip(ladder, pool.map(running, ladder), strict=True))
    return tuple(
        _standing(
            node, ladder, deployed[node.name], record(node.name), _behind(node, deployed, commits_between)
        )
        for node in _branches(ladder)
    )


def _branches(ladder: EnvironmentTree, upstream: str | None = None) -> Iterator[EnvironmentNode]:
    """The environments, each followed by those that take releases from it."""
    for node in sorted(ladder.nodes, key=lambda node: node.wave):
        if node.upstream == upstream:
            yield node
            yield from _branches(ladder, node.name)


def table(shown: Sequence[Standing]) -> Table:
    """The standings for a terminal."""
    made = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("environment", "release", "commit", "verified", "behind", ""):
        made.add_column(title, overflow="fold")
    for item in shown:
        made.add_row(
            "  " * item.depth + item.environment,
            item.release or Text("not deployed", "dim"),
            item.commit[:12],
            f"{item.since:%Y-%m-%d %H:%M} UTC" if item.verified and item.since else Text("no", "yellow"),
            _commits(item.behind),
            "\n".join(item.notes),
        )
    return made


def to_json(shown: Sequence[Standing]) -> str:
    """The standings for machines."""
    return json.dumps({"environments": [asdict(item) for item in shown]}, indent=2, default=str) + "\n"


def _standing(
    node: EnvironmentNode, ladder: EnvironmentTree, own: Running | None, record: Record, behind: int | None
) -> Standing:
    proven = own.proven[0] if own and own.proven else None
    verified = bool(own and proven and proven.release == own.release)
    return Standing(
        environment=node.name,
        upstream=node.upstream,
        wave=node.wave,
        depth=len(upstreams_of(node.name, ladder)),
        release=own.release.id if own else None,
        commit=own.release.commit if own else "",
        verified=verified,
        since=proven.since if verified and proven else None,
        behind=behind,
        notes=tuple(_notes(own, record)),
    )


def _behind(
    node: EnvironmentNode,
    deployed: Mapping[str, Running | None],
    commits_between: Callable[[str, str], int | None],
) -> int | None:
    if node.upstream is None:
        return 0
    own, below = deployed[node.name], deployed[node.upstream]
    if own is None or below is None:
        return None
    if own.release == below.release:
        return 0
    if not own.release.commit or not below.release.commit:
        return None
    return commits_between(own.release.commit, below.release.commit)


def _notes(own: Running | None, record: Record) -> list[str]:
    notes = []
    if record.in_flight:
        notes.append(f"{record.in_flight.details.get('action')} in flight, by {record.in_flight.actor}")
    if record.mixed:
        notes.append("may hold parts of two releases: none was verified since the last operation began")
    if record.hold:
        notes.append(f"on hold since {record.hold.at:%Y-%m-%d %H:%M} UTC: {record.hold.reason}")
    if own and own.break_glass:
        notes.append(f"break-glass: {own.break_glass}")
    return notes


def _commits(commits: int | None) -> str:
    if commits is None:
        return "?"
    return f"{commits} commit{'s' if commits != 1 else ''}" if commits else "no"
