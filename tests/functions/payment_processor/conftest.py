"""Fixtures of the function's tests: the handler, and the two things that stand for AWS."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws
from moto.sns.models import sns_backends

from .builders import ENVIRONMENT, load_handler
from .fakes import FakeTable, FakeTopic

ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1})


@cache
def session() -> boto3.session.Session:
    """One session for all clients: it keeps the service models, whose loading is what makes clients slow."""
    return boto3.session.Session("testing", "testing", region_name="us-east-1")


@dataclass(frozen=True)
class Backend:
    """A ledger table and a topic, their clients, and what is in them."""

    dynamodb: Any
    sns: Any
    items: Callable[[], dict[tuple[str, str], dict[str, Any]]]
    messages: Callable[[], list[dict[str, Any]]]


@pytest.fixture
def handler_module() -> ModuleType:
    return load_handler()


@pytest.fixture
def fake_backend() -> Backend:
    """In memory, and correct under concurrency."""
    table, topic = FakeTable(), FakeTopic()
    return Backend(
        dynamodb=table.client(),
        sns=topic,
        items=lambda: dict(table.items()),
        messages=lambda: [json.loads(message) for message in topic.messages],
    )


@pytest.fixture
def moto_backend() -> Iterator[Backend]:
    """moto behind boto3's real clients. Not to be used by several threads."""
    table, topic = ENVIRONMENT["TABLE_NAME"], ENVIRONMENT["TOPIC_ARN"]
    with mock_aws():
        dynamodb, sns = session().client("dynamodb", config=ONCE), session().client("sns", config=ONCE)
        keys = {"pk": "HASH", "sk": "RANGE"}
        dynamodb.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
        )
        sns.create_topic(Name=topic.rpartition(":")[2])
        sent = sns_backends["123456789012"]["us-east-1"].topics[topic].sent_notifications
        scan = session().client("dynamodb").scan
        yield Backend(
            dynamodb=dynamodb,
            sns=sns,
            items=lambda: {
                (item["pk"]["S"], item["sk"]["S"]): item for item in scan(TableName=table)["Items"]
            },
            messages=lambda: [json.loads(message) for _, message, *_ in sent],
        )


@pytest.fixture(params=["fake_backend", "moto_backend"])
def backend(request: pytest.FixtureRequest) -> Backend:
    """Both in turn: what holds of one must hold of the other."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Backend)
    return found
