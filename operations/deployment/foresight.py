"""Previews every stack of a plan before any of them is changed, so that one answer can cover all of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from operations.deployment.changes import Change
from operations.deployment.data_loss import DataWouldBeLostError
from operations.deployment.execute import execute
from operations.deployment.outcome import Failed, NotRun, Outcome, Report
from operations.deployment.plan import Plan
from operations.engine.failure import StackName


@dataclass(frozen=True, kw_only=True)
class Foresight:
    """What a plan would do."""

    changes: Mapping[StackName, tuple[Change, ...]]
    """The changes of each stack that could be previewed."""
    later: Mapping[StackName, str]
    """Why a stack can be previewed only once those before it are deployed; it is previewed then."""
    refusal: Report | None = None
    """The outcome of a plan that ends here: data would be lost, no stack can be previewed, or interrupted."""


def foresee(
    plan: Plan, preview: Callable[[StackName], tuple[Change, ...]], *, interrupt: Callable[[], None]
) -> Foresight:
    """Preview all stacks of `plan` in its order. `preview` raises OperationFailed."""
    found: dict[StackName, tuple[Change, ...]] = {}
    losing: set[StackName] = set()

    def operate(stack: StackName) -> Mapping[str, int]:
        try:
            found[stack] = preview(stack)
        except DataWouldBeLostError:
            losing.add(stack)
            raise
        return {}

    report = execute(plan, operate, interrupt=interrupt)
    later = {
        outcome.stack: outcome.because if isinstance(outcome, NotRun) else outcome.reason
        for outcome in report.outcomes
        if isinstance(outcome, Failed | NotRun)
    }
    ends = losing or report.interrupted or (later and not found)
    return Foresight(changes=found, later=later, refusal=_refused(report, losing) if ends else None)


def _refused(report: Report, losing: set[StackName]) -> Report:
    """The report with nothing done: what was previewed was not touched either."""
    because = f"{' and '.join(map(str, sorted(losing, key=str)))} would lose data"

    def outcome(each: Outcome) -> Outcome:
        if isinstance(each, NotRun) or each.stack in losing:
            return each
        if isinstance(each, Failed) and not losing:
            return each
        return NotRun(stack=each.stack, because=because if losing else "interrupted")

    return Report(
        action=report.action,
        outcomes=tuple(outcome(each) for each in report.outcomes),
        interrupted=report.interrupted,
    )
