import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from operations import REPOSITORY
from operations.commands import verify as script
from operations.engine.command import Interrupted
from operations.engine.failure import StackMissing
from operations.promotion import direct_deployment
from operations.promotion.record import EntryKind
from operations.verification import Failed, NotVerifiable, Passed, Target, Verification
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


# What it comes to, without an engine

PASSED = Passed(environment="dev", artifact_digest="ab" * 32, seconds=1)
FAILED = Failed(environment="dev", artifact_digest="ab" * 32, seconds=1, reasons=("one", "another"))


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Verification]:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    found: list[Verification] = []

    def record(verification: Verification, *_: Any) -> bool:
        found.append(verification)
        return True

    monkeypatch.setattr(script, "record", record)
    monkeypatch.setattr(
        script,
        "target_of",
        lambda name, **_: Target(environment=name, outputs={}, client=lambda _: None),
    )
    return found


def finds(monkeypatch: pytest.MonkeyPatch, found: Verification | BaseException) -> None:
    def verify_(*_: Any, **__: Any) -> Verification:
        if isinstance(found, BaseException):
            raise found
        return found

    monkeypatch.setattr(script, "verify", verify_)


@pytest.mark.parametrize(("found", "code"), [(PASSED, 0), (FAILED, 1)])
def test_what_was_found_is_recorded_unless_it_is_not_to_be(
    monkeypatch: pytest.MonkeyPatch,
    recorded: list[Verification],
    tmp_path: Path,
    found: Verification,
    code: int,
) -> None:
    finds(monkeypatch, found)

    left_alone = CliRunner().invoke(script.app, ["--env", "dev", "--no-record"])
    assert (left_alone.exit_code, recorded) == (code, [])
    journal = direct_deployment.journal_of(f"file://{tmp_path}", os.environ)
    assert journal
    assert journal.record("dev").entries == ()
    done = CliRunner().invoke(script.app, ["--env", "dev", "--json"])

    assert (done.exit_code, recorded) == (code, [found])
    (entry,) = journal.record("dev").entries
    assert entry.kind is (EntryKind.VERIFIED if code == 0 else EntryKind.REFUTED)
    assert "The outputs of payments/dev show it." in done.stderr
    told = json.loads(done.stdout)
    assert (told["passed"], told["reasons"]) == (code == 0, [] if code == 0 else ["one", "another"])


@pytest.mark.parametrize(
    ("obstacle", "code"),
    [
        (NotVerifiable("the queue can't be reached"), 2),
        (StackMissing("payments/dev is not deployed"), 2),
        (Interrupted("`pulumi stack output` was not started"), 130),
        (KeyboardInterrupt(), 130),
    ],
)
def test_what_could_not_be_found_out_is_no_verdict(
    monkeypatch: pytest.MonkeyPatch, recorded: list[Verification], obstacle: BaseException, code: int
) -> None:
    finds(monkeypatch, obstacle)

    done = CliRunner().invoke(script.app, ["--env", "dev"])

    assert (done.exit_code, done.stdout, recorded) == (code, "", [])
    assert ("Interrupted." if code == 130 else str(obstacle)) in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--env", "production"], "'production' is not one of dev, staging, prod"),
        (["--env", "dev", "--time-limit", "0"], "--time-limit"),
        ([], "--env"),
    ],
)
def test_a_mistaken_call_exits_2_and_says_why(arguments: list[str], said: str) -> None:
    done = CliRunner().invoke(script.app, arguments)

    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
