"""The resource changes of a preview or an update, read from the engine's step events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi.automation.events import StepEventMetadata

from operations.engine.failure import StackName

_NO_CHANGE = frozenset({"same", "read", "refresh"})


@dataclass(frozen=True, kw_only=True)
class Change:
    """What the engine would do to one resource. Only what does not stay the same is a change."""

    stack: StackName
    urn: str
    type: str
    operation: str
    """The engine's: create, update, replace, delete, …"""
    properties: tuple[str, ...] = ()
    """Paths that differ; none for what is created or deleted."""
    before: Mapping[str, Any] = field(default_factory=dict)
    """Inputs in the state; empty for what is created."""
    after: Mapping[str, Any] = field(default_factory=dict)
    """Inputs of the program; empty for what is deleted."""

    @property
    def name(self) -> str:
        """The logical name."""
        return self.urn.rpartition("::")[2]

    @property
    def ends(self) -> bool:
        """Whether the resource that is in the account now would be gone from it, or from the stack."""
        return _ends(self.operation)


def changes(name: StackName, steps: Sequence[StepEventMetadata]) -> tuple[Change, ...]:
    """Return the steps that change something, one per resource, without the engine's own resources.

    The several steps of a replacement, in either order, become one change with both sides. A resource that
    one step ends (a replaced one whose deletion is still pending, for example) is reported as ended.
    """
    found: dict[str, Change] = {}
    for step in steps:
        operation = step.op.value
        if operation in _NO_CHANGE or step.type.startswith("pulumi:"):
            continue
        earlier = found.get(step.urn)
        if "replace" in operation:
            operation = "replace"
        elif earlier and earlier.ends and not _ends(operation):
            operation = earlier.operation
        found[step.urn] = Change(
            stack=name,
            urn=step.urn,
            type=step.type,
            operation=operation,
            properties=_properties(step) or (earlier.properties if earlier else ()),
            before=_inputs(step.old) or (earlier.before if earlier else {}),
            after=_inputs(step.new) or (earlier.after if earlier else {}),
        )
    return tuple(found.values())


def _ends(operation: str) -> bool:
    return "delete" in operation or "replace" in operation or operation == "discard"


def _properties(step: StepEventMetadata) -> tuple[str, ...]:
    return tuple(sorted(step.detailed_diff or step.diffs or ()))


def _inputs(state: Any) -> Mapping[str, Any]:
    return dict(state.inputs or {}) if state is not None else {}
