"""A ladder of two small stacks an environment: engine, gate, releases and record are real, payments not.

As a script it is scripts/promote.py on such a ladder, stopped at a moment, to be killed there:

    python small_ladder.py ROOT MOMENT REACHED ARGUMENT…
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from components.environment import LADDER, EnvironmentTree, environments_of
from components.promotion_gate import PromotionState
from operations import REPOSITORY, workspace
from operations.commands import promote
from operations.deployment.operate import Operator
from operations.engine.command import EngineCommand
from operations.engine.failure import StackName
from operations.promotion import wiring as working
from operations.promotion.journal import Journal
from operations.promotion.record import EntryKind, PromotionRecord
from operations.promotion.wiring import PromotionConfig
from operations.verification import Failed, Passed, Target, Verification
from tests.chain.terminal import write_environments
from tests.operations.promotion.repository import Repository as History
from tests.operations.promotion.world import no_drift
from tests.operations.small_projects import THING, Repository, repository

PROJECTS = ("network", "payments")
STOP = "STOP_IN_UP_OF"
"""Environment variable: the artifact whose update waits in its midst, and the file that says so."""

NETWORK = f"""{THING}
from pathlib import Path
from types import SimpleNamespace

from pydantic.alias_generators import to_camel

from components.promotion import enforce_promotion_gate
from components.environment import environments_of, upstream_of
from components.promotion_settings import NOTHING_SPECIAL

ENVIRONMENT = pulumi.get_stack()
upstream = upstream_of(ENVIRONMENT, environments_of(Path.cwd().parent))
stack = SimpleNamespace(
    project="network", environment=ENVIRONMENT, upstream=upstream, promotion=NOTHING_SPECIAL
)
standing = enforce_promotion_gate(stack, Path.cwd())
Thing("subnet-of-" + Path("../artifact").read_text())
for name, value in standing.as_stack_outputs().items():
    pulumi.export(to_camel(name), value)
"""
PAYMENTS = f"""{THING}
import os, time
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

from pydantic.alias_generators import to_camel

from components import promotion_gate
from components.environment import environments_of, upstreams_of
from components.promotion import enforce_offer, offer
from components.promotion_settings import PaymentsPromotion
from components.stacks import outputs_now

ARTIFACT, ENVIRONMENT = Path("../artifact").read_text(), pulumi.get_stack()
digest = sha256(ARTIFACT.encode()).hexdigest()
offered = offer("payments", Path.cwd().parent, digest)
upstreams = upstreams_of(ENVIRONMENT, environments_of(Path.cwd().parent))
own = promotion_gate.PromotionState.of(outputs_now("payments", ENVIRONMENT))
if not upstreams or not own.artifact_digest:  # the first release passes
    standing = promotion_gate.next_state(
        own,
        promotion_gate.Admitted(because=promotion_gate.AdmissionReason.LOWEST),
        deploying=promotion_gate.PromotionState(
            artifact_digest=digest,
            content_digest=offered.content_digest,
            projects=("network", "payments"),
            release=offered.release,
            release_commit=offered.commit,
            unreleased=offered.unreleased,
        ),
        result=promotion_gate.VerificationResult(passed=True, artifact_digest=digest),
        now=datetime.now(UTC),
    )
else:
    result = pulumi.Config().get("verificationResult") or ""
    promotion = PaymentsPromotion(breakGlass={{}}, verificationResult=result, previewUnverified=False)
    stack = SimpleNamespace(
        project="payments", environment=ENVIRONMENT, upstream=upstreams[-1], promotion=promotion
    )
    standing = enforce_offer(stack, offered)
made = Thing("function-of-" + ARTIFACT)
for name, value in standing.as_outputs().items():
    pulumi.export(to_camel(name), value)
pulumi.export("tableArn", "ledger-of-" + ENVIRONMENT)
pulumi.export("upstreamTableArns", ["ledger-of-" + below for below in upstreams])

artifact, _, reached = os.environ.get("{STOP}", "").partition(":")

def stop(_):
    Path(reached).write_text(str(os.getpid()))
    time.sleep(600)

