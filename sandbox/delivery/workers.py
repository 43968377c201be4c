"""The execution environments of a function: as many processes as are busy at once, kept warm for the next
batch.
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from sandbox.delivery.code import unpacked
from sandbox.delivery.function import Function
from sandbox.delivery.surroundings import variables
from sandbox.delivery.worker import Invocation, Worker


class Workers:
    """Use it as a context manager: the processes end with it."""

    def __init__(self, function: Function, session: boto3.Session, *, endpoint: str, cache: Path) -> None:
        """`session` may assume the function's role; `cache` keeps unpacked code.

        Raises CodeDamaged, or botocore's ClientError where the role can't be assumed.
        """
        self.function = function
        sts = session.client("sts", endpoint_url=endpoint)
        role = sts.assume_role(RoleArn=function.role_arn, RoleSessionName="sandbox")["Credentials"]
        self._stream = f"{datetime.now(UTC):%Y/%m/%d}/[{function.version}]{secrets.token_hex(16)}"
        self._code = unpacked(function, cache)
        self._variables = variables(
            function, credentials=role, code=self._code, stream=self._stream, endpoint=endpoint
        )
        self._logs = session.client(
            "logs",
            endpoint_url=endpoint,
            aws_access_key_id=role["AccessKeyId"],
            aws_secret_access_key=role["SecretAccessKey"],
            aws_session_token=role["SessionToken"],
        )
        self._lock = threading.Lock()
        self._idle: list[Worker] = []
        self._all: list[Worker] = []

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            for worker in self._all:
                worker.close()
            self._all.clear()
            self._idle.clear()

    def invoke(self, event: Any, request_id: str | None = None) -> Invocation:
        """Invoke the function in an idle process, or a new one; what it writes goes to its log group too."""
        with self._one() as worker:
            invocation = worker.invoke(event, request_id)
        self._keep(invocation)
        return invocation

    @contextmanager
    def _one(self) -> Iterator[Worker]:
        with self._lock:
            if self._idle:
                worker = self._idle.pop()
            else:
                worker = Worker(self.function, self._code, self._variables)
                self._all.append(worker)
        try:
            yield worker
        finally:
            with self._lock:
                self._idle.append(worker)

    def _keep(self, invocation: Invocation) -> None:
        """Write the log as Lambda does. Without its log group there is none: the role may not create it."""
        now = int(datetime.now(UTC).timestamp() * 1000)
        lines = [
            *invocation.log.splitlines(),
            *([invocation.error] if invocation.error else []),
            f"REPORT RequestId: {invocation.request_id}\tDuration: {invocation.seconds * 1000:.2f} ms\t"
            f"Memory Size: {self.function.memory} MB\tMax Memory Used: {invocation.memory} MB",
        ]
        events = [{"timestamp": now, "message": line} for line in lines if line]
        place = {"logGroupName": self.function.log_group, "logStreamName": self._stream}
        with self._lock:
            try:
                with suppress(self._logs.exceptions.ResourceAlreadyExistsException):
                    self._logs.create_log_stream(**place)
                self._logs.put_log_events(**place, logEvents=events)
            except ClientError as error:
                if error.response["Error"]["Code"] != "ResourceNotFoundException":
                    raise
