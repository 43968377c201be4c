"""What a reader of a report should know besides the differences."""

from collections.abc import Iterable, Mapping
from typing import Any

from operations.drift.stack import Stack

BREAK_GLASS = "breakGlass"


def notes(stacks: Iterable[Stack]) -> dict[str, str]:
    """By subject: settings in force that let a stack be otherwise than the rules want it."""
    return {
        f"break-glass in force: {stack.name}": _said(stack.outputs[BREAK_GLASS])
        for stack in stacks
        if stack.outputs.get(BREAK_GLASS)
    }


def _said(glass: Any) -> str:
    if not isinstance(glass, Mapping):
        return str(glass)
    return f"{glass.get('reason', 'no reason given')} (until {glass.get('expires', 'nobody knows when')})"
