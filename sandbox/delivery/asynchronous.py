"""Asynchronous invocation: Lambda's own queue, its retries, and where an event goes in the end.

Lambda waits a minute before the first retry and two before the second; here they follow at once.
"""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3

from sandbox.delivery.function import AsyncSettings, NotDeliverable
from sandbox.delivery.worker import Answered, Invocation, Raised, TimedOut
from sandbox.delivery.workers import Workers


@dataclass(frozen=True, kw_only=True)
class AsyncInvocation:
    """One event and every attempt at it, the last one decisive."""

    request_id: str
    attempts: tuple[Invocation, ...]
    dead_lettered: bool
    """Whether the event went to the function's dead-letter queue."""

    @property
    def succeeded(self) -> bool:
        """Whether an attempt was answered."""
        return bool(self.attempts) and isinstance(self.attempts[-1].result, Answered)


def invoke(
    workers: Workers, payload: Any, settings: AsyncSettings, session: boto3.Session, *, endpoint: str
) -> AsyncInvocation:
    """Invoke the function with an event (InvocationType Event), until it succeeds or no retries are left."""
    request_id = str(uuid.uuid4())
    attempts: list[Invocation] = []
    if workers.function.reserved_concurrency != 0:  # switched off: AWS gives up when the event is too old
        while len(attempts) <= settings.retries:
            attempts.append(workers.invoke(payload, request_id))
            if isinstance(attempts[-1].result, Answered):
                break
    last = attempts[-1] if attempts else None
    succeeded = last is not None and isinstance(last.result, Answered)
    destination = settings.on_success_arn if succeeded else settings.on_failure_arn
    if destination:
        record = _record(workers, payload, request_id, attempts, succeeded=succeeded)
        _send(session, endpoint, destination, json.dumps(record), {})
    dead_letter = workers.function.dead_letter_arn
    if dead_letter and not succeeded:
        _send(session, endpoint, dead_letter, json.dumps(payload), _dead_letter_attributes(request_id, last))
    return AsyncInvocation(
        request_id=request_id,
        attempts=tuple(attempts),
        dead_lettered=bool(dead_letter) and not succeeded,
    )


def _dead_letter_attributes(request_id: str, last: Invocation | None) -> dict[str, tuple[str, str]]:
    """https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq."""
    message = (last.error if last else "Rate Exceeded.") or ""
    return {
        "RequestID": ("String", request_id),
        "ErrorCode": ("Number", "200" if last else "429"),
        "ErrorMessage": ("String", message[:1024] or "-"),
    }


def _record(
    workers: Workers, payload: Any, request_id: str, attempts: list[Invocation], *, succeeded: bool
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-async-
    destinations.
    """
    context: dict[str, Any] = {"statusCode": 200, "executedVersion": workers.function.version}
    answer: Any = None
    match attempts[-1].result if attempts else None:
        case Answered(result=result):
            answer = result
        case Raised(error=error, message=message):
            context["functionError"] = "Unhandled"
            answer = {"errorType": error, "errorMessage": message}
        case TimedOut() | _:
            context["functionError"] = "Unhandled"
            answer = {"errorMessage": attempts[-1].error if attempts else "Rate Exceeded."}
    return {
        "version": "1.0",
        "timestamp": datetime.now(UTC).isoformat(),
        "requestContext": {
            "requestId": request_id,
            "functionArn": f"{workers.function.arn}:{workers.function.version}",
            "condition": "Success" if succeeded else "RetriesExhausted",
            "approximateInvokeCount": len(attempts),
        },
        "requestPayload": payload,
        "responseContext": context,
        "responsePayload": answer,
    }


def _send(
    session: boto3.Session, endpoint: str, arn: str, body: str, attributes: dict[str, tuple[str, str]]
) -> None:
    values = {name: {"DataType": kind, "StringValue": value} for name, (kind, value) in attributes.items()}
    match arn.split(":"):
        case [_, _, "sqs", region, _, name]:
            sqs = session.client("sqs", region_name=region, endpoint_url=endpoint)
            url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
            sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=values)
        case [_, _, "sns", region, *_]:
            sns = session.client("sns", region_name=region, endpoint_url=endpoint)
            sns.publish(TopicArn=arn, Message=body, MessageAttributes=values)
        case _:
            raise NotDeliverable(f"{arn}: the sandbox sends events to queues and topics only.")
