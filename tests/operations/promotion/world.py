"""Releases and environments to promote them in: a repository, a sandbox, and the script between them."""

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from typer.testing import CliRunner, Result

from operations import workspace
from operations.deployment.operate import Operator
from operations.drift.report import Check, Report
from operations.engine.command import EngineCommand
from operations.engine.failure import StackName
from operations.promotion import checkout
from operations.promotion.checkout import Checkouts
from operations.promotion.record import PromotionRecord
from operations.promotion.wiring import PromotionConfig, PromotionContext, build_context, default_config
from operations.verification import Passed, Target
from operations.verification.health import alarms
from operations.verification.record import record
from sandbox import Sandbox
from tests.operations.promotion.repository import Repository

DriftDetection = Callable[[str, str, Path, Mapping[str, str], Sequence[str]], Report]


def no_drift(
    source: str, target: str, root: Path, base: Mapping[str, str], projects: Sequence[str]
) -> Report:
    """For tests that are about something else: asking takes as long as promoting."""
    return Report(
        baseline=source,
        target=target,
        source="live",
        generated_at=datetime.now(UTC),
        checks=tuple(Check),
        projects=tuple(projects),
    )


@dataclass(frozen=True, kw_only=True)
class World:
    """All that a promotion needs."""

    box: Sandbox
    repository: Repository
    checkouts: Checkouts
    drift: DriftDetection = no_drift

    @classmethod
    @contextmanager
    def of(cls, box: Sandbox, repository: Repository) -> Iterator["World"]:
        with Checkouts(repository.root) as checkouts:
            yield cls(box=box, repository=repository, checkouts=checkouts)

    def promote(self, *arguments: str) -> Result:
        """Run scripts/promote.py here."""
        script: Any = importlib.import_module("operations.commands.promote")
        before = script.default_config
        script.default_config = lambda *chosen: self._move(default_config(*chosen))
        try:
            return CliRunner().invoke(script.app, list(arguments))
        finally:
            script.default_config = before

    def record(self, environment: str) -> PromotionRecord:
        with self.context() as shop:
            return shop.journal.record(environment)

    @contextmanager
    def context(self) -> Iterator[PromotionContext]:
        with build_context(self._move(default_config(None)), Console(quiet=True)) as shop:
            yield shop

    def deploy(self, environment: str, commit: str, **transient: Any) -> None:
        """The payments stack alone, by the commit's code, without the policy pack."""
        self._operator(commit, transient).up(_payments(environment))

    def vouch(self, environment: str, **transient: Any) -> None:
        """Lets the environment show that what runs was verified, without the payments for it."""
        shown = self.outputs(environment)
        passed = Passed(environment=environment, artifact_digest=shown["artifactDigest"], seconds=0)
        record(passed, shown, self._operator(shown["releaseCommit"], transient))

    def break_glass(self, commit: str) -> dict[str, Any]:
        """Permission to deploy the commit anywhere, for one deployment."""
        root = self.checkouts.root(commit)
        digest = (
            importlib.import_module("components.artifact")
            .build("payment_processor", functions=root / "functions")
            .digest
        )
        return {
            "payments:breakGlass": {
                "artifactDigest": digest,
                "reason": "the test begins here",
                "expires": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
            }
        }

    def outputs(self, environment: str) -> dict[str, Any]:
        return self.box.outputs("payments", environment)

    def _move(self, where: PromotionConfig) -> PromotionConfig:
        """The same in this world, whose queues are processed when something is verified, and not before."""

        def target(environment: str, *, root: Path, command: EngineCommand) -> Target:
            return Target(
                environment=environment,
                outputs=workspace.outputs("payments", environment, root=root, command=command),
                client=lambda service: self.box.client(service, environment),
                deliver=lambda: self.box.process(environment),
            )

        return replace(
            where,
            repository=self.repository.root,
            environ=self.box.environ,
            ladder=self.box.ladder,
            target=target,
            drift=self.drift,
            alarms=lambda environment, **_: tuple(
                alarms(self.box.client("cloudwatch", environment), self.outputs(environment))
            ),
        )

    def _operator(self, commit: str, transient: Mapping[str, Any]) -> Operator:
        root = self.checkouts.root(commit)
        command = workspace.engine_command(checkout.environ(self.box.environ))
        return Operator(command=command, watch=lambda _: None, root=root, transient=transient)


def story(record: PromotionRecord) -> list[str]:
    """The record in key words."""
    keys = ("action", "project", "release", "result")
    return [
        " ".join([entry.kind, *(str(entry.details[key]) for key in keys if key in entry.details)])
        for entry in record.entries
    ]


def _payments(environment: str) -> StackName:
    return StackName(project="payments", environment=environment)
