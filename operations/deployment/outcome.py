"""What became of each stack of a plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from operations.deployment.plan import Action
from operations.engine.failure import StackName
from operations.engine.refusal import Refusal


def any_change(changes: Mapping[str, int]) -> bool:
    """Whether a count of operations, as `Succeeded` has it, holds any that changes something."""
    return any(count for operation, count in changes.items() if operation != "same")


@dataclass(frozen=True, kw_only=True)
class Succeeded:
    """All was done. `changes` counts resources by what was (or, in a preview, would be) done to them."""

    stack: StackName
    changes: Mapping[str, int] = field(default_factory=dict)
    seconds: float

    @property
    def unchanged(self) -> bool:
        """True where every resource stays as it was."""
        return not any_change(self.changes)


@dataclass(frozen=True, kw_only=True)
class Failed:
    """Something went wrong; what had been done by then stays done and is in the state."""

    stack: StackName
    reason: str
    seconds: float
    refusal: Refusal | None = None
    """Why the promotion gate refused the stack, as data; None for any other failure."""


@dataclass(frozen=True, kw_only=True)
class NotRun:
    """The stack was not touched."""

    stack: StackName
    because: str


Outcome = Succeeded | Failed | NotRun


@dataclass(frozen=True, kw_only=True)
class Report:
    """The outcomes in the plan's order, one a stack."""

    action: Action
    outcomes: tuple[Outcome, ...]
    interrupted: bool = False

    @property
    def succeeded(self) -> bool:
        """True where every stack did."""
        return all(isinstance(outcome, Succeeded) for outcome in self.outcomes)


def exit_code(report: Report) -> int:
    """0 done, 1 something failed or was not run, 130 interrupted (128 + SIGINT, as shells have it)."""
    if report.interrupted:
        return 130
    return 0 if report.succeeded else 1
