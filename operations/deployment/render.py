"""Shows a plan and its outcomes: as text for people, as JSON for machines."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from operations.deployment.data_loss import losses
from operations.deployment.foresight import Foresight
from operations.deployment.outcome import Failed, NotRun, Outcome, Report, Succeeded
from operations.deployment.plan import Action, Plan
from operations.engine.failure import StackName

_DONE: Mapping[Action, str] = {
    Action.UP: "is up",
    Action.PREVIEW: "previewed",
    Action.DESTROY: "is destroyed",
}
_STATUS = {Succeeded: "succeeded", Failed: "failed", NotRun: "not run"}


def question(plan: Plan, places: Mapping[StackName, str], foresight: Foresight | None = None) -> str:
    """The plan as a list, for the user to agree to: each stack with its changes, where they are known."""
    manner = "one after the other" if plan.at_once == 1 else f"up to {plan.at_once} at once"
    width = max(len(str(stack)) for stack in plan.stacks)
    lines = [f"pulumi {plan.action} of {len(plan.stacks)} stacks, {manner}:"]
    for stack in plan.stacks:
        lines.append(f"  {stack!s:<{width}}  {places[stack]}".rstrip())
        if foresight:
            lines += [f"    {each}" for each in _foreseen(foresight, stack)]
    return "\n".join(lines)


def _foreseen(foresight: Foresight, stack: StackName) -> list[str]:
    if stack in foresight.later:
        return ["is previewed once the stacks before it are deployed"]
    found = foresight.changes.get(stack, ())
    kept = {id(change) for change in found} - {id(loss.change) for loss in losses(found)}
    return [
        f"{change.operation} {change.name}"
        + (f" ({', '.join(change.properties)})" if change.properties else "")
        + ("" if id(change) in kept else " LOSES DATA, as allowed")
        for change in found
    ] or ["no changes"]


def line(outcome: Outcome, action: Action) -> str:
    """One outcome on a line of its own (a failure's reason may take more)."""
    match outcome:
        case Succeeded(stack=stack, seconds=seconds):
            return f"{stack} {_DONE[action]}: {describe(outcome.changes)} ({seconds:.1f} s)"
        case Failed(stack=stack, reason=reason, seconds=seconds):
            return f"{stack} FAILED after {seconds:.1f} s\n{_indented(reason)}"
        case NotRun(stack=stack, because=because):
            return f"{stack} was not touched: {because}"


def describe(changes: Mapping[str, int]) -> str:
    """The changes in words: `3 create, 1 update`."""
    made = [f"{count} {operation}" for operation, count in sorted(changes.items()) if operation != "same"]
    return ", ".join(made) or "no changes"


def summary(report: Report) -> str:
    """How many of the stacks fared how, in a line."""
    counts = [
        f"{number} {status}"
        for kind, status in _STATUS.items()
        if (number := sum(isinstance(outcome, kind) for outcome in report.outcomes))
    ]
    interrupted = " (interrupted)" if report.interrupted else ""
    return f"{report.action}: {', '.join(counts)}{interrupted}"


def text(report: Report) -> str:
    """Every outcome and the summary."""
    return "\n".join([*(line(outcome, report.action) for outcome in report.outcomes), summary(report)])


def to_json(report: Report) -> str:
    """The report as a JSON object: action, interrupted, succeeded and one object a stack.

    A stack that the promotion gate refused also has `refusal`: code and facts.
    """
    stacks: list[dict[str, Any]] = [
        {**asdict(outcome), **asdict(outcome.stack), "status": _STATUS[type(outcome)]}
        for outcome in report.outcomes
    ]
    for item in stacks:
        del item["stack"]
        if item.get("refusal") is None:
            item.pop("refusal", None)
    return json.dumps(
        {
            "action": report.action,
            "succeeded": report.succeeded,
            "interrupted": report.interrupted,
            "stacks": stacks,
        },
        indent=2,
    )


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
