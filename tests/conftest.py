"""A sandbox in which all is deployed: made once for a run's processes, copied for tests that change it.

It is made by the first test that asks for it, and ended by the process that started the run, or because that
process is gone: a run that is killed leaves no sandbox behind.
"""

import fcntl
import os
import pickle
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox import Sandbox, background
from sandbox.keeper import read_record
from sandbox.provider import call_log
from tests.operations.drift.look import Look, take_a_look

FOLDER = pytest.StashKey[Path]()
OWNER = pytest.StashKey[int]()
"""The process that started the run."""
DEPLOYED = "deployed"
"""The file that says that the deployment was completed."""
CALLS = "calls.jsonl"
"""The file that has every call of the deployment."""


def pytest_configure(config: pytest.Config) -> None:
    handed = getattr(config, "workerinput", {})
    config.stash[FOLDER] = Path(handed.get("sandbox_folder") or tempfile.mkdtemp(prefix="sandbox-of-tests-"))
    config.stash[OWNER] = handed.get("sandbox_owner") or os.getpid()
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # In the background of a shell. All that is started would ignore it, also what tests interrupt.
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Of pytest-xdist: tell a worker where the run's sandbox is."""
    node.workerinput["sandbox_folder"] = str(node.config.stash[FOLDER])
    node.workerinput["sandbox_owner"] = node.config.stash[OWNER]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What needs no deployment comes first, in the order of the tree; what needs it then finds it made.

    Where several processes share the work, one of them deploys meanwhile: its module is the first of all. Of
    those that need it, the long ones are the first, so that no process is left alone with one at the end.
    """
    modules: dict[str, list[pytest.Item]] = {}
    for item in items:
        modules.setdefault(item.nodeid.partition("::")[0], []).append(item)
    deploying = [name for name, own in modules.items() if any(map(_needs_deployment, own))]
    first = deploying[:1] if hasattr(config, "workerinput") else []
    others = [name for name in modules if name not in deploying]
    long = [name for name in deploying if modules[name][0].get_closest_marker("long")]
    items[:] = [
        item for name in dict.fromkeys([*first, *others, *long, *deploying]) for item in modules[name]
    ]


def _needs_deployment(item: pytest.Item) -> bool:
    return deployed.__name__ in getattr(item, "fixturenames", ())


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    folder = config.stash[FOLDER]
    record = read_record(folder / "sandbox")
    if record:
        background.stop(record)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def deployed(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Every stack of every environment, up. It is shared: only look at it, or take `deployed_copy`."""
    folder = request.config.stash[FOLDER]
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the other processes wait for the first to deploy
        if read_record(folder / "sandbox") is None:
            background.start(folder / "sandbox", port=0, owner=request.config.stash[OWNER])
        with background.attached(folder / "sandbox") as box:
            if not (folder / DEPLOYED).exists():
                with pytest.MonkeyPatch.context() as patch:
                    patch.setenv(call_log.FILE, str(folder / CALLS))
                    box.up(at_once=os.cpu_count() or 1)
                (folder / DEPLOYED).touch()
            fcntl.flock(lock, fcntl.LOCK_UN)
            yield box


@pytest.fixture(scope="session")
def deployment_calls(deployed: Sandbox, request: pytest.FixtureRequest) -> Path:
    """Every call by which the provider has deployed it: the log of `sandbox.provider.call_log`."""
    return request.config.stash[FOLDER] / CALLS


@pytest.fixture(scope="session")
def look(deployed: Sandbox, request: pytest.FixtureRequest) -> Look:
    """A search for drift in what is deployed; made once for a run's processes."""
    folder = request.config.stash[FOLDER]
    kept = folder / "look.pickle"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_bytes(pickle.dumps(take_a_look(deployed, folder / "calls-of-look.jsonl")))
    made: Look = pickle.loads(kept.read_bytes())  # noqa: S301  what a process of this run wrote
    return made


@pytest.fixture
def deployed_copy(deployed: Sandbox) -> Iterator[Sandbox]:
    """A sandbox of the test's own, in which everything is deployed: a copy, in a fraction of a second."""
    with deployed.copy() as box:
        yield box
