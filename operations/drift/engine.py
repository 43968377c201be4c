"""Asks the engine what it would do to a stack, and keeps every step. That changes nothing, nor the state."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pulumi.automation import EngineEvent, OpType
from pulumi.automation.events import StepEventMetadata

from operations.deployment.activity import Events, Watch
from operations.deployment.operate import EventedStack
from operations.drift.normal_form import normal
from operations.drift.plain import plain
from operations.drift.stack import PROVIDERS, REFERENCE, STACK_TYPE
from operations.engine.command import EngineCommand
from operations.engine.failure import OperationFailed, StackName
from operations.workspace import UNVERIFIED_TOO, stack_of, translating

_REFRESH = OpType.REFRESH.value
_GAVE_UP = "whose registration isn't pending"
"""With this the engine gives up on a stack in which a component waits for a resource that is gone.

It skips such a component, then asks where it is. What is known to be gone is left out of the next attempt.
https://github.com/pulumi/pulumi/blob/v3.259.0/pkg/resource/deploy/step_executor.go
"""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A resource before or after a step, as plain data, secrets masked."""

    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step that the engine would take."""

    operation: str
    """As the engine calls it: `same`, `update`, `create`, `delete`, `replace`, …"""
    key: str
    type: str
    old: Seen | None
    new: Seen | None
    diffs: tuple[str, ...] = ()
    """The top-level properties that the provider reports as different."""

    @property
    def name(self) -> str:
        """The resource's logical name."""
        return self.key.rpartition("::")[2]


@dataclass(frozen=True, kw_only=True)
class Examination:
    """What the engine reported of one stack."""

    account: tuple[Step, ...] = ()
    """Each resource in the state (old) and in the account (new)."""
    program: tuple[Step, ...] = ()
    """What an update would do."""
    planned: tuple[Step, ...] = ()
    """What an update would do after a refresh: its new inputs are what the program asks for."""
    stack_tags: Mapping[str, str] | None = None
    """The tags that the provider gives every resource; None if they are not known."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """The engine, on the stacks of `root`'s projects."""

    root: Path
    command: EngineCommand
    watch: Watch

    def examine(self, name: StackName, *, account: bool = True, program: bool = True) -> Examination:
        """Ask for a refresh and an update by one command. Raises OperationFailed.

        The update is asked for apart if the refresh took in what would change its answer: it is to start
        from the state as it is.
        """
        if not account:
            return Examination(program=self.preview(name))
        events = _Both(name, "cloud and code" if program else "cloud", self.watch)
        try:
            with translating(name.project, name.environment):
                self._stack(name).preview(refresh=True, run_program=True, on_event=events.take)
        except OperationFailed:  # such as a component that waits for a resource that is gone
            refreshed = self.refresh(name)
            return Examination(account=refreshed, program=self.preview(name) if program else ())
        refreshed, planned = events.apart()
        return Examination(
            account=refreshed,
            program=()
            if not program
            else planned
            if _independent(refreshed, planned)
            else self.preview(name),
            planned=planned,
            stack_tags=events.stack_tags(),
        )

    def refresh(self, name: StackName) -> tuple[Step, ...]:
        """What a refresh would take into the state. Raises OperationFailed."""
        gone: dict[str, Step] = {}
        while True:
            events = _Steps(name, "cloud", self.watch)
            try:
                with translating(name.project, name.environment):
                    # With the program, so that providers use the credentials of now, not those of the state.
                    self._stack(name).preview_refresh(
                        run_program=True, exclude=[*gone] or None, on_event=events.take, show_secrets=False
                    )
            except OperationFailed as failure:
                found = events.gone()
                if _GAVE_UP not in str(failure) or found.keys() <= gone.keys():
                    raise
                gone |= found
            else:
                return (*gone.values(), *events.steps())

    def preview(self, name: StackName) -> tuple[Step, ...]:
        """What an update would do. Raises OperationFailed."""
        events = _Steps(name, "code", self.watch)
        with translating(name.project, name.environment):
            self._stack(name).preview(on_event=events.take)
        return tuple(events.steps())

    def _stack(self, name: StackName) -> EventedStack:
        return stack_of(EventedStack, name, root=self.root, command=self.command, transient=UNVERIFIED_TOO)


class _Steps(Events):
    def __init__(self, name: StackName, phase: str, watch: Watch) -> None:
        super().__init__(name, phase, watch)
        self._planned: dict[tuple[str, str], StepEventMetadata] = {}

    def take(self, event: EngineEvent) -> None:
        super().take(event)
        for happened in (event.resource_pre_event, event.res_outputs_event):
            if happened is not None:
                step = happened.metadata
                self._planned[step.urn, step.op.value] = step

    def gone(self) -> dict[str, Step]:
        """URN to the step of each resource that is not there any more."""
        return {
            urn: _step(urn, operation, step)
            for (urn, operation), step in self._planned.items()
            if operation == OpType.DELETE.value
        }

    def steps(self) -> Iterator[Step]:
        """The steps on resources proper."""
        for (urn, operation), step in self._planned.items():
            if step.type not in (STACK_TYPE, REFERENCE) and not step.type.startswith(PROVIDERS):
                yield _step(urn, operation, step)


class _Both(_Steps):
    """The steps of a refresh and of the update that follows it."""

    def apart(self) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
        """The steps of the refresh, called as a refresh by itself calls them, and those of the update."""
        steps = list(self.steps())
        refreshed = (
            replace(step, operation=_refreshed(step)) for step in steps if step.operation == _REFRESH
        )
        return tuple(refreshed), tuple(step for step in steps if step.operation != _REFRESH)

    def stack_tags(self) -> Mapping[str, str] | None:
        """The default tags of the stack's AWS provider."""
        for step in self._planned.values():
            if step.type == f"{PROVIDERS}aws" and step.op.value != _REFRESH and step.new is not None:
                tags = plain(dict(step.new.inputs or {})).get("defaultTags")
                if isinstance(tags, Mapping) and isinstance(tags.get("tags"), Mapping):
                    return dict(tags["tags"])
        return None


def _refreshed(step: Step) -> str:
    if step.new is None:
        return OpType.DELETE.value
    return OpType.SAME.value if step.old and _as_before(step.old, step.new) else OpType.UPDATE.value


def _as_before(old: Seen, new: Seen) -> bool:
    return old.inputs == new.inputs and normal(old.outputs) == normal(new.outputs)


def _independent(refreshed: Iterable[Step], planned: Iterable[Step]) -> bool:
    """Whether the update would be the same one without the refresh before it."""
    changed = [step for step in refreshed if step.operation != OpType.SAME.value]
    touched = {step.key for step in planned if step.operation != OpType.SAME.value}
    return all(
        step.old is not None
        and step.new is not None
        and step.old.inputs == step.new.inputs
        and step.key not in touched
        for step in changed
    )


def _step(urn: str, operation: str, step: StepEventMetadata) -> Step:
    return Step(
        operation=operation,
        key=urn.split("::", 2)[2],
        type=step.type,
        old=_seen(step.old),
        new=_seen(step.new),
        diffs=tuple(dict.fromkeys(re.split(r"[.\[]", each, maxsplit=1)[0] for each in step.diffs or ())),
    )


def _seen(state: Any) -> Seen | None:
    if state is None:
        return None
    return Seen(inputs=plain(dict(state.inputs or {})), outputs=plain(dict(state.outputs or {})))
