import json
from typing import Any

import pytest
from pulumi.automation import EngineEvent

from components.promotion import REFUSAL_EVENT
from operations.engine.refusal import Refusal, refusal_of

DATA = {REFUSAL_EVENT: {"code": "content-unverified", "facts": {"project": "network"}}}


def event(message: str, **changed: Any) -> EngineEvent:
    diagnostic = {"message": message, "color": "never", "severity": "info", "ephemeral": True, **changed}
    return EngineEvent.from_json({"sequence": 1, "timestamp": 1, "diagnosticEvent": diagnostic})


def test_a_refusal_is_read_from_the_runs_own_events() -> None:
    assert refusal_of(event(json.dumps(DATA) + "\n")) == Refusal(
        code="content-unverified", facts={"project": "network"}
    )


@pytest.mark.parametrize(
    ("message", "ephemeral"),
    [
        ("the promotion gate refuses to deploy to prod", True),
        (f"{REFUSAL_EVENT}: no JSON", True),
        (json.dumps({REFUSAL_EVENT: {"code": "x"}}), True),
        (json.dumps([REFUSAL_EVENT]), True),
        (json.dumps(DATA), False),
    ],
)
def test_nothing_else_that_a_program_writes_is_one(message: str, ephemeral: bool) -> None:
    assert refusal_of(event(message, ephemeral=ephemeral)) is None
