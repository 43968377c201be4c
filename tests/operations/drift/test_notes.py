from typing import Any

import pytest

from operations.drift.notes import notes
from operations.drift.stack import Stack
from operations.engine.failure import StackName


def stack(**outputs: Any) -> Stack:
    name = StackName(project="payments", environment="prod")
    return Stack(name=name, resources={}, outputs=outputs, references={}, providers={})


@pytest.mark.parametrize(
    ("glass", "said"),
    [
        ({"reason": "outage", "expires": "2026-12-01"}, "outage (until 2026-12-01)"),
        ({"expires": "2026-12-01"}, "no reason given (until 2026-12-01)"),
        ({"reason": "outage"}, "outage (until nobody knows when)"),
        ("[secret]", "[secret]"),
    ],
)
def test_a_break_glass_in_force_is_noted_with_its_reason(glass: Any, said: str) -> None:
    assert notes([stack(breakGlass=glass), stack()]) == {"break-glass in force: payments/prod": said}


def test_there_is_nothing_to_note_of_a_stack_without_one() -> None:
    assert notes([stack(), stack(breakGlass=None), stack(breakGlass="")]) == {}