if artifact == ARTIFACT and not pulumi.runtime.is_dry_run():
    made.urn.apply(stop)
"""
POLICIES = """
policies = [
    StackValidationPolicy(
        name="none",
        description="Lets everything pass.",
        enforcement_level=EnforcementLevel.MANDATORY,
        validate=lambda stack, report: None,
    )
]
"""
BROKEN = "broken"
"""The artifact that fails its verification; `broken in canary` fails in that environment alone."""


class Moment(StrEnum):
    """When a promotion is killed."""

    BETWEEN = "one stack holds the release and the other does not"
    UP = "the engine is in the midst of an update"
    SHOWN = "the outputs show the verification, and the record does not"
    VERIFIED = "the record has the verification, and no end"
    PUTTING_BACK = "a broken release is being put back"


@dataclass(frozen=True)
class Ladder:
    """The ladder in a folder. Its history has a release for each artifact that was committed."""

    projects: Repository

    @property
    def history(self) -> History:
        return History(self.projects.root)

    @classmethod
    def grown(cls, root: Path, tree: EnvironmentTree = LADDER) -> "Ladder":
        """One without stacks and releases."""
        ladder = cls(repository(root))
        (root / "projects").mkdir()
        write_environments(root, tree)
        ladder.history.git("init", "--quiet", "--initial-branch", "main")
        ladder.history.append(".git/info/exclude", "__pycache__\n.venv\nstate\nhome\n")
        copytree(REPOSITORY / "components", root / "components", ignore=ignore_patterns("__pycache__"))
        (root / "pyproject.toml").write_bytes((REPOSITORY / "pyproject.toml").read_bytes())
        (root / "requirements.txt").write_text("")
        (root / ".venv").symlink_to(sys.prefix)
        for project, program in zip(PROJECTS, (NETWORK, PAYMENTS), strict=True):
            ladder.projects.project(project, program)
        ladder.projects.policy_pack(POLICIES).rename(root / "policies")
        pack = root / "policies" / "PulumiPolicy.yaml"
        pack.write_text(f"{pack.read_text()}version: 1.0.0\n")
        return ladder

    def release(self, artifact: str) -> str:
        """Commits a release; returns the commit."""
        (self.projects.root / "projects" / "artifact").write_text(artifact)
        return self.history.commit(artifact)

    def deploy(self, environment: str, *projects: str) -> None:
        """Deploys projects of the work tree."""
        root = self.projects.root
        command = workspace.engine_command({**self.projects.environ, "PYTHONPATH": str(root)})
        operator = Operator(command=command, watch=lambda _: None, root=root)
        for project in projects:
            operator.up(StackName(project=project, environment=environment))

    def outputs(self, environment: str) -> dict[str, Any]:
        return workspace.outputs(
            "payments", environment, root=self.projects.root, environ=self.projects.environ
        )

    def standing(self, environment: str) -> PromotionState:
        return PromotionState.of(self.outputs(environment))

    def resources(self, environment: str) -> list[str]:
        """The names of what an environment holds."""
        states = self.projects.root / "state" / ".pulumi" / "stacks"
        return [
            each["urn"].rpartition("::")[2]
            for project in PROJECTS
            for each in json.loads((states / project / f"{environment}.json").read_text())["checkpoint"][
                "latest"
            ]["resources"]
            if each["type"].startswith("test:")
        ]

    def cancel(self, environment: str) -> None:
        """Takes the lock of the payments stack away."""
        workspace.stack(
            "payments", environment, root=self.projects.root, environ=self.projects.environ
        ).cancel()

    def record(self, environment: str) -> PromotionRecord:
        with working.build_context(self._surroundings(), Console(quiet=True)) as shop:
            return shop.journal.record(environment)

    def promote(self, *arguments: str, meanwhile: Callable[[], object] = lambda: None) -> Result:
        """Run scripts/promote.py here; call `meanwhile` while it detects drift."""
        with pytest.MonkeyPatch.context() as patch:
            self.take_place(patch, meanwhile)
            return CliRunner().invoke(promote.app, list(arguments))

    @contextmanager
    def stopped(self, moment: Moment, folder: Path, *arguments: str) -> Iterator[int]:
        """A promotion in a process of its own, stopped at the moment, and killed in the end.

        Gives its number. The engine, where it is in the midst of something, is killed with it.
        """
        reached = folder / "reached"
        reached.unlink(missing_ok=True)
        process = subprocess.Popen(  # noqa: S603  our own interpreter
            [sys.executable, __file__, str(self.projects.root), moment.name, str(reached), *arguments],
            env={**self.projects.environ, "PYTHONPATH": str(REPOSITORY), "TMPDIR": str(folder)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            while not reached.exists() or not reached.read_text():
                assert process.poll() is None, process.communicate()[1]
                time.sleep(0.02)
            yield process.pid
        finally:
            process.kill()
            process.communicate()
            # The engine began the session in which what it has started is, too.
            stopped = int(reached.read_text()) if reached.exists() else process.pid
            if stopped != process.pid:
                os.kill(os.getsid(stopped), signal.SIGKILL)

    def take_place(self, patch: pytest.MonkeyPatch, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Lets scripts/promote.py work here."""

        def drift(*asked: Any) -> Any:
            meanwhile()
            return no_drift(*asked)

        patch.setattr(promote, "default_config", lambda _, projects: self._surroundings(projects, drift))
        patch.setattr(working, "verify", _verify)

    def _surroundings(
        self, projects: Any = PROJECTS, drift: Callable[..., Any] = no_drift
    ) -> PromotionConfig:
        return PromotionConfig(
            repository=self.projects.root,
            policy_pack=self.projects.root / "policies",
            projects=tuple(project for project in PROJECTS if project in projects),
            ladder=environments_of(self.projects.root / "projects"),
            environ={**self.projects.environ, **_stopping()},
            target=_target,
            alarms=lambda *_, **__: (),
            drift=drift,
        )


