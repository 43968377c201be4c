"""Show release, content and settings per environment, and how far it is behind its upstream."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from components.environment import EnvironmentNode, EnvironmentTree, upstreams_of
from components.stacks import PROJECTS, PaymentsOutputs
from operations.engine.failure import StackName
from operations.promotion.deployed_state import of_outputs
from operations.promotion.evidence import DeployedState
from operations.promotion.record import PromotionRecord

_READERS = 6
"""Stacks that are read side by side; most of it is waiting for the engine."""


@dataclass(frozen=True, kw_only=True)
class HoldStatus:
    """A hold in force."""

    since: datetime
    by: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class EnvironmentStatus:
    """One environment's status."""

    environment: str
    upstream: str | None
    wave: int
    """Turn among the environments of the same upstream."""
    depth: int
    """Number of upstreams on the way to it."""
    release: str | None
    """Id of the release; None if nothing is deployed."""
    commit: str
    verified: bool
    """Whether what runs is what was verified last."""
    since: datetime | None
    """When that first passed."""
    behind: int | None
    """Commits that the upstream runs and this environment lacks; None if they can't be counted."""
    content: Mapping[str, str]
    """Digest of the content that each stack holds, by project; no entry for a stack that is not deployed."""
    configuration: Mapping[str, str]
    """Digest of the settings that each stack was deployed with, by project."""
    hold: HoldStatus | None
    notes: tuple[str, ...]


def environment_statuses(
    ladder: EnvironmentTree,
    outputs: Callable[[StackName], Mapping[str, Any]],
    record: Callable[[str], PromotionRecord],
    commits_between: Callable[[str, str], int | None],
) -> tuple[EnvironmentStatus, ...]:
    """Return the status of every environment, each followed by those that take releases from it.

    Args:
        ladder: all environments.
        outputs: reads a stack's outputs; none for a stack that is not deployed. It is called from threads.
        record: reads an environment's record.
        commits_between: counts the commits from the first to the second.
    """
    names = [StackName(project=project, environment=each) for each in ladder for project in PROJECTS]
    with ThreadPoolExecutor(max_workers=_READERS) as pool:
        stacks = dict(zip(names, pool.map(outputs, names), strict=True))
    deployed = {
        each: of_outputs(each, stacks[StackName(project=PaymentsOutputs.PROJECT, environment=each)])
        for each in ladder
    }
    return tuple(
        _status(
            node,
            ladder,
            deployed[node.name],
            {name.project: stacks[name] for name in names if name.environment == node.name},
            record(node.name),
            _behind(node, deployed, commits_between),
        )
        for node in _branches(ladder)
    )


def table(shown: Sequence[EnvironmentStatus]) -> Table:
    """Format the statuses for a terminal."""
    made = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("environment", "release", "commit", "content", "settings", "verified", "behind", ""):
        made.add_column(title, overflow="fold")
    for item in shown:
        made.add_row(
            "  " * item.depth + item.environment,
            item.release or Text("not deployed", "dim"),
            item.commit[:12],
            _content(item),
            _settings(item),
            f"{item.since:%Y-%m-%d %H:%M} UTC" if item.verified and item.since else Text("no", "yellow"),
            _commits(item.behind),
            "\n".join(item.notes),
        )
    return made


def to_json(shown: Sequence[EnvironmentStatus]) -> str:
    """Format the statuses as JSON."""
    return json.dumps({"environments": [asdict(item) for item in shown]}, indent=2, default=str) + "\n"


def _branches(ladder: EnvironmentTree, upstream: str | None = None) -> Iterator[EnvironmentNode]:
    """The environments, each followed by those that take releases from it."""
    for node in sorted(ladder.nodes, key=lambda node: node.wave):
        if node.upstream == upstream:
            yield node
            yield from _branches(ladder, node.name)


def _status(
    node: EnvironmentNode,
    ladder: EnvironmentTree,
    running: DeployedState | None,
    stacks: Mapping[str, Mapping[str, Any]],
    record: PromotionRecord,
    behind: int | None,
) -> EnvironmentStatus:
    proven = running.proven[0] if running and running.proven else None
    verified = bool(running and proven and proven.release == running.release)
    hold = record.hold
    return EnvironmentStatus(
        environment=node.name,
        upstream=node.upstream,
        wave=node.wave,
        depth=len(upstreams_of(node.name, ladder)),
        release=running.release.id if running else None,
        commit=running.release.commit if running else "",
        verified=verified,
        since=proven.since if verified and proven else None,
        behind=behind,
        content=_output("contentDigest", stacks),
        configuration=_output("configurationDigest", stacks),
        hold=HoldStatus(since=hold.at, by=hold.by, reason=hold.reason) if hold else None,
        notes=tuple(_notes(running, record)),
    )


def _output(name: str, stacks: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {project: str(shown.get(name, "")) for project, shown in stacks.items() if shown}


def _behind(
    node: EnvironmentNode,
    deployed: Mapping[str, DeployedState | None],
    commits_between: Callable[[str, str], int | None],
) -> int | None:
    if node.upstream is None:
        return 0
    running, upstream = deployed[node.name], deployed[node.upstream]
    if running is None or upstream is None:
        return None
    if running.release == upstream.release:
        return 0
    if not running.release.commit or not upstream.release.commit:
        return None
    return commits_between(running.release.commit, upstream.release.commit)


def _notes(running: DeployedState | None, record: PromotionRecord) -> Iterator[str]:
    if record.in_flight:
        yield f"{record.in_flight.details.get('action')} in flight, by {record.in_flight.actor}"
    if record.partially_deployed:
        yield "may hold parts of two releases: none was verified since the last operation began"
    if record.hold:
        yield f"on hold since {record.hold.at:%Y-%m-%d %H:%M} UTC: {record.hold.reason}"
    if running and running.break_glass:
        yield f"break-glass: {running.break_glass}"


def _content(item: EnvironmentStatus) -> Text:
    digests = set(item.content.values())
    if len(digests) > 1:
        return Text("differs per stack", "yellow")
    return Text(next(iter(digests), "")[:12])


def _settings(item: EnvironmentStatus) -> str:
    """One digest of the settings of all stacks."""
    digests = "".join(digest for _, digest in sorted(item.configuration.items()))
    return hashlib.sha256(digests.encode()).hexdigest()[:8] if digests else ""


def _commits(commits: int | None) -> str:
    if commits is None:
        return "?"
    return f"{commits} commit{'s' if commits != 1 else ''}" if commits else "no"
