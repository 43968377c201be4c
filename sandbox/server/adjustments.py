"""Where moto's server is made to behave as AWS does towards what the sandbox adds to it.

`moto_gaps` makes moto remember what it is told; this module changes what it does. Each adjustment says why.
"""

import os
import re
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

SECONDS_BETWEEN_LOOKS = 0.05
"""How soon a long poll sees a message that arrived while it waits."""

SYMMETRIC = "SYMMETRIC_DEFAULT"
"""KMS's word for the kind of key that encrypts."""

CODE_PATH = "/sandbox/code/"
"""Where the server gives out the zips of functions: CODE_PATH + ACCOUNT/REGION/NAME."""


def prepare_environment() -> None:
    """Variables that moto reads when it is imported."""
    # Hundreds of machine images an account and region, which nothing here starts, cost each a second to load.
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"


def adjust(unlocked: Callable[[], AbstractContextManager[None]], address: Callable[[], str]) -> None:
    """Adjust moto, once a process.

    Within `unlocked()` other requests may be answered; `address()` is the server's own, `http://HOST:PORT`.
    """
    from moto.awslambda.exceptions import LambdaClientError
    from moto.awslambda.models import LambdaFunction
    from moto.sqs.models import Queue

    function: Any = LambdaFunction  # Any: replacing a class's methods is just what typing is there to refuse
    queue: Any = Queue
    # moto receives each message as it is sent and runs the function in Docker, or fails to. Delivery is the
    # sandbox's (sandbox/delivery), and no message may count a receive that it did not make.
    queue.lambda_event_source_mappings = property(lambda _: {}, lambda *_: None)

    def wait_for_messages(_: Any, timeout: float) -> None:
        with unlocked():
            time.sleep(min(timeout, SECONDS_BETWEEN_LOOKS))

    # A long poll must not keep every other request waiting.
    queue.wait_for_messages = wait_for_messages

    described = function.get_code

    def get_code(self: Any) -> dict[str, Any]:
        answer: dict[str, Any] = described(self)
        if "ImageUri" not in self.code:
            location = f"{address()}{CODE_PATH}{self.account_id}/{self.region}/{self.function_name}"
            answer["Code"] = {"RepositoryType": "S3", "Location": location}
        return answer

    # AWS answers with a link to the zip, moto with one that leads nowhere.
    function.get_code = get_code

    def invoke(self: Any, *_: Any) -> str:
        raise LambdaClientError(
            "ServiceException",
            f"The sandbox does not run {self.function_name} through this API. Send a message to its queue "
            "(`python scripts/sandbox.py pay`, Sandbox.process()), or use Sandbox.invoke().",
        )

    function.invoke = invoke
    make_quick()


def make_quick() -> None:
    """Spare moto what takes it much of a deployment's time and changes no answer."""
    from moto import backends
    from moto.kms import models as kms

    quick_backends: Any = backends
    quick_kms: Any = kms

    # It reads its own folder at each request.
    modules = tuple(backends.list_of_moto_modules())
    quick_backends.list_of_moto_modules = lambda: modules

    # For each symmetric KMS key it makes a private RSA key: a tenth of a second's work, and of no use.
    made = quick_kms.generate_private_key
    made_once = cache(made)
    quick_kms.generate_private_key = lambda spec: (made_once if spec == SYMMETRIC else made)(spec)


def code_of(account: str, region: str, name: str) -> bytes:
    """The zip of a function. Raises LookupError where there is no such function."""
    from moto.awslambda.exceptions import UnknownFunctionException
    from moto.awslambda.models import lambda_backends

    try:
        code: bytes = lambda_backends[account][region].get_function(name).code_bytes
    except (KeyError, UnknownFunctionException):
        raise LookupError(f"there is no function {name} in {account} {region}") from None
    return code


def touched() -> list[tuple[str, str, str]]:
    """Service, account and region of every part of moto that was ever asked for anything."""
    from moto.core.base_backend import BackendDict

    modules = [module for name, module in sys.modules.items() if re.fullmatch(r"moto\.\w+\.models", name)]
    services = {
        id(value): value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, BackendDict)
    }
    return sorted(
        (service.service_name, account, region)
        for service in services.values()
        for account, regions in service.items()
        for region in regions
    )


def waiting() -> list[tuple[str, str]]:
    """Account and region of every queue that feeds a function and has a message to receive."""
    from moto.awslambda.models import lambda_backends

    return sorted(
        {
            (account, region)
            for account, regions in lambda_backends.items()
            for region, backend in regions.items()
            for mapping in backend.list_event_source_mappings("", "")
            if _has_messages(mapping.event_source_arn)
        }
    )


def _has_messages(arn: str) -> bool:
    from moto.sqs.models import sqs_backends

    match arn.split(":"):
        case [_, _, "sqs", region, account, name]:
            queue = sqs_backends[account][region].queues.get(name)
            return bool(queue and queue.messages)
    return False