def _stopping() -> Mapping[str, str]:
    return {STOP: os.environ[STOP]} if STOP in os.environ else {}


def _target(environment: str, *, root: Path, command: EngineCommand) -> Target:
    shown = workspace.outputs("payments", environment, root=root, command=command)
    return Target(environment=environment, outputs=shown, client=lambda _: None)


def _verify(target: Target, **_: object) -> Verification:
    """Pretends that payments were sent."""
    about = {"environment": target.environment, "artifact_digest": target.outputs["artifactDigest"]}
    broken = (BROKEN, f"{BROKEN} in {target.environment}")
    if target.outputs["artifactDigest"] in {sha256(text.encode()).hexdigest() for text in broken}:
        return Failed(**about, reasons=("accepted: the payment is not in the ledger",), seconds=0)
    return Passed(**about, seconds=0)


def _stop_at(moment: Moment, reached: Path) -> None:
    """Has this process wait for its end once the moment has come."""

    def hook(owner: Any, name: str, kind: EntryKind | None = None, *, before: bool = False) -> None:
        original = getattr(owner, name)

        def stopping(*given: Any, **named: Any) -> Any:
            meant = kind is None or kind in given
            done = None if meant and before else original(*given, **named)
            if not meant:
                return done
            reached.write_text(str(os.getpid()))
            signal.pause()
            raise AssertionError("it was to be killed")

        setattr(owner, name, stopping)

    match moment:
        case Moment.BETWEEN:
            hook(Journal, "append", EntryKind.APPLIED)
        case Moment.SHOWN:
            hook(Journal, "append", EntryKind.VERIFIED, before=True)
        case Moment.VERIFIED:
            hook(Journal, "append", EntryKind.VERIFIED)
        case Moment.UP | Moment.PUTTING_BACK:
            os.environ[STOP] = f"new:{reached}"


def _main(root: str, moment: str, reached: str, *arguments: str) -> None:
    Ladder(Repository(root=Path(root))).take_place(pytest.MonkeyPatch())
    _stop_at(Moment[moment], Path(reached))
    promote.app(list(arguments))


if __name__ == "__main__":
    _main(*sys.argv[1:])
