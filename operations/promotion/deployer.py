"""Deploy a release from its own checkout and verify it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from components.environment import EnvironmentTree
from operations.deployment.activity import Watch
from operations.deployment.execute import execute
from operations.deployment.operate import Operator
from operations.deployment.outcome import Outcome, Report, any_change
from operations.deployment.plan import Action, plan
from operations.deployment.state_check import state_check
from operations.engine.command import EngineCommand
from operations.engine.failure import OperationFailed, StackName
from operations.promotion.apply import VerificationSummary
from operations.promotion.checkout import Checkouts
from operations.promotion.evidence import ReleaseRef
from operations.verification.outcome import NotVerifiable

Verify = Callable[[str, Path, EngineCommand, bool], VerificationSummary]
"""Verifies an environment and records the result in its outputs; the release's code is at the root.

The last argument is true for a release that was verified there before and keeps its proof."""


@dataclass(frozen=True, kw_only=True)
class CheckoutDeployer:
    """Deploys to one environment under the policy pack of this checkout."""

    environment: str
    ladder: EnvironmentTree
    projects: tuple[str, ...]
    checkouts: Checkouts
    policy_pack: Path
    command: EngineCommand
    """The engine; its programs use the deployer role of their environment."""
    verification: Verify
    watch: Watch = lambda _: None
    concluded: Callable[[Outcome], None] = lambda _: None
    say: Callable[[str], None] = lambda _: None
    allow_loss: frozenset[str] = frozenset()
    """URNs of resources that may lose their data: named ones, and those that this release created."""

    def deploy(self, release: ReleaseRef, applied: Callable[[StackName], None], *, previewed: bool) -> Report:
        """See `ReleaseDeployer`.

        A stack is previewed again once one before it has changed: it reads that one's outputs.
        """
        root = self.checkouts.root(release.commit)
        chosen = plan(Action.UP, environments=[self.environment], projects=self.projects, ladder=self.ladder)
        operator = Operator(
            command=self.command,
            watch=self.watch,
            root=root,
            policy_pack=self.policy_pack,
            state_check=state_check(self.policy_pack, root),
            ladder=self.ladder,
            allow_loss=self.allow_loss,
        )

        as_previewed = previewed

        def up(stack: StackName) -> Mapping[str, int]:
            nonlocal as_previewed
            changes = operator.apply(stack) if as_previewed else operator.up(stack)
            as_previewed = as_previewed and not any_change(changes)
            applied(stack)
            return changes

        return execute(chosen, up, interrupt=self.command.interrupt, concluded=self.concluded)

    def verify(self, release: ReleaseRef, *, proven: bool) -> VerificationSummary:
        """See `ReleaseDeployer`."""
        root = self.checkouts.root(release.commit)
        self.say(f"{self.environment}: verification of release {release.id} …")
        try:
            return self.verification(self.environment, root, self.command, proven)
        except NotVerifiable as failure:
            return VerificationSummary(passed=False, said=str(failure), verifiable=False)
        except OperationFailed as failure:
            return VerificationSummary(passed=False, said=str(failure))
