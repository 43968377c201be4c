"""The AWS clients, of short patience and quick to start."""

from collections.abc import Sequence
from typing import Any

import botocore.session  # what boto3 is made on: its clients are these, and cost a fifth less to start
from botocore.config import Config
from botocore.loaders import Loader

SERVICES = ("dynamodb", "sns")
CONNECTIONS = 10  # payments in flight: the batch size of the event source mapping

# At worst a call takes 3 x (1 + 2) s and some 3 s of back-off: well within the 30 s of an invocation.
RETRIES = {"mode": "standard", "total_max_attempts": 3}
CALLS = Config(
    connect_timeout=1, read_timeout=2, retries=RETRIES, max_pool_connections=CONNECTIONS, tcp_keepalive=True
)


class _Loader(Loader):  # type: ignore[misc] # botocore has no types
    """Knows which services there are. botocore's goes through four hundred folders, twice, to find two."""

    def list_available_services(self, type_name: str) -> Sequence[str]:  # noqa: ARG002 # botocore's signature
        return SERVICES


def make() -> list[Any]:
    """A client for each of ``SERVICES``. All threads may share them, and their connections."""
    session = botocore.session.get_session()
    session.register_component("data_loader", _Loader())
    return [session.create_client(service, config=CALLS) for service in SERVICES]
