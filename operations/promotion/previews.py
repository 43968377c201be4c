"""Preview a stack and collect the changes of its resources."""

from collections.abc import Callable
from pathlib import Path

from pulumi import automation as auto
from pulumi.automation import EngineEvent
from pulumi.automation.events import StepEventMetadata

from operations.deployment.changes import changes
from operations.engine.command import EngineCommand
from operations.engine.failure import OperationFailed, PolicyViolated, StackName
from operations.engine.refusal import Refusal, refusal_of
from operations.promotion.evidence import StackPreview
from operations.workspace import stack_of, translating


def preview(
    name: StackName,
    *,
    root: Path,
    command: EngineCommand,
    policy_pack: Path,
    watch: Callable[[StackName], None] = lambda _: None,
) -> StackPreview:
    """Preview one stack under the policy pack, from the code at `root`; a failure is part of the result."""
    watch(name)
    steps: list[StepEventMetadata] = []
    refusals: list[Refusal] = []

    def take(event: EngineEvent) -> None:
        if refusal := refusal_of(event):
            refusals.append(refusal)
        if event.resource_pre_event is not None:
            steps.append(event.resource_pre_event.metadata)

    try:
        target = stack_of(auto.Stack, name, root=root, command=command)
        with translating(name.project, name.environment, lambda: next(iter(refusals), None)):
            target.preview(policy_packs=[str(policy_pack)], on_event=take)
    except OperationFailed as failure:
        return StackPreview(stack=name, failure=str(failure), violation=isinstance(failure, PolicyViolated))
    return StackPreview(stack=name, changes=changes(name, steps))
