import json
from pathlib import Path

import pytest

from operations.drift.locks import holder
from operations.engine.failure import StackName

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
