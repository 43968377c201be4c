"""A release that is broken in prod alone: the real engine puts the one before it back, and it serves.

One world serves all claims, in this order; payments alone is deployed, as CI does it.
"""

import json
from collections.abc import Iterator

import pytest

from sandbox import Sandbox
from tests.operations.promotion.repository import of_this_one
from tests.operations.promotion.world import World, story

BROKEN_IN_PROD = """
_ledger_of = handler
def handler(event, context):
    if "-prod-" in context.function_name:
        raise RuntimeError("broken on purpose")
    return _ledger_of(event, context)
"""
PAYMENTS = ("--project", "payments")


@pytest.fixture(scope="module")
def world(deployed: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A good release in prod, verified there; a broken one in staging, where it works."""
    repository = of_this_one(tmp_path_factory.mktemp("repository"))
    good = repository.git("rev-parse", "HEAD")
    repository.append("functions/payment_processor/handler.py", BROKEN_IN_PROD)
    broken = repository.commit("A release that only prod shows to be broken")
    with deployed.copy() as box, World.of(box, repository) as world:
        glass = world.break_glass(good)
        world.deploy("prod", good, **glass)
        world.vouch("prod", **glass)
        glass = world.break_glass(broken)
        world.deploy("staging", broken, **glass)
        world.vouch("staging", **glass)
        yield world


def test_a_release_that_fails_its_verification_is_put_back_and_held(world: World) -> None:
    good, broken = world.outputs("prod")["release"], world.outputs("staging")["release"]

    done = world.promote("--to", "prod", "--soak", "0", "--yes", "--json", *PAYMENTS)

    assert done.exit_code == 1
    outcome = json.loads(done.stdout)["outcome"]
    assert (outcome["result"], outcome["running"], outcome["held"]) == ("failed-put-back", good, True)
    assert "verification" in outcome["reason"]
    assert f"prod runs release {good} again, verified and serving" in done.stderr
    assert story(world.record("prod")) == [
        f"began promotion {broken}",
        f"applied payments {broken}",
        "held",
        f"applied payments {good}",
        f"verified {good}",
        "ended failed-put-back",
    ]
    assert world.record("prod").hold is not None


def test_what_was_put_back_is_what_runs_and_the_broken_one_is_not_vouched_for(world: World) -> None:
    prod, staging = world.outputs("prod"), world.outputs("staging")

    assert prod["artifactDigest"] == prod["verifiedArtifactDigest"] != staging["artifactDigest"]
    assert staging["artifactDigest"] not in {item["artifactDigest"] for item in prod["earlierVerified"]}


def test_a_hold_refuses_the_next_promotion_until_it_is_lifted_with_a_reason(world: World) -> None:
    refused = world.promote("plan", "--to", "prod", "--soak", "0", "--json", *PAYMENTS)
    assert refused.exit_code == 1
    statuses = {gate["id"]: gate["status"] for gate in json.loads(refused.stdout)["gates"]}
    assert {gate for gate, status in statuses.items() if status != "passed"} == {"not-on-hold"}

    assert world.promote("release-hold", "--env", "prod", "--reason", "ok").exit_code == 2
    assert world.record("prod").hold is not None
    lifted = world.promote("release-hold", "--env", "prod", "--reason", "the handler was corrected")
    assert lifted.exit_code == 0
    assert world.record("prod").hold is None


def test_a_rollback_goes_back_to_the_last_verified_release_and_holds(world: World) -> None:
    good = world.outputs("prod")["release"]
    world.deploy("prod", world.outputs("staging")["releaseCommit"])  # by hand: nobody verified it
    assert world.outputs("prod")["artifactDigest"] != world.outputs("prod")["verifiedArtifactDigest"]
    before = len(world.record("prod").entries)

    done = world.promote("rollback", "--env", "prod", "--yes", "--json", *PAYMENTS)

    assert done.exit_code == 0, done.stderr
    outcome = json.loads(done.stdout)["outcome"]
    assert (outcome["result"], outcome["running"], outcome["held"]) == ("rolled-back", good, True)
    prod = world.outputs("prod")
    assert (prod["release"], prod["verifiedRelease"]) == (good, good)
    assert prod["artifactDigest"] == prod["verifiedArtifactDigest"]
    assert story(world.record("prod"))[before:] == [
        f"began rollback {good}",
        f"applied payments {good}",
        f"verified {good}",
        "held",
        "ended rolled-back",
    ]
