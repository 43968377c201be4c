"""Environments whose promotion gate was overridden: told after each deployment, until a clean promotion."""

from collections.abc import Callable, Mapping
from typing import Any

from components.stacks import PaymentsOutputs
from operations.deployment.outcome import Report, Succeeded
from operations.deployment.plan import Action
from operations.engine.failure import StackName


def broken_glass(report: Report, outputs: Callable[[StackName], Mapping[str, Any]]) -> list[str]:
    """A line for each payments stack of the report that is up and shows a break-glass.

    `outputs` reads a stack's outputs.
    """
    if report.action is not Action.UP:
        return []
    return [
        f"BREAK GLASS: {outcome.stack} has the artifact {glass['artifactDigest']}, which was not verified "
        f"below it, until {glass['expires']}: {glass['reason']}"
        for outcome in report.outcomes
        if isinstance(outcome, Succeeded) and outcome.stack.project == PaymentsOutputs.PROJECT
        if (glass := outputs(outcome.stack).get("breakGlass"))
    ]
