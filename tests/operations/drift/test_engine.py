"""What is told of a stack with which the engine gives up because something in it is gone."""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from pulumi import automation as auto
from pulumi.automation import OpType

from operations.drift.engine import Engine
from operations.engine.command import EngineCommand
from operations.engine.failure import OperationFailed, StackName

NAME = StackName(project="payments", environment="prod")
GAVE_UP = "error: cannot complete a resource 'urn:…' whose registration isn't pending"


def urn(name: str) -> str:
    return f"urn:pulumi:prod::payments::aws:sqs/queue:Queue::{name}"


def event(operation: OpType, name: str) -> Any:
    side = SimpleNamespace(inputs={}, outputs={})
    new = None if operation is OpType.DELETE else side
    step = SimpleNamespace(
        urn=urn(name), op=operation, type="aws:sqs/queue:Queue", old=side, new=new, diffs=None
    )
    return SimpleNamespace(
        resource_pre_event=SimpleNamespace(metadata=step),
        res_outputs_event=None,
        summary_event=None,
        diagnostic_event=None,
    )


class Stack:
    """Answers each attempt with its events, then fails as it is told to."""

    def __init__(self, *attempts: tuple[Sequence[Any], str]) -> None:
        self._attempts = iter(attempts)
        self.excluded: list[list[str] | None] = []

    def preview_refresh(
        self, *, exclude: list[str] | None, on_event: Callable[[Any], None], **_: bool
    ) -> None:
        self.excluded.append(exclude)
        events, failure = next(self._attempts)
        for each in events:
            on_event(each)
        if failure:
            raise auto.CommandError(auto.CommandResult(stdout="", stderr=failure, code=255))


def engine(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setattr(Engine, "_stack", lambda *_: stack)
    return Engine(root=Path(), command=Mock(spec=EngineCommand), watch=lambda _: None)


def test_what_is_gone_is_left_out_until_the_engine_gets_through(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = Stack(
        ([event(OpType.SAME, "kept"), event(OpType.DELETE, "one")], GAVE_UP),
        ([event(OpType.DELETE, "two")], GAVE_UP),
        ([event(OpType.SAME, "kept"), event(OpType.UPDATE, "other")], ""),
    )
    steps = engine(stack, monkeypatch).refresh(NAME)
    assert stack.excluded == [None, [urn("one")], [urn("one"), urn("two")]]
    assert [(each.name, each.operation) for each in steps] == [
        ("one", "delete"),
        ("two", "delete"),
        ("kept", "same"),
        ("other", "update"),
    ]


@pytest.mark.parametrize(
    ("attempts", "tried"),
    [
        ([([event(OpType.DELETE, "one")], "error: access denied")], 1),
        ([([event(OpType.SAME, "one")], GAVE_UP)], 1),
        ([([event(OpType.DELETE, "one")], GAVE_UP), ([event(OpType.DELETE, "one")], GAVE_UP)], 2),
    ],
)
def test_a_failure_that_leaving_out_does_not_mend_is_told(
    attempts: list[tuple[Sequence[Any], str]], tried: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = Stack(*attempts)
    with pytest.raises(OperationFailed):
        engine(stack, monkeypatch).refresh(NAME)
    assert len(stack.excluded) == tried
