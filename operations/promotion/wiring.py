"""Wire up a promotion: engine, record, checkouts, drift detection, verification."""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pulumi import automation as auto
from rich.console import Console

from components.environment import LADDER, EnvironmentTree
from components.provider import ACCESS_VARIABLE, DEPLOYER, READER
from components.stacks import PROJECTS
from operations import REPOSITORY
from operations.deployment.activity import Activity
from operations.deployment.operate import Operator
from operations.deployment.outcome import Outcome
from operations.deployment.plan import Action, InvalidPlan
from operations.deployment.render import line
from operations.drift.report import Report as DriftReport
from operations.engine import locks
from operations.engine.backend_files import backend_files
from operations.engine.command import EngineCommand
from operations.engine.failure import OperationFailed
from operations.promotion import actor, checkout, drift
from operations.promotion.apply import VerificationSummary
from operations.promotion.checkout import Checkouts
from operations.promotion.collect_evidence import EvidenceReader
from operations.promotion.deployer import CheckoutDeployer
from operations.promotion.journal import Journal
from operations.promotion.review import protected_branch
from operations.promotion.storage import storage
from operations.verification import Failed, Target, target_of, verify
from operations.verification.health import alarms_on
from operations.verification.record import record
from operations.workspace import engine_command


@dataclass(frozen=True, kw_only=True)
class PromotionConfig:
    """Runtime dependencies; default to this checkout and process."""

    repository: Path = REPOSITORY
    policy_pack: Path = REPOSITORY / "policies"
    """Policy pack for a release: this checkout's, never the release's."""
    ladder: EnvironmentTree = LADDER
    projects: tuple[str, ...] = PROJECTS
    """Projects to check and deploy."""
    environ: Mapping[str, str]
    """Environment variables of the engine and all other processes."""
    records: str | None = None
    """URL of the records' folder; None for beside the state."""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    target: Callable[..., Target] = target_of
    """Returns the target of a verification."""
    drift: Callable[[str, str, Path, Mapping[str, str], Sequence[str]], DriftReport] = drift.detect
    alarms: Callable[..., tuple[str, ...]] = alarms_on
    """Returns the active alarms of an environment."""


@dataclass(frozen=True, kw_only=True)
class PromotionContext:
    """The dependencies of one command."""

    journal: Journal
    reader: EvidenceReader
    deployer: Callable[[str], CheckoutDeployer]
    """Returns the deployer of an environment."""


@contextmanager
def build_context(where: PromotionConfig, talk: Console) -> Iterator[PromotionContext]:
    """Build the context of a command; print progress to `talk`.

    Raises EngineUnavailable, StorageFailed or OperationFailed.
    """
    environ = checkout.environ(where.environ)
    reading = engine_command({**environ, ACCESS_VARIABLE: READER})
    deploying = engine_command({**environ, ACCESS_VARIABLE: DEPLOYER})

    def say(text: str) -> None:
        talk.print(text, markup=False, highlight=False, soft_wrap=True)

    def watch(activity: Activity) -> None:
        if not activity.done and not activity.current:
            say(f"{activity.stack}: {activity.phase} …")

    def concluded(outcome: Outcome) -> None:
        say(line(outcome, Action.UP))

    def verification(
        environment: str, root: Path, engine: EngineCommand, proven: bool
    ) -> VerificationSummary:
        target = where.target(environment, root=root, command=engine)
        found = verify(target, tell=say)
        if not (proven and isinstance(found, Failed)):
            operator = Operator(command=engine, watch=watch, root=root, ladder=where.ladder)
            record(found, target.outputs, operator)
        if isinstance(found, Failed):
            return VerificationSummary(passed=False, said="; ".join(found.reasons))
        return VerificationSummary(passed=True, said=f"payments went through in {found.seconds:.0f} s")

    state = backend_of(reading, where.environ)
    journal = Journal(
        storage=storage(where.records or state, environ=where.environ),
        actor=actor.this_process(),
        clock=where.clock,
        alive=actor.alive,
    )
    with Checkouts(where.repository) as checkouts:
        yield PromotionContext(
            journal=journal,
            reader=EvidenceReader(
                repository=where.repository,
                ladder=where.ladder,
                journal=journal,
                checkouts=checkouts,
                command=reading,
                projects=where.projects,
                policy_pack=where.policy_pack,
                branch=protected_branch(where.environ, where.repository),
                drift=lambda source, target, root: where.drift(
                    source, target, root, where.environ, where.projects
                ),
                alarms=lambda environment: where.alarms(environment, root=where.repository, command=reading),
                clock=where.clock,
                files=backend_files(state, environ),
                holder=lambda stack: locks.holder(state, stack, environ),
                say=say,
            ),
            deployer=lambda environment: CheckoutDeployer(
                environment=environment,
                ladder=where.ladder,
                projects=where.projects,
                checkouts=checkouts,
                policy_pack=where.policy_pack,
                command=deploying,
                verification=verification,
                watch=watch,
                concluded=concluded,
                say=say,
            ),
        )


def backend_of(command: EngineCommand, environ: Mapping[str, str]) -> str:
    """Return the URL of the engine's state backend. Raises OperationFailed if it is unknown."""
    named = environ.get("PULUMI_BACKEND_URL")
    if named:
        return named
    try:
        answer = command.run(["whoami", "--json"], str(REPOSITORY), {})
    except auto.CommandError as error:
        raise OperationFailed(
            f"The state backend is not known: {error}\n`pulumi login` or PULUMI_BACKEND_URL sets it."
        ) from error
    return str(json.loads(answer.stdout).get("url", ""))


def default_config(records: str | None, projects: Sequence[str] = PROJECTS) -> PromotionConfig:
    """Return the configuration for this process and `projects`. Raises InvalidPlan for an unknown project."""
    unknown = [project for project in projects if project not in PROJECTS]
    if unknown:
        raise InvalidPlan(f"There is no project {unknown[0]!r}. There are {', '.join(PROJECTS)}.")
    chosen = tuple(project for project in PROJECTS if project in projects)
    return PromotionConfig(environ=os.environ, records=records, projects=chosen)
