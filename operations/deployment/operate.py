"""What a plan's action means for one stack, on the engine."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pulumi import automation as auto

from components.environment import LADDER
from components.provider import ACCESS_VARIABLE, DEPLOYER, DESTROYER
from components.stacks import BootstrapIamOutputs
from operations import REPOSITORY
from operations.deployment.access import needed_access, with_role
from operations.deployment.activity import Events, Watch
from operations.deployment.changes import Change, changes
from operations.deployment.data_loss import require_data_kept
from operations.deployment.execute import Operate
from operations.deployment.outcome import any_change
from operations.deployment.plan import Action, upstreams
from operations.deployment.state_check import StateCheck, state_check
from operations.engine.command import EngineCommand, Interrupted
from operations.engine.failure import (
    NotPromoted,
    OperationFailed,
    PolicyViolated,
    ProgramFailed,
    StackMissing,
    StackName,
    UpstreamMissing,
)
from operations.workspace import outputs, stack_of, translating


class EventedStack(auto.Stack):
    """A stack whose events are heard, so what the SDK asks for after every operation need not be asked.

    That is the history and the outputs, three more commands: 0.85 s of processor time each time.
    """

    def outputs(self) -> auto.OutputMap:
        """None: `operations.workspace.outputs` has them."""
        return {}

    def info(self, show_secrets: bool = True) -> auto.UpdateSummary:  # noqa: ARG002  the SDK's signature
        """That it succeeded; for a failure the SDK raises before it asks."""
        return auto.UpdateSummary(
            kind="", start_time=datetime.now(UTC), message="", environment={}, config={}, result="succeeded"
        )


@dataclass(frozen=True, kw_only=True)
class Operator:
    """Operates on the stacks of `root`'s projects.

    With `policy_pack`, every preview and `up` runs under it; an `up` begins with a preview, so that a
    mandatory violation stops it before anything is made, and ends with `state_check` (our own pack's, where
    that is the pack), which sees every value: in a preview some are unknown, and no rule can judge those.
    Unless `keeps_data` is false, an `up` also begins with a preview that refuses to lose data, except that of
    the resources whose URNs are in `allow_loss` (see data_loss). `ladder` tells whose outputs a stack reads.
    `transient` configuration, by key with its namespace, holds for these operations and is in no stack file.
    """

    command: EngineCommand
    watch: Watch
    root: Path = REPOSITORY
    policy_pack: Path | None = None
    state_check: StateCheck | None = None
    ladder: Sequence[str] = LADDER
    transient: Mapping[str, Any] = field(default_factory=dict)
    keeps_data: bool = True
    allow_loss: frozenset[str] = frozenset()
    targets: Sequence[str] = ()
    """Logical names: only these resources are previewed or updated; all where there are none."""
    refresh: bool = False
    """Whether the state first takes in what the accounts hold, so that an update undoes what differs."""
    _made: set[StackName] = field(default_factory=set, compare=False, repr=False)
    """The stacks that it has created, or tried to."""
    _applied: set[StackName] = field(default_factory=set, compare=False, repr=False)
    """The stacks that it has updated, or tried to."""
    _foreseen: set[StackName] = field(default_factory=set, compare=False, repr=False)
    """The stacks whose `up` was previewed, and would lose no data."""
    _changed: set[StackName] = field(default_factory=set, compare=False, repr=False)
    """The stacks that it has changed."""
    _access: dict[StackName, str] = field(default_factory=dict, compare=False, repr=False)
    """The role that the foreseen changes of a stack need."""

    def operation(self, action: Action) -> Operate:
        """The function that does `action` to a stack."""
        return {Action.UP: self.up, Action.PREVIEW: self.preview, Action.DESTROY: self.destroy}[action]

    def preview(self, name: StackName) -> Mapping[str, int]:
        """What `up` would do."""
        return self._preview(name).changes

    def foresee(self, name: StackName) -> tuple[Change, ...]:
        """Return the changes that `up` would make; it need not preview them again.

        Raises DataWouldBeLostError where they lose data that is not in `allow_loss`.
        """
        found = changes(name, self._preview(name).step_events)
        if self.keeps_data:
            require_data_kept(name, found, self.allow_loss)
        self._access[name] = needed_access(found)
        self._foreseen.add(name)
        return found

    def remove_previewed(self) -> None:
        """Remove the stacks that were created only to preview them; one that holds anything stays."""
        for name in sorted(self._made - self._applied, key=str):
            target = self._stack(name)
            with suppress(OperationFailed, Interrupted), translating(name.project, name.environment):
                target.workspace.remove_stack(name.environment, preserve_config=True)
            self._made.discard(name)

    def up(self, name: StackName) -> Mapping[str, int]:
        """Makes the stack what its program says.

        What was foreseen is previewed again only if a stack that it reads has changed since.
        """
        stale = name not in self._foreseen or not self._changed.isdisjoint(
            upstreams(name, ladder=self.ladder)
        )
        if stale and (self.policy_pack or self.keeps_data):
            self.foresee(name)
        return self.apply(name)

    def apply(self, name: StackName) -> Mapping[str, int]:
        """As `up`, of what was previewed just now."""
        events = Events(name, "up", self.watch)
        self._applied.add(name)
        self._created(
            name,
            lambda target: target.up(policy_packs=self._packs(), on_event=events.take, **self._narrowed()),
            events,
        )
        if any_change(events.changes):
            self._changed.add(name)
        self._check_state(name)
        return events.changes

    def show(self, name: StackName) -> None:
        """Makes a stack that is up show other outputs. Whatever its program says, no resource is touched."""
        events = Events(name, "up", self.watch)
        itself = f"pulumi:pulumi:Stack::{name.project}-{name.environment}"
        with self._explaining(name, events):
            self._stack(name).up(
                target=[f"urn:pulumi:{name.environment}::{name.project}::{itself}"], on_event=events.take
            )

    def destroy(self, name: StackName) -> Mapping[str, int]:
        """Takes down all that the stack holds; nothing, where it never was. Its history stays."""
        events = Events(name, "destroy", self.watch)
        try:
            with translating(name.project, name.environment):
                self._hand_to_destroyer(name)
                self._stack(name).destroy(on_event=events.take)
        except StackMissing:
            return {}
        return events.changes

    def exported(self, name: StackName) -> Mapping[str, Any] | None:
        """Return the stack's exported state; None where there is no such stack."""
        try:
            with translating(name.project, name.environment):
                state = self._stack(name).export_stack()
        except StackMissing:
            return None
        return {"version": state.version, "deployment": state.deployment}

    def _preview(self, name: StackName) -> Events:
        events = Events(name, "preview", self.watch)
        self._created(
            name,
            lambda target: target.preview(
                policy_packs=self._packs(), on_event=events.take, **self._narrowed()
            ),
            events,
        )
        return events

    def _stack(self, name: StackName) -> EventedStack:
        """The stack, as the role that its foreseen changes need, unless the caller chose one."""
        target = stack_of(EventedStack, name, root=self.root, command=self.command, transient=self.transient)
        self._choose_access(target, name)
        return target

    def _choose_access(self, target: EventedStack, name: StackName) -> None:
        if not self.command.environ.get(ACCESS_VARIABLE):
            target.workspace.env_vars = {ACCESS_VARIABLE: self._access.get(name, DEPLOYER)}

    def _hand_to_destroyer(self, name: StackName) -> None:
        """Make the stack's provider, as its state has it, assume the destroyer's role."""
        if name.project == BootstrapIamOutputs.PROJECT or self.command.environ.get(
            ACCESS_VARIABLE, DESTROYER
        ) not in ("", DESTROYER):
            return
        target = self._stack(name)
        state = target.export_stack()
        deployment = state.deployment or {}
        if with_role(deployment, "", "") is None:  # no provider that assumes a role
            return
        try:
            access = outputs(
                BootstrapIamOutputs.PROJECT, name.environment, root=self.root, command=self.command
            )
        except StackMissing:  # destroyed before: the stack keeps the provider that it has
            return
        if "destroyerRoleArn" not in access:
            return
        changed = with_role(deployment, access["destroyerRoleArn"], access["destroyerExternalId"])
        if changed:
            target.import_stack(auto.Deployment(version=state.version, deployment=changed))

    def _created(self, name: StackName, do: Callable[[EventedStack], object], events: Events) -> None:
        """Does it to the stack, which is created where there is none: that shows by itself, and is rare.

        In a new environment it is not: where one stack was missing, others are created without being missed.
        """
        target = self._stack(name)
        with self._explaining(name, events):
            made = tuple(self._made)  # of this moment: other threads add to it
            if name not in made and any(each.environment == name.environment for each in made):
                with suppress(auto.StackAlreadyExistsError):
                    self._make(target, name)
            try:
                with translating(name.project, name.environment, events.refusal):
                    do(target)
            except StackMissing:
                self._make(target, name)
                do(target)

    def _make(self, target: EventedStack, name: StackName) -> None:
        self._made.add(name)
        if not (self.policy_pack or self.keeps_data):  # no preview tells what a new stack needs: everything
            self._access[name] = DESTROYER
            self._choose_access(target, name)
        target.workspace.create_stack(name.environment)

    def _narrowed(self) -> Mapping[str, Any]:
        """The options of a command that is not to do all that it could."""
        narrowed: dict[str, Any] = {}
        if self.targets:
            # What depends on a target may have to follow it: a policy whose queue is made again.
            narrowed |= {"target": [f"**::{name}" for name in self.targets], "target_dependents": True}
        if self.refresh:
            narrowed |= {"refresh": True, "run_program": True}
        return narrowed

    def _packs(self) -> list[str] | None:
        return [str(self.policy_pack.resolve())] if self.policy_pack else None

    def _check_state(self, name: StackName) -> None:
        check = self.state_check
        if check is None and self.policy_pack:
            check = state_check(self.policy_pack, self.root)
        if check is None:
            return
        Events(name, "check", self.watch)
        try:
            exported = self.exported(name)
        except Interrupted:
            raise OperationFailed(f"{name} is up, but its state was not checked: interrupted.") from None
        violations = check(name, exported or {})
        if violations:
            lines = "\n".join(f"  {violation}" for violation in violations)
            raise PolicyViolated(f"{name} is up, but its state violates the policy pack:\n{lines}")

    @contextmanager
    def _explaining(self, name: StackName, events: Events) -> Iterator[None]:
        """Says of a program that failed for want of another stack's outputs just that."""
        try:
            with translating(name.project, name.environment, events.refusal):
                yield
        except (ProgramFailed, NotPromoted) as failure:
            missing = [
                upstream
                for upstream in upstreams(name, ladder=self.ladder)
                if not self._is_deployed(upstream)
            ]
            if not missing:
                raise
            first = missing[0]
            raise UpstreamMissing(
                f"{name} reads {' and '.join(map(str, missing))}, not deployed yet. Deploy first: "
                f"python scripts/deploy.py up --env {first.environment} --project {first.project}"
            ) from failure

    def _is_deployed(self, name: StackName) -> bool:
        try:
            return bool(outputs(name.project, name.environment, root=self.root, command=self.command))
        except StackMissing:
            return False
