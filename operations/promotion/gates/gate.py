"""What a gate is: a question about the evidence, and a pure function that answers it.

What can't be answered is an answer of its own, and stops a promotion as a failure does.
"""

from collections.abc import Callable
from dataclasses import dataclass

from operations.promotion.evidence import Evidence


@dataclass(frozen=True)
class Passed:
    """The condition holds."""

    note: str = ""
    """What the reader should see all the same, such as what was permitted by hand."""


@dataclass(frozen=True)
class Failed:
    """The condition does not hold."""

    reason: str
    fix: str


@dataclass(frozen=True)
class NotChecked:
    """Nobody can tell whether the condition holds."""

    reason: str
    fix: str


Answer = Passed | Failed | NotChecked


@dataclass(frozen=True, kw_only=True)
class Gate:
    """One condition of a promotion."""

    id: str
    question: str
    judge: Callable[[Evidence], Answer]
