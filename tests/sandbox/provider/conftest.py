"""One moto for the session; every test has an account of its own in it."""

from collections.abc import Iterator

import pytest

from sandbox.provider import moto_gaps
from sandbox.server import adjustments
from tests.sandbox.provider.plugin import Plugin, fresh_account, serve


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    import logging

    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    adjustments.prepare_environment()
    adjustments.make_quick()
    moto_gaps.fill()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def _local_aws(moto: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "SANDBOX_CALL_LOG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


@pytest.fixture
def plugin() -> Iterator[Plugin]:
    """A configured provider in a fresh account."""
    with serve(fresh_account()) as served:
        served.configure()
        yield served
