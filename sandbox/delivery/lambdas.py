"""The functions of an account and region: which there are, what feeds them, and their processes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from sandbox.delivery import asynchronous
from sandbox.delivery.asynchronous import AsyncInvocation
from sandbox.delivery.function import AsyncSettings, Function, Mapped
from sandbox.delivery.queue import Delivery, Queue
from sandbox.delivery.worker import Invocation
from sandbox.delivery.workers import Workers
from sandbox.witness import Publication, witnessing


@dataclass(frozen=True, kw_only=True)
class Processed:
    """What became of everything that waited."""

    deliveries: tuple[Delivery, ...]
    """One a mapping."""
    published: tuple[Publication, ...]

    @property
    def invocations(self) -> tuple[Invocation, ...]:
        """Every call of a function."""
        return tuple(batch.invocation for delivery in self.deliveries for batch in delivery.batches)

    @property
    def receives(self) -> dict[str, int]:
        """How often each message was delivered, by its id."""
        return {
            message: count for delivery in self.deliveries for message, count in delivery.receives.items()
        }

    @property
    def log(self) -> str:
        """What the functions wrote."""
        return "".join(delivery.log for delivery in self.deliveries)


class Lambdas:
    """The functions of a session's account and region. Its processes end with `close`."""

    def __init__(self, session: boto3.Session, *, endpoint: str, cache: Path) -> None:
        """`cache` keeps unpacked code."""
        self._session, self._endpoint, self._cache = session, endpoint, cache
        self._lambda = session.client("lambda", endpoint_url=endpoint)
        self._sqs = session.client("sqs", endpoint_url=endpoint)
        self._workers: dict[str, Workers] = {}

    def process(self, *, witness: bool = True) -> Processed:
        """Deliver what waits in every mapped queue, until nothing does.

        Raises NotDeliverable, CodeDamaged, or botocore's ClientError.
        """
        if not witness:
            return Processed(deliveries=self._deliver(), published=())
        with witnessing(self._session, endpoint=self._endpoint) as observer:
            deliveries = self._deliver()
            return Processed(deliveries=deliveries, published=observer.publications())

    def invoke(self, function_name: str, payload: Any) -> AsyncInvocation:
        """Invoke a function asynchronously, and wait for the end of it."""
        missing = self._lambda.exceptions.ResourceNotFoundException
        try:
            answer = self._lambda.get_function_event_invoke_config(FunctionName=function_name)
            settings = AsyncSettings.of(answer)
        except missing:
            settings = AsyncSettings()
        workers = self._of(function_name)
        return asynchronous.invoke(workers, payload, settings, self._session, endpoint=self._endpoint)

    def close(self) -> None:
        """End all processes."""
        while self._workers:
            self._workers.popitem()[1].__exit__()

    def _deliver(self) -> tuple[Delivery, ...]:
        pages = self._lambda.get_paginator("list_event_source_mappings").paginate()
        mappings = [Mapped.of(mapping) for page in pages for mapping in page["EventSourceMappings"]]
        return tuple(
            Queue(self._sqs, mapping).deliver(self._of(mapping.function_arn)) for mapping in mappings
        )

    def _of(self, name: str) -> Workers:
        """The function's processes: those that there are, unless the function has changed since."""
        function = Function.of(self._lambda.get_function(FunctionName=name))
        workers = self._workers.get(function.arn)
        if workers is None or workers.function != function:
            if workers is not None:
                workers.__exit__()
            workers = Workers(function, self._session, endpoint=self._endpoint, cache=self._cache)
            self._workers[function.arn] = workers
        return workers
