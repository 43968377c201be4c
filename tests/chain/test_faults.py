"""Bad input and broken-off deployments on the real engine: one clear message, and nothing half-done.

The claims that deploy nothing come first; one account, dev's, serves them all, with the smallest project.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from operations.deployment.outcome import Failed, Outcome, Succeeded
from operations.deployment.plan import Action
from sandbox.box import Sandbox
from tests.chain.terminal import typed, variables
from tests.chain.world import World

UP = "pulumi -C projects/bootstrap-iam -s {environment} up --yes --skip-preview --non-interactive"


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox() as box:
        yield box


@pytest.fixture
def world(box: Sandbox) -> World:
    return World(box, "dev")


@pytest.fixture
def configure(box: Sandbox) -> Iterator[Callable[..., None]]:
    """Spoils a stack file for the length of a test; None takes the key out."""
    spoiled = {}

    def configure(project: str, environment: str, **values: Any) -> None:
        path = box.root / "projects" / project / f"Pulumi.{environment}.yaml"
        spoiled[path] = path.read_text(encoding="utf-8")
        document = yaml.safe_load(spoiled[path])
        config = document["config"] | {f"{project}:{key}": value for key, value in values.items()}
        document["config"] = {key: value for key, value in config.items() if value is not None}
        path.write_text(yaml.safe_dump(document), encoding="utf-8")

    yield configure
    for path, text in spoiled.items():
        path.write_text(text, encoding="utf-8")


def one(box: Sandbox, action: Action, project: str) -> Outcome:
    """What becomes of one of dev's stacks."""
    (outcome,) = box.deploy(action, "dev", projects=[project]).outcomes
    return outcome


def made_by(box: Sandbox, action: Action, project: str) -> dict[str, int]:
    outcome = one(box, action, project)
    assert isinstance(outcome, Succeeded), outcome
    return {operation: count for operation, count in outcome.changes.items() if operation != "same"}


def reason(outcome: Outcome) -> str:
    assert isinstance(outcome, Failed)
    return outcome.reason


def test_all_mistakes_of_a_stacks_configuration_are_told_at_once_and_nothing_is_made(
    box: Sandbox, world: World, configure: Callable[..., None]
) -> None:
    before = world.everything()
    configure(
        "bootstrap-iam",
        "dev",
        accountId="1111",
        environmentSuffix="Acme-Payments-Limited",
        deployerPrincipals=["arn:aws:iam::111111111111:root"],
        externalID="payments-deployer-dev",
    )
    typed(box, "pulumi -C projects/bootstrap-iam stack init --no-select dev")

    done = typed(box, UP.format(environment="dev"))

    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert "bootstrap-iam/dev: 4 mistakes in the configuration" in said
    for claim in (
        "bootstrap-iam:accountId is '1111': must be an AWS account id: 12 digits, in quotes",
        "bootstrap-iam:environmentSuffix is 'Acme-Payments-Limited': must be 3 to 12 lower-case letters",
        "bootstrap-iam:deployerPrincipals is ",
        "bootstrap-iam:externalID is 'payments-deployer-dev': must be one of the keys",
        "set it in Pulumi.dev.yaml",
    ):
        assert claim in said
    assert "Traceback" not in said
    assert world.everything() == before


def test_a_value_that_is_not_set_is_named(box: Sandbox, world: World, configure: Callable[..., None]) -> None:
    before = world.everything()
    configure("bootstrap-iam", "dev", region=None)

    refusal = reason(one(box, Action.UP, "bootstrap-iam"))

    # The engine's own words: it looks for the keys that Pulumi.yaml declares before it runs the program.
    assert "Stack 'dev' is missing configuration value 'region'" in refusal
    assert world.everything() == before


def test_credentials_of_another_account_are_refused_with_both_accounts_named(
    box: Sandbox, world: World, configure: Callable[..., None]
) -> None:
    before = world.everything()
    configure("bootstrap-iam", "dev", administratorRole="")

    refusal = reason(one(box, Action.UP, "bootstrap-iam"))

    assert "AWS account ID not allowed: 123456789012" in refusal  # whom moto takes any key for
    assert "111111111111" in refusal
    assert "Traceback" not in refusal
    assert world.everything() == before


