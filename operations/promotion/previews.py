"""What the engine would do to a stack, resource by resource, heard from its preview."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pulumi import automation as auto
from pulumi.automation import EngineEvent
from pulumi.automation.events import StepEventMetadata

from operations.engine.command import EngineCommand
from operations.engine.failure import OperationFailed, PolicyViolated, StackName
from operations.promotion.evidence import Change, Preview
from operations.workspace import stack_of, translating

_NO_CHANGE = frozenset({"same", "read", "refresh"})


def preview(
    name: StackName,
    *,
    root: Path,
    command: EngineCommand,
    policy_pack: Path,
    watch: Callable[[StackName], None] = lambda _: None,
) -> Preview:
    """One stack's preview under the policy pack, from the code at `root`; a failure is part of the answer."""
    watch(name)
    steps: list[StepEventMetadata] = []

    def take(event: EngineEvent) -> None:
        if event.resource_pre_event is not None:
            steps.append(event.resource_pre_event.metadata)

    try:
        target = stack_of(auto.Stack, name, root=root, command=command)
        with translating(name.project, name.environment):
            target.preview(policy_packs=[str(policy_pack)], on_event=take)
    except OperationFailed as failure:
        return Preview(stack=name, failure=str(failure), violation=isinstance(failure, PolicyViolated))
    return Preview(stack=name, changes=changes(name, steps))


def changes(name: StackName, steps: Sequence[StepEventMetadata]) -> tuple[Change, ...]:
    """The steps that change something, one a resource; the engine's own resources are left out.

    A replacement comes as several steps, in either order: it is told once, as `replace`, with both sides.
    """
    found: dict[str, Change] = {}
    for step in steps:
        operation = step.op.value
        if operation in _NO_CHANGE or step.type.startswith("pulumi:"):
            continue
        earlier = found.get(step.urn)
        found[step.urn] = Change(
            stack=name,
            urn=step.urn,
            type=step.type,
            operation="replace" if "replace" in operation else operation,
            properties=_properties(step) or (earlier.properties if earlier else ()),
            before=_inputs(step.old) or (earlier.before if earlier else {}),
            after=_inputs(step.new) or (earlier.after if earlier else {}),
        )
    return tuple(found.values())


def _properties(step: StepEventMetadata) -> tuple[str, ...]:
    return tuple(sorted(step.detailed_diff or step.diffs or ()))


def _inputs(state: Any) -> Mapping[str, Any]:
    return dict(state.inputs or {}) if state is not None else {}
