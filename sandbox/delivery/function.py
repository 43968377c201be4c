"""A deployed function, and what feeds it, as Lambda's API describes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

RETRIES = 2
"""Of an asynchronous invocation, unless the function's settings say otherwise.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
"""


class NotDeliverable(Exception):  # noqa: N818  what it is
    """The sandbox can't do what the configuration asks for; the message says what."""


@dataclass(frozen=True, kw_only=True)
class Function:
    """A function. Times are in seconds, memory in MB."""

    name: str
    arn: str
    handler: str
    runtime: str
    role_arn: str
    timeout: float
    memory: int
    version: str
    variables: Mapping[str, str]
    code_sha256: str
    """Of the zip, in base64."""
    code_location: str
    log_group: str
    reserved_concurrency: int | None
    """Of the account's; None where nothing is reserved, 0 where the function is switched off."""
    dead_letter_arn: str | None

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Self:
        """From the answer of GetFunction. Raises NotDeliverable."""
        configuration = answer["Configuration"]
        if configuration.get("PackageType", "Zip") != "Zip" or "python" not in configuration.get(
            "Runtime", ""
        ):
            raise NotDeliverable(
                f"{configuration['FunctionName']} is no Python function in a zip: the sandbox runs no other."
            )
        return cls(
            name=configuration["FunctionName"],
            arn=configuration["FunctionArn"],
            handler=configuration["Handler"],
            runtime=configuration["Runtime"],
            role_arn=configuration["Role"],
            timeout=float(configuration["Timeout"]),
            memory=int(configuration["MemorySize"]),
            version=configuration["Version"],
            variables=configuration.get("Environment", {}).get("Variables", {}),
            code_sha256=configuration["CodeSha256"],
            code_location=answer["Code"]["Location"],
            log_group=configuration["LoggingConfig"]["LogGroup"],
            reserved_concurrency=answer.get("Concurrency", {}).get("ReservedConcurrentExecutions"),
            dead_letter_arn=configuration.get("DeadLetterConfig", {}).get("TargetArn"),
        )


@dataclass(frozen=True, kw_only=True)
class Mapped:
    """An event source mapping from a queue. The window is in seconds."""

    function_arn: str
    queue_arn: str
    enabled: bool
    batch_size: int
    window: float
    reports_failures: bool
    """Whether the function's answer says which messages failed."""
    maximum_concurrency: int | None

    @classmethod
    def of(cls, mapping: Mapping[str, Any]) -> Self:
        """From one of ListEventSourceMappings. Raises NotDeliverable."""
        if ":sqs:" not in mapping["EventSourceArn"] or mapping.get("FilterCriteria", {}).get("Filters"):
            raise NotDeliverable(
                f"{mapping['UUID']} reads {mapping['EventSourceArn']}: the sandbox delivers from SQS "
                "queues only, and without filters."
            )
        return cls(
            function_arn=mapping["FunctionArn"],
            queue_arn=mapping["EventSourceArn"],
            enabled=mapping.get("State") in ("Enabled", "Enabling", "Creating", "Updating"),
            batch_size=int(mapping.get("BatchSize", 10)),
            window=float(mapping.get("MaximumBatchingWindowInSeconds") or 0),
            reports_failures="ReportBatchItemFailures" in (mapping.get("FunctionResponseTypes") or ()),
            maximum_concurrency=(mapping.get("ScalingConfig") or {}).get("MaximumConcurrency"),
        )


@dataclass(frozen=True, kw_only=True)
class AsyncSettings:
    """What happens to an asynchronous invocation that fails, or succeeds."""

    retries: int = RETRIES
    on_failure_arn: str | None = None
    on_success_arn: str | None = None

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Self:
        """From the answer of GetFunctionEventInvokeConfig."""
        destinations = answer.get("DestinationConfig") or {}
        return cls(
            retries=int(answer.get("MaximumRetryAttempts", RETRIES)),
            on_failure_arn=destinations.get("OnFailure", {}).get("Destination"),
            on_success_arn=destinations.get("OnSuccess", {}).get("Destination"),
        )


def concurrency(function: Function, mapping: Mapped) -> int:
    """How many batches of a mapping may be processed at once; 0 where the function is switched off."""
    limits = [
        limit for limit in (function.reserved_concurrency, mapping.maximum_concurrency) if limit is not None
    ]
    return min(limits, default=MOST_AT_ONCE)


MOST_AT_ONCE = 10
"""Processes of one function on this machine, whatever its concurrency: AWS would start more."""
