"""A server for the tests of the sandbox's own parts, each of which has an account to itself."""

from collections.abc import Iterator

import pytest

from sandbox.server.process import ServerProcess
from tests.sandbox.accounts_of_tests import Tenant, new_account


@pytest.fixture(scope="session")
def server() -> Iterator[ServerProcess]:
    server = ServerProcess()
    yield server
    server.stop()


@pytest.fixture
def account(server: ServerProcess) -> Tenant:
    return new_account(server)