def test_a_stack_whose_upstream_is_missing_says_what_to_deploy_first(box: Sandbox, world: World) -> None:
    before = world.everything()

    refusal = reason(one(box, Action.UP, "network"))

    assert "bootstrap-iam/dev" in refusal
    assert "python scripts/deploy.py up --env dev --project bootstrap-iam" in refusal
    assert "Traceback" not in refusal
    assert world.everything() == before


def test_an_up_that_was_killed_converges_on_the_next(box: Sandbox, world: World) -> None:
    before = world.everything()
    process = started(box, "dev")
    _await_first_resource(world, before)
    # With the accounts not answering, the engine is killed for certain in the midst of a call.
    os.kill(box.server_process_id, signal.SIGSTOP)
    try:
        process.kill()
        process.communicate()
    finally:
        os.kill(box.server_process_id, signal.SIGCONT)
    left = len(world.everything() - before)

    locked = reason(one(box, Action.UP, "bootstrap-iam"))
    assert "the stack is currently locked" in locked
    assert "pulumi -C projects/bootstrap-iam cancel dev" in locked
    assert typed(box, "pulumi -C projects/bootstrap-iam cancel dev --yes").returncode == 0

    made_by(box, Action.UP, "bootstrap-iam")
    held = world.everything() - before

    assert 0 < left < len(held)
    assert made_by(box, Action.UP, "bootstrap-iam") == {}
    assert {item.name for item in held} == {
        world.name(kind)
        for kind in (
            "deployer-role",
            "deployer-denials-policy",
            "reader-inventory-policy",
            "destroyer-role",
            "destroyer-data-policy",
            "destroyer-keys-policy",
            "destroyer-network-policy",
            "operator-role",
            "operator-policy",
            "workload-boundary-policy",
            "deployer-roles-policy",
            "deployer-network-policy",
            "deployer-encryption-policy",
            "deployer-payments-policy",
            "reader-role",
            "reader-policy",
            "verifier-role",
            "verifier-policy",
            "flow-log-role",
            "flow-log-policy",
            "payments-function-role",
            "payments-runtime-policy",
            "payments-payments-policy",
            "payments-encryption-policy",
        )
    }


def test_payments_without_its_network_names_the_network(box: Sandbox, world: World) -> None:
    refusal = reason(one(box, Action.UP, "payments"))

    assert "network/dev" in refusal
    assert "python scripts/deploy.py up --env dev --project network" in refusal


def test_what_was_killed_and_mended_is_destroyed_without_a_trace(box: Sandbox, world: World) -> None:
    made_by(box, Action.DESTROY, "bootstrap-iam")

    assert not [held for held in world.everything() if held.name.endswith("-dev-acme")]
    assert not box.export("bootstrap-iam", "dev")["deployment"].get("resources")


def test_ctrl_c_ends_in_order_and_the_next_up_goes_on(box: Sandbox) -> None:
    world = World(box, "staging")
    before = world.everything()
    process = started(box, "staging")
    _await_first_resource(world, before)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate()

    assert process.returncode != 0
    assert "cancel" in said
    left = world.everything() - before
    state = box.export("bootstrap-iam", "staging")["deployment"]
    recorded = {item["outputs"].get("name") for item in state["resources"] if "outputs" in item}
    assert {held.name for held in left} <= recorded
    assert not state.get("pending_operations")

    box.up("staging", projects=["bootstrap-iam"])
    assert len(world.everything() - before) == 24
    box.destroy("staging", projects=["bootstrap-iam"])
    assert world.everything() == before


def started(box: Sandbox, environment: str) -> "subprocess.Popen[str]":
    """`pulumi up` of bootstrap-iam, one resource at a time, in a process group of its own."""
    typed(box, f"pulumi -C projects/bootstrap-iam stack init --no-select {environment}")
    return subprocess.Popen(  # noqa: S603  the tests' own words
        [*UP.format(environment=environment).split(), "--parallel", "1"],
        cwd=box.root,
        env=variables(box),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def _await_first_resource(world: World, before: Any) -> None:
    iam = world.client("iam")
    deadline = time.monotonic() + 120
    while not iam.list_policies(Scope="Local")["Policies"]:
        assert time.monotonic() < deadline, "nothing was made"
        time.sleep(0.005)
