"""Gates: questions about the evidence, each with a pure function that answers it.

What can't be answered is an answer of its own, and stops a promotion as a failure does.
"""

from collections.abc import Callable
from dataclasses import dataclass

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
