"""An account of a test's own on a shared server, and a small function with its queues in it."""

import io
import itertools
import json
import os
import textwrap
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3

from sandbox import accounts
from sandbox.delivery.lambdas import Lambdas
from sandbox.server.process import Server

REGION = "eu-west-1"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Tenant:
    """An account that nothing else uses."""

    server: Server
    id: str

    @cached_property
    def session(self) -> boto3.Session:
        return accounts.session(self.server.url, self.id, REGION)

    @cached_property
    def clients(self) -> dict[str, Any]:
        return {}

    def client(self, service: str) -> Any:
        if service not in self.clients:
            self.clients[service] = self.session.client(service, endpoint_url=self.server.url)
        return self.clients[service]

    def lambdas(self, cache: Path) -> Lambdas:
        return Lambdas(self.session, endpoint=self.server.url, cache=cache)


def new_account(server: Server) -> Tenant:
    return Tenant(server=server, id=f"{os.getpid() % 10**6:06d}{next(_numbers):06d}")


@dataclass(frozen=True)
class SmallFunction:
    """A function `work` that reads the queue `requests`, whose dead-letter queue is `dead`."""

    account: Tenant
    queue: str
    dead: str
    mapping: str

    def send(self, *bodies: str) -> list[str]:
        sqs = self.account.client("sqs")
        return [sqs.send_message(QueueUrl=self.queue, MessageBody=body)["MessageId"] for body in bodies]

    def waiting(self, url: str | None = None) -> list[str]:
        sqs = self.account.client("sqs")
        answer = sqs.receive_message(QueueUrl=url or self.queue, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return sorted(message["Body"] for message in answer.get("Messages", []))


def zipped(source: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("app.py", textwrap.dedent(source))
    return content.getvalue()


def role(account: Tenant) -> str:
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    answer = account.client("iam").create_role(
        RoleName="function-role", AssumeRolePolicyDocument=json.dumps(document)
    )
    return str(answer["Role"]["Arn"])


def small_function(
    account: Tenant,
    source: str,
    *,
    receives: int | None = 2,
    batch: int = 10,
    timeout: int = 20,
    partial: bool = True,
    enabled: bool = True,
    visibility: int = 60,
    reserved: int | None = None,
    region: str = REGION,
    **settings: Any,
) -> SmallFunction:
    """Deploy `source`, a module with a `handler`. `receives` of None is a queue without a redrive policy."""
    sqs, functions = account.client("sqs"), account.client("lambda")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    dead_arn = f"arn:aws:sqs:{region}:{account.id}:dead"
    attributes = {"VisibilityTimeout": str(visibility)}
    if receives is not None:
        policy = {"deadLetterTargetArn": dead_arn, "maxReceiveCount": receives}
        attributes["RedrivePolicy"] = json.dumps(policy)
    queue = sqs.create_queue(QueueName="requests", Attributes=attributes)["QueueUrl"]
    functions.create_function(
        FunctionName="work",
        Runtime="python3.13",
        Handler="app.handler",
        Role=role(account),
        Code={"ZipFile": zipped(source)},
        Timeout=timeout,
        MemorySize=256,
        **settings,
    )
    if reserved is not None:
        functions.put_function_concurrency(FunctionName="work", ReservedConcurrentExecutions=reserved)
    mapping = functions.create_event_source_mapping(
        EventSourceArn=f"arn:aws:sqs:{region}:{account.id}:requests",
        FunctionName="work",
        BatchSize=batch,
        MaximumBatchingWindowInSeconds=1 if batch > 10 else 0,
        Enabled=enabled,
        FunctionResponseTypes=["ReportBatchItemFailures"] if partial else [],
        ScalingConfig={"MaximumConcurrency": 2},
    )
    return SmallFunction(account=account, queue=queue, dead=dead, mapping=mapping["UUID"])
