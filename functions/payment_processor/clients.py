"""AWS clients with short timeouts and a fast start."""

from collections.abc import Sequence
from typing import Any

import botocore.session  # boto3 wraps these clients; without it they start a fifth faster
from botocore.config import Config
from botocore.loaders import Loader

SERVICES = ("dynamodb", "sns")
CONNECTIONS = 10  # payments in flight: the batch size of the event source mapping

# At worst a call takes 3 x (1 + 2) s and some 3 s of back-off: well within the 30 s of an invocation.
RETRIES = {"mode": "standard", "total_max_attempts": 3}
# No validation by botocore, which takes a ninth of a call's time: the tests make every kind of call with it.
CALLS = Config(connect_timeout=1, read_timeout=2, retries=RETRIES, max_pool_connections=CONNECTIONS,
               tcp_keepalive=True, parameter_validation=False)  # fmt: skip


class _Loader(Loader):  # type: ignore[misc] # botocore has no types
    """Lists two services. botocore's own loader searches four hundred folders, twice, to find them."""

    def list_available_services(self, type_name: str) -> Sequence[str]:  # noqa: ARG002 # botocore's signature
        return SERVICES


def make() -> list[Any]:
    """Return a client per service of ``SERVICES``. Threads may share them and their connections."""
    session = botocore.session.get_session()
    session.register_component("data_loader", _Loader())
    return [session.create_client(service, config=CALLS) for service in SERVICES]
