"""A release goes up the ladder: the real engine, programs, policy pack and verification.

One world serves all claims, in this order.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from operations.promotion.record import Kind, Result
from sandbox import Sandbox
from tests.operations.promotion.repository import of_this_one
from tests.operations.promotion.world import World, story

NOTHING = "# Another artifact, which does the same.\n"
PROMOTING = """
import os, pathlib
from rich.console import Console
from operations.promotion.evidence import Terms
from operations.promotion.apply import carry_out
from operations.promotion.plan import plan
from operations.promotion.workshop import Surroundings, workshop
from tests.operations.promotion.world import no_drift
from datetime import timedelta

where = Surroundings(repository=pathlib.Path.cwd(), environ=os.environ, drift=no_drift)
with workshop(where, Console(stderr=True)) as shop:
    made = plan(shop.reader.promotion("dev", "staging", Terms(soak=timedelta(0))))
    carry_out(made, journal=shop.journal, hands=shop.deployer("staging"), fall_back=None)
"""
"""What scripts/promote.py does, in a process that can be killed."""


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


def test_a_promotion_that_is_killed_converges_when_it_is_run_again(world: World) -> None:
    killed = subprocess.Popen(  # noqa: S603  our own interpreter
        [sys.executable, "-c", PROMOTING],
        cwd=world.repository.root,
        env={**world.box.environ, "PYTHONPATH": str(world.repository.root)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert killed.stderr is not None
    for line in killed.stderr:
        if line.startswith("network/staging: up"):
            os.kill(killed.pid, signal.SIGKILL)
            break
    assert killed.wait() == -signal.SIGKILL
    assert story(world.record("staging"))[-1].startswith("applied bootstrap-iam")
    assert world.record("staging").mixed is not None
    _let_the_engine_end(world)

    done = world.promote("--to", "staging", "--soak", "0", "--yes", "--json")

    release = world.outputs("dev")["release"]
    assert done.exit_code == 0, done.stderr
    outcome = json.loads(done.stdout)["outcome"]
    assert (outcome["result"], outcome["running"]) == ("promoted", release)
    assert story(world.record("staging")) == [
        f"began promotion {release}",
        f"applied bootstrap-iam {release}",
        "ended interrupted",
        f"began promotion {release}",
        f"applied bootstrap-iam {release}",
        f"applied network {release}",
        f"applied payments {release}",
        f"verified {release}",
        "ended promoted",
    ]
    assert world.outputs("staging")["verifiedArtifactDigest"] == world.outputs("dev")["artifactDigest"]


def _let_the_engine_end(world: World) -> None:
    """The engine ends what it does, although nobody waits for it any more, and takes its lock away."""
    locks = Path(world.box.folder, "state", ".pulumi", "locks")
    for _ in range(600):
        if not any(path.is_file() for path in locks.rglob("*")):
            return
        signal.sigtimedwait([signal.SIGUSR1], 0.1)
    raise AssertionError("the engine does not end")


def test_a_saved_plan_is_refused_once_something_that_matters_has_changed(
    world: World, tmp_path: Path
) -> None:
    file = tmp_path / "plan.json"
    made = world.promote("plan", "--to", "prod", "--soak", "0", "--save-plan", str(file), "--json")
    assert (made.exit_code, json.loads(made.stdout)["ready"]) == (0, True)
    assert file.read_text() == made.stdout

    with world.workshop() as shop:
        shop.journal.note("prod", Kind.HELD, reason="a drill of the test")
        shop.journal.note("prod", Kind.RELEASED, reason="the drill is over")
    done = world.promote("--to", "prod", "--soak", "0", "--plan", str(file), "--yes", "--json")

    assert done.exit_code == 1
    assert json.loads(done.stdout)["refused"] == ["2 entries came to the record of prod"]
    assert world.record("prod").in_flight is None


def test_what_staging_has_proved_goes_to_prod_by_a_saved_plan(world: World, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    made = world.promote("plan", "--to", "prod", "--soak", "0", "--save-plan", str(file))
    assert made.exit_code == 0, made.stderr

    done = world.promote("--to", "prod", "--soak", "0", "--plan", str(file), "--yes", "--json")

    assert done.exit_code == 0, done.stderr
    release = world.outputs("dev")["release"]
    assert json.loads(done.stdout)["outcome"]["running"] == release
    assert world.outputs("prod")["artifactDigest"] == world.outputs("dev")["artifactDigest"]
    assert world.outputs("prod")["verifiedRelease"] == release
    began, ended = (
        [entry for entry in world.record("prod").entries if entry.kind is kind][-1]
        for kind in (Kind.BEGAN, Kind.ENDED)
    )
    assert began.details["plan"] == json.loads(file.read_text())["digest"]
    assert set(began.details["gates"].values()) == {"passed"}
    assert ended.details["result"] == Result.PROMOTED


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
