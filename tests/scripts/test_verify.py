import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from operations import REPOSITORY
from sandbox import Sandbox
from tests.chain.terminal import variables


@contextmanager
def pollers(box: Sandbox, environment: str) -> Iterator[None]:
    """Delivers what arrives in the environment's queue, as Lambda's own pollers do."""
    over = threading.Event()

    def poll() -> None:
        while not over.wait(0.2):
            box.process(environment, witness=False)

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def verify(box: Sandbox, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603  the script
        [sys.executable, "scripts/verify.py", *arguments],
        cwd=REPOSITORY,
        env=variables(box),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_environment_is_verified_through_its_own_pollers(deployed_copy: Sandbox) -> None:
    with pollers(deployed_copy, "dev"):
        done = verify(deployed_copy, "--env", "dev", "--time-limit", "120", "--json")

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["passed"]
    assert found["artifactDigest"] == deployed_copy.outputs("payments", "dev")["artifactDigest"]


def test_payments_that_nobody_processes_fail_it(deployed_copy: Sandbox) -> None:
    done = verify(deployed_copy, "--env", "dev", "--time-limit", "1", "--no-record")

    assert done.returncode == 1, done.stderr
    assert "dev, artifact " in done.stdout
    assert "accepted: the payment is not in the ledger (after 1 s)" in done.stdout


def test_what_is_not_there_is_said_in_a_sentence(deployed_copy: Sandbox) -> None:
    unknown = verify(deployed_copy, "--env", "production")
    assert unknown.returncode == 2
    assert "'production' is not one of dev, staging, prod" in unknown.stderr
