import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from operations.engine.failure import StackName
from operations.engine.locks import BackendUnreadableError, holder

NAME = StackName(project="payments", environment="prod")
LOCK = {"username": "ada", "hostname": "laptop", "pid": 7, "timestamp": "2026-01-01T00:00:00Z"}


def locked(folder: Path, text: str, stack: str = "payments/prod") -> str:
    place = folder / ".pulumi/locks/organization" / stack
    place.mkdir(parents=True)
    (place / "lock.json").write_text(text)
    return f"file://{folder}"


def test_a_lock_tells_who_holds_the_stack(tmp_path: Path) -> None:
    backend = locked(tmp_path, json.dumps(LOCK))
    assert holder(backend, NAME) == "ada@laptop (process 7) since 2026-01-01T00:00:00Z"


def test_a_lock_of_another_stack_is_none_of_this_one(tmp_path: Path) -> None:
    assert holder(locked(tmp_path, json.dumps(LOCK), "payments/staging"), NAME) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"username": "ada"}'])
def test_a_lock_that_cannot_be_read_is_held_by_somebody(tmp_path: Path, text: str) -> None:
    assert holder(locked(tmp_path, text), NAME) == "somebody"


@pytest.mark.parametrize("backend", ["", "https://api.pulumi.com", "file:///nowhere"])
def test_a_backend_without_lock_files_tells_nothing(backend: str) -> None:
    assert holder(backend, NAME) is None


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket that holds states, under a prefix."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="states-acme")
        yield "states-acme"


def put(bucket: str, key: str, text: str) -> None:
    boto3.client("s3", region_name="us-east-1").put_object(Bucket=bucket, Key=key, Body=text)


@pytest.mark.parametrize("prefix", ["", "/payments/states", "/payments/states/"])
def test_a_lock_in_a_bucket_tells_who_holds_the_stack(bucket: str, prefix: str) -> None:
    backend = f"s3://{bucket}{prefix}?region=us-east-1&awssdk=v2"
    folder = f"{prefix.strip('/')}/.pulumi/locks/organization/payments".lstrip("/")
    put(bucket, f"{folder}/staging/1.json", json.dumps({**LOCK, "username": "bob"}))
    assert holder(backend, NAME) is None

    put(bucket, f"{folder}/prod/2.json", json.dumps(LOCK))
    assert holder(backend, NAME) == "ada@laptop (process 7) since 2026-01-01T00:00:00Z"
    put(bucket, f"{folder}/prod/1.json", "{")
    assert holder(backend, NAME) == "somebody"


@pytest.mark.parametrize(
    "backend", ["s3://states-of-others?region=us-east-1", "s3://states-acme?profile=nobody"]
)
@pytest.mark.usefixtures("bucket")
def test_locks_that_cannot_be_read_are_no_free_stack(backend: str) -> None:
    with pytest.raises(BackendUnreadableError):
        holder(backend, NAME)
