"""The plugin as a process, as the engine starts and loses it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2_grpc

from tests.sandbox.provider.plugin import Plugin, fresh_account

REPOSITORY = Path(__file__).parents[3]
SECONDS = 30


@contextmanager
def started() -> Iterator[tuple[Any, int]]:
    """A plugin process and its port."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "sandbox.provider", "127.0.0.1:1"],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process, int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


def test_it_prints_its_port_and_serves(moto: str) -> None:
    with started() as (_, port), grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        plugin = Plugin(provider_pb2_grpc.ResourceProviderStub(channel), fresh_account())
        plugin.configure()
        assert plugin.create("aws:sqs/queue:Queue", {"name": "queue"}).id.startswith(moto)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_when_it_is_asked_to(number: signal.Signals) -> None:
    with started() as (process, _):
        process.send_signal(number)
        assert process.wait(SECONDS) == 0


def test_it_ends_when_the_engine_is_gone() -> None:
    with started() as (process, _):
        process.stdin.close()
        assert process.wait(SECONDS) == 0


def test_it_loads_neither_the_sdk_nor_pulumi_aws() -> None:
    script = (
        "import sys; sys.path.insert(0, '.'); import runpy; module = runpy.run_module('sandbox.provider');"
        "module['_bare_sdk'](); import sandbox.provider.server;"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in ('pulumi', 'pulumi_aws', 'moto')"
        " and not name.startswith('pulumi.runtime.proto')))"
    )
    output = subprocess.run(  # noqa: S603 - this interpreter, our own script
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout
    assert output.strip() == "['pulumi', 'pulumi.runtime']"
