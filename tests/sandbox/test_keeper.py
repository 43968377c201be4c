import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox import background, keeper
from sandbox.accounts import session
from sandbox.background import NotRunning
from sandbox.keeper import AlreadyRunning, Record, read_record
from sandbox.server.process import RunningServer, ServerFailed, is_alive
from tests.sandbox.accounts_of_tests import Tenant, small_function


def eventually(true: Callable[[], bool]) -> bool:
    for _ in range(600):
        if true():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept") / "sandbox"


@pytest.fixture(scope="module")
def kept(folder: Path) -> Iterator[Record]:
    record = background.start(folder, port=0, owner=os.getpid())
    yield record
    background.stop(record)
    assert not is_alive(record.keeper_process)
    assert not is_alive(record.server_process)
    assert not folder.exists()


def test_another_process_finds_the_sandbox_and_leaves_it_up(kept: Record, folder: Path) -> None:
    with background.attached(folder) as box:
        assert (box.url, box.server_process_id) == (kept.url, kept.server_process)
    assert read_record(folder) == kept


def test_there_is_one_sandbox_a_folder(kept: Record, folder: Path) -> None:
    with pytest.raises(AlreadyRunning, match=f"up already, at {kept.url}"):
        keeper.keep(folder, 0, stop=threading.Event())
    with pytest.raises(ServerFailed, match="up already"):
        background.start(folder, port=0, owner=os.getpid())
    assert read_record(folder) == kept


def test_whatever_arrives_in_a_queue_is_processed(kept: Record, folder: Path) -> None:
    with background.attached(folder) as box:
        home = box.account("dev")
        account = _At(kept.server, home.id, home.region)
        function = small_function(account, "def handler(event, context): ...", region=home.region)
        function.send("one")
        assert eventually(lambda: counts(account, function.queue) == {"0"})
        assert function.waiting(function.dead) == []


def counts(account: Tenant, queue: str) -> set[str]:
    """How many messages wait, and how many are being processed."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = account.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=names)
    return set(answer["Attributes"].values())


class _At(Tenant):
    """An account in a region of its own choice."""

    def __init__(self, server: RunningServer, account_id: str, region: str) -> None:
        super().__init__(server, account_id)
        self.__dict__["session"] = session(server.url, account_id, region)


def test_a_sandbox_ends_with_its_owner_however_that_ends(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as owner:
        record = background.start(tmp_path / "sandbox", port=0, owner=owner.pid)
        assert read_record(tmp_path / "sandbox") == record
        owner.kill()
        assert eventually(lambda: not is_alive(record.keeper_process))
    assert not is_alive(record.server_process)
    assert not (tmp_path / "sandbox").exists()


def test_a_record_of_a_sandbox_that_was_killed_counts_for_nothing(tmp_path: Path) -> None:
    record = background.start(tmp_path / "sandbox", port=0, owner=os.getpid())
    os.kill(record.keeper_process, signal.SIGKILL)
    assert eventually(lambda: not is_alive(record.server_process))
    assert read_record(tmp_path / "sandbox") is None
    with pytest.raises(NotRunning, match=r"Start one: python scripts/sandbox\.py up"):
        background.attached(tmp_path / "sandbox")
    again = background.start(tmp_path / "sandbox", port=0, owner=os.getpid())  # clears what is left
    background.stop(again)
