"""A release goes up the ladder and the next one comes down again: real programs, policy pack, verification.

One world serves all claims, in this order. payments alone is promoted: promotions of several projects, and
those that are killed, are in test_interruptions.py, on stacks that cost less.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from operations.promotion.drift import detect
from operations.promotion.record import EntryKind, OperationResult
from sandbox import Sandbox
from tests.operations.promotion.repository import of_this_one
from tests.operations.promotion.world import World, story

pytestmark = pytest.mark.long
NOTHING = "# Another artifact, which does the same.\n"
BROKEN_IN_PROD = """
_ledger_of = handler
def handler(event, context):
    if "-prod-" in context.function_name:
        raise RuntimeError("broken on purpose")
    return _ledger_of(event, context)
"""
PAYMENTS = ("--project", "payments")
FIRST = (*PAYMENTS, "--allow-no-put-back")
"""What the sandbox was deployed from is no commit of the test's repository."""


@contextmanager
def changed_by_hand(world: World, environment: str) -> Iterator[None]:
    """Somebody has changed the queue, for the length of the block."""
    sqs, url = world.box.client("sqs", environment), world.outputs(environment)["queueUrl"]
    before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ReceiveMessageWaitTimeSeconds"])
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"ReceiveMessageWaitTimeSeconds": "7"})
    yield
    sqs.set_queue_attributes(QueueUrl=url, Attributes=before["Attributes"])


@pytest.fixture(scope="module")
def world(deployed: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A new release in dev, verified there and in no other environment."""
    repository = of_this_one(tmp_path_factory.mktemp("repository"))
    repository.append("functions/payment_processor/handler.py", NOTHING)
    release = repository.commit("A release")
    with deployed.copy() as box, World.of(box, repository) as world:
        world.deploy("dev", release)
        world.vouch("dev")
        yield world


def test_a_release_verified_in_dev_goes_to_staging(world: World) -> None:
    release = world.outputs("dev")["release"]
    assert world.outputs("staging")["verifiedRelease"] != release

    done = world.promote("--to", "staging", "--soak", "0", "--yes", "--json", *FIRST)

    assert done.exit_code == 0, done.stderr
    outcome = json.loads(done.stdout)["outcome"]
    assert (outcome["result"], outcome["running"]) == ("promoted", release)
    assert story(world.record("staging")) == [
        f"began promotion {release}",
        f"applied payments {release}",
        f"verified {release}",
        "ended promoted",
    ]
    assert world.outputs("staging")["verifiedArtifactDigest"] == world.outputs("dev")["artifactDigest"]


@pytest.fixture(scope="module")
def saved(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan to take to prod what staging has proved."""
    file = tmp_path_factory.mktemp("plans") / "plan.json"
    made = world.promote("plan", "--to", "prod", "--soak", "0", "--save-plan", str(file), "--json", *FIRST)
    assert (made.exit_code, json.loads(made.stdout)["ready"]) == (0, True), made.stderr
    assert file.read_text() == made.stdout
    return file


def test_a_release_verified_in_staging_goes_to_prod_by_a_saved_plan(world: World, saved: Path) -> None:
    done = world.promote("--to", "prod", "--soak", "0", "--plan", str(saved), "--yes", "--json", *FIRST)

    assert done.exit_code == 0, done.stderr
    release = world.outputs("dev")["release"]
    assert json.loads(done.stdout)["outcome"]["running"] == release
    assert world.outputs("prod")["artifactDigest"] == world.outputs("dev")["artifactDigest"]
    assert world.outputs("prod")["verifiedRelease"] == release
    began, ended = (
        [entry for entry in world.record("prod").entries if entry.kind is kind][-1]
        for kind in (EntryKind.BEGAN, EntryKind.ENDED)
    )
    assert began.details["plan"] == json.loads(saved.read_text())["digest"]
    assert set(began.details["gates"].values()) == {"passed"}
    assert ended.details["result"] == OperationResult.PROMOTED


def test_a_saved_plan_is_refused_once_something_that_matters_has_changed(world: World, saved: Path) -> None:
    before = world.record("prod")
    looking = replace(world, drift=detect)  # at all three checks, by the release's own script

    with changed_by_hand(world, "staging"):
        done = looking.promote("--to", "prod", "--soak", "0", "--plan", str(saved), "--yes", "--json", *FIRST)

    assert done.exit_code == 1
    assert "payments-queue" in done.stderr
    refused = json.loads(done.stdout)["refused"]
    assert f"the record of prod has {len(before.entries)} new entries" in refused
    assert "the state of payments/prod changed" in refused
    gates = [line for line in refused if line.startswith("the gate ")]
    assert gates == ["the gate upstream-no-drift was passed, and is failed"], "parity was looked at, and is"
    assert world.record("prod") == before


def test_status_shows_releases_per_environment(world: World) -> None:
    shown = json.loads(world.promote("status", "--json").stdout)["environments"]

    assert [(item["environment"], item["verified"], item["behind"]) for item in shown] == [
        ("dev", True, 0),
        ("staging", True, 0),
        ("prod", True, 0),
    ]


def test_a_release_that_fails_its_verification_is_put_back_and_held(world: World) -> None:
    world.repository.append("functions/payment_processor/handler.py", BROKEN_IN_PROD)
    commit = world.repository.commit("A release that only prod shows to be broken")
    glass = world.break_glass(commit)
    world.deploy("staging", commit, **glass)
    world.vouch("staging", **glass)
    good, broken = world.outputs("prod")["release"], world.outputs("staging")["release"]
    before = len(world.record("prod").entries)

    done = world.promote("--to", "prod", "--soak", "0", "--yes", "--json", *PAYMENTS)

    assert done.exit_code == 1
    outcome = json.loads(done.stdout)["outcome"]
    assert (outcome["result"], outcome["running"], outcome["held"]) == ("failed-put-back", good, True)
    assert "verification" in outcome["reason"]
    assert f"prod runs release {good} again, verified and serving" in done.stderr
    assert story(world.record("prod"))[before:] == [
        f"began promotion {broken}",
        f"applied payments {broken}",
        "held",
        f"applied payments {good}",
        f"verified {good}",
        "ended failed-put-back",
    ]
    assert world.record("prod").hold is not None


def test_the_redeployed_release_runs_and_the_broken_one_is_unverified(world: World) -> None:
    prod, staging = world.outputs("prod"), world.outputs("staging")

    assert prod["artifactDigest"] == prod["verifiedArtifactDigest"] != staging["artifactDigest"]
    assert staging["artifactDigest"] not in {item["artifactDigest"] for item in prod["earlierVerified"]}
