"""Gates: questions about the evidence, each with a pure function that answers it.

What can't be answered is an answer of its own, and stops a promotion as a failure does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from operations.promotion.evidence import Evidence


@dataclass(frozen=True)
class GatePassed:
    """The condition holds."""

    note: str = ""
    """A note, such as an exception that the user permitted."""


@dataclass(frozen=True)
class GateFailed:
    """The condition does not hold."""

    reason: str
    fix: str


@dataclass(frozen=True)
class GateNotChecked:
    """It is unknown whether the condition holds."""

    reason: str
    fix: str


Answer = GatePassed | GateFailed | GateNotChecked


@dataclass(frozen=True, kw_only=True)
class Gate:
    """One condition of a promotion."""

    id: str
    question: str
    judge: Callable[[Evidence], Answer]


_MANY = 5
"""Number of findings that are listed; the rest are counted."""


def listed(items: Sequence[str]) -> str:
    """Format the first items, one per line, without repetitions."""
    shown = list(dict.fromkeys(items))
    more = len(shown) - _MANY
    return "\n".join(shown[:_MANY] + ([f"and {more} more"] if more > 0 else []))


def minutes(time: timedelta) -> str:
    """Format a duration."""
    seconds = int(time.total_seconds())
    if seconds >= 7200:
        return f"{seconds // 3600} h {seconds % 3600 // 60} min"
    return f"{seconds // 60} min" if seconds >= 60 or not seconds else f"{seconds} s"
