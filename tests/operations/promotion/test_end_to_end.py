"""A release goes up the ladder: the real engine, programs, policy pack and verification.

One world serves all claims, in this order. One promotion takes every project, the others some, as CI does it.
Drift detection is left out: it costs 17 s of processor time for payments alone, as much as a whole promotion,
and tests/operations/drift has it on the real engine.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from operations.drift.report import Report
from operations.promotion.record import Kind, Result
from sandbox import Sandbox
from tests.operations.promotion.repository import of_this_one
from tests.operations.promotion.world import World, no_drift, story

NOTHING = "# Another artifact, which does the same.\n"
PAYMENTS = ("--project", "payments")
RIVAL = """
import os, pathlib, sys
from dataclasses import replace
from tests.operations.promotion.world import no_drift
import scripts.promote as script

here = script.here
script.here = lambda *chosen: replace(
    here(*chosen), repository=pathlib.Path.cwd(), environ=os.environ, drift=no_drift
)
script.app(sys.argv[1:])
"""
"""scripts/promote.py in a process that can be killed."""


@pytest.fixture(scope="module")
def world(deployed: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A new release in dev, vouched for there; nothing of it above."""
    repository = of_this_one(tmp_path_factory.mktemp("repository"))
    repository.append("functions/payment_processor/handler.py", NOTHING)
    release = repository.commit("A release")
    with deployed.copy() as box, World.of(box, repository) as world:
        world.deploy("dev", release)
        world.vouch("dev")
        yield world


def test_of_two_promotions_at_once_one_wins_and_the_other_is_told(world: World) -> None:
    release = world.outputs("dev")["release"]
    with _rival(world) as rival:

        def faster(
            source: str, target: str, root: Path, base: Mapping[str, str], projects: Sequence[str]
        ) -> Report:
            """The other one deploys while this one still looks."""
            rival.deploy_until("payments/staging: preview")
            return no_drift(source, target, root, base, projects)

        late = replace(world, drift=faster)
        told = late.promote("--to", "staging", "--soak", "0", "--yes", *PAYMENTS)

    assert told.exit_code == 1
    assert f"staging: applied by {rival.actor}" in told.stderr.replace("(applied) ", "")
    assert "since this was prepared. Look again, then decide again." in told.stderr
    assert story(world.record("staging")) == [
        f"began promotion {release}",
        f"applied network {release}",
    ], "the rival alone wrote"


def test_a_promotion_that_was_killed_converges_when_it_is_run_again(world: World) -> None:
    release = world.outputs("dev")["release"]
    assert world.record("staging").mixed is not None
    assert world.outputs("staging")["verifiedRelease"] != release

    done = world.promote("--to", "staging", "--soak", "0", "--yes", "--json")

    assert done.exit_code == 0, done.stderr
    outcome = json.loads(done.stdout)["outcome"]
    assert (outcome["result"], outcome["running"]) == ("promoted", release)
    assert story(world.record("staging")) == [
        f"began promotion {release}",
        f"applied network {release}",
        "ended interrupted",
        f"began promotion {release}",
        f"applied bootstrap-iam {release}",
        f"applied network {release}",
        f"applied payments {release}",
        f"verified {release}",
        "ended promoted",
    ]
    assert world.record("staging").mixed is None
    assert world.outputs("staging")["verifiedArtifactDigest"] == world.outputs("dev")["artifactDigest"]


@pytest.fixture(scope="module")
def saved(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan to take to prod what staging has proved."""
    file = tmp_path_factory.mktemp("plans") / "plan.json"
    made = world.promote("plan", "--to", "prod", "--soak", "0", "--save-plan", str(file), "--json", *PAYMENTS)
    assert (made.exit_code, json.loads(made.stdout)["ready"]) == (0, True), made.stderr
    assert file.read_text() == made.stdout
    return file


def test_what_staging_has_proved_goes_to_prod_by_a_saved_plan(world: World, saved: Path) -> None:
    done = world.promote("--to", "prod", "--soak", "0", "--plan", str(saved), "--yes", "--json", *PAYMENTS)

    assert done.exit_code == 0, done.stderr
    release = world.outputs("dev")["release"]
    assert json.loads(done.stdout)["outcome"]["running"] == release
    assert world.outputs("prod")["artifactDigest"] == world.outputs("dev")["artifactDigest"]
    assert world.outputs("prod")["verifiedRelease"] == release
    began, ended = (
        [entry for entry in world.record("prod").entries if entry.kind is kind][-1]
        for kind in (Kind.BEGAN, Kind.ENDED)
    )
    assert began.details["plan"] == json.loads(saved.read_text())["digest"]
    assert set(began.details["gates"].values()) == {"passed"}
    assert ended.details["result"] == Result.PROMOTED


def test_a_saved_plan_is_refused_once_something_that_matters_has_changed(world: World, saved: Path) -> None:
    before = world.record("prod")

    done = world.promote("--to", "prod", "--soak", "0", "--plan", str(saved), "--yes", "--json", *PAYMENTS)

    assert done.exit_code == 1
    refused = json.loads(done.stdout)["refused"]
    assert f"{len(before.entries)} entries came to the record of prod" in refused
    assert "the state of payments/prod changed" in refused
    assert world.record("prod") == before


def test_status_tells_what_runs_where(world: World) -> None:
    shown = json.loads(world.promote("status", "--json").stdout)["environments"]

    assert [(item["environment"], item["verified"], item["behind"]) for item in shown] == [
        ("dev", True, 0),
        ("staging", True, 0),
        ("prod", True, 0),
    ]


def test_history_tells_what_happened(world: World) -> None:
    told = world.promote("history", "--env", "staging").stdout

    assert "interrupted" in told
    assert told.rstrip().endswith("promoted")


class _Rival:
    """Another process that promotes to staging."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._process: subprocess.Popen[str] | None = None
        self.actor = ""

    def deploy_until(self, line: str) -> None:
        """Starts it, and stops it where it says the line: alive, and in flight."""
        arguments = ["--to", "staging", "--soak", "0", "--yes", "--project", "network", *PAYMENTS]
        root = self._world.repository.root
        process = self._process = subprocess.Popen(  # noqa: S603  our own interpreter
            [sys.executable, "-c", RIVAL, *arguments],
            cwd=root,
            env={**self._world.box.environ, "PYTHONPATH": str(root)},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        said = []
        for text in process.stderr:
            said.append(text)
            if text.startswith(line):
                process.send_signal(signal.SIGSTOP)
                self.actor = str(self._world.record("staging").entries[-1].actor)
                assert f"(process {process.pid})" in self.actor
                return
        raise AssertionError(f"it never said {line!r}:\n{''.join(said)}")

    def kill(self) -> None:
        """Kills it; the engine ends what it does, although nobody waits for it, and takes its lock away."""
        if self._process is None:
            return
        os.kill(self._process.pid, signal.SIGKILL)
        assert self._process.wait() == -signal.SIGKILL
        locks = Path(self._world.box.folder, "state", ".pulumi", "locks")
        for _ in range(600):
            if not any(path.is_file() for path in locks.rglob("*")):
                return
            signal.sigtimedwait([signal.SIGUSR1], 0.1)
        raise AssertionError("the engine does not end")


@contextmanager
def _rival(world: World) -> Iterator[_Rival]:
    rival = _Rival(world)
    try:
        yield rival
    finally:
        rival.kill()
