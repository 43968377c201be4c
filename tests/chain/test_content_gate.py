"""Content that staging has not proved does not reach prod, by whatever command: breaches that are refused."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox import Sandbox
from tests.chain.checkout import Committed

FUNCTION = "components/payment_processor/timing.py"
ENDPOINT = "components/private_network/endpoints.py"


@pytest.fixture(scope="module")
def checkout(deployed: Sandbox) -> Iterator[Committed]:
    with deployed.copy() as box:
        yield Committed(box)


@pytest.fixture(autouse=True)
def _restored(checkout: Committed) -> Iterator[None]:
    verified = checkout.git("rev-list", "--max-parents=0", "HEAD")
    yield
    checkout.git("reset", "--quiet", "--hard", verified)


def state(checkout: Committed, project: str) -> Any:
    return checkout.box.export(project, "prod")["deployment"]["resources"]


def refused(checkout: Committed, project: str) -> dict[str, Any]:
    """The refusal by which plain `pulumi up` and scripts/deploy.py left the state as it was."""
    before = state(checkout, project), checkout.box.outputs(project, "prod")
    line = f"pulumi -C projects/{project} -s prod up --yes --skip-preview"
    plain = checkout.run(line)
    assert plain.returncode != 0, plain.stdout + plain.stderr
    assert "the promotion gate refuses to deploy to prod" in plain.stdout + plain.stderr
    assert "Traceback" not in plain.stdout + plain.stderr
    done = checkout.script(f"deploy.py up --env prod --project {project} --yes --json")
    assert done.returncode == 1, done.stdout + done.stderr
    after = state(checkout, project), checkout.box.outputs(project, "prod")
    assert [each for each in after[0] if each["type"] != "pulumi:pulumi:Stack"] == [
        each for each in before[0] if each["type"] != "pulumi:pulumi:Stack"
    ]
    assert after[1] == before[1]
    (stack,) = json.loads(done.stdout)["stacks"]
    found: dict[str, Any] = stack["refusal"]
    return found


def test_the_verified_content_passes_from_its_commit(checkout: Committed) -> None:
    for project in ("bootstrap-iam", "network", "payments"):
        done = checkout.run(f"pulumi -C projects/{project} -s prod preview")
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_commit_that_changes_the_payments_program_is_refused(checkout: Committed) -> None:
    checkout.append(FUNCTION, "\n# Changed.\n")
    commit = checkout.commit("A change that staging has not proved")
    refusal = refused(checkout, "payments")
    assert refusal["code"] == "content-unverified"
    assert refusal["facts"]["offered"]["commit"] == commit


def test_a_commit_that_narrows_the_network_is_refused(checkout: Committed) -> None:
    checkout.replace(ENDPOINT, '"dynamodb:PutItem",', "")
    checkout.commit("No more payments")
    refusal = refused(checkout, "network")
    assert refusal["code"] == "content-unverified"
    assert refusal["facts"]["project"] == "network"


def test_an_uncommitted_setting_is_refused_and_a_committed_one_is_not(checkout: Committed) -> None:
    checkout.configure("prod", pointInTimeRecovery=False, reservedConcurrency=1)
    refusal = refused(checkout, "payments")
    assert refusal["code"] == "uncommitted"
    assert "Pulumi.prod.yaml" in refusal["facts"]["offered"]["unreleased"]

    checkout.git("checkout", "--quiet", ".")
    checkout.configure("prod", reservedConcurrency=120)
    checkout.commit("More concurrency")
    done = checkout.run("pulumi -C projects/payments -s prod preview")
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_the_engine_writes_into_the_stack_file_is_no_change(checkout: Committed) -> None:
    file = checkout.stack_file("prod")
    file.write_text(f"secretsprovider: passphrase\n{file.read_text()}encryptionsalt: v1:a=:v1:b=\n")
    done = checkout.run("pulumi -C projects/network -s prod preview")
    assert done.returncode == 0, done.stdout + done.stderr
