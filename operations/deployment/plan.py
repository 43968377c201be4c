"""What a deployment will do, in which order: decided from names alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from components.environment import LADDER, upstreams_of
from components.stacks import PROJECTS
from operations.engine.failure import StackName
from operations.errors import CommandError

READ_ALONG_THE_LADDER = frozenset({"payments"})
"""Projects whose stack also reads the same project's stacks in the environments below."""


class InvalidPlan(CommandError):  # noqa: N818  what was asked for can't be planned
    """There is no such environment or project, or nothing to do."""


class Action(StrEnum):
    """What is done to every stack of a plan."""

    UP = "up"
    PREVIEW = "preview"
    DESTROY = "destroy"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One stack's turn, after all of `after` have succeeded."""

    stack: StackName
    after: frozenset[StackName]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Steps in an order that respects each one's `after`, and how many may run at once."""

    action: Action
    steps: tuple[Step, ...]
    at_once: int

    @property
    def stacks(self) -> tuple[StackName, ...]:
        """The stacks in the plan's order."""
        return tuple(step.stack for step in self.steps)


def plan(
    action: Action,
    *,
    environments: Sequence[str],
    projects: Sequence[str] = PROJECTS,
    at_once: int = 1,
    order: Sequence[str] = PROJECTS,
    ladder: Sequence[str] = LADDER,
) -> Plan:
    """The plan for `action` on every one of `projects` in every one of `environments`.

    `order` and `ladder` are all projects and all environments, those that are read first. With `at_once` of 1
    the environments follow one another and the first failure ends the plan; otherwise they run side by side,
    and a failure ends only what depends on it. Taking down goes the other way round. Raises InvalidPlan.
    """
    _must_be_known("environment", environments, ladder)
    _must_be_known("project", projects, order)
    if at_once < 1:
        raise InvalidPlan(f"{at_once} stacks at once: at least 1 is needed.")
    stacks = [
        StackName(project=project, environment=environment)
        for environment in ladder
        if environment in environments
        for project in order
        if project in projects
    ]
    after = {stack: set(upstreams(stack, order, ladder)) & set(stacks) for stack in stacks}
    if action is Action.DESTROY:
        after = {stack: {other for other in stacks if stack in after[other]} for stack in stacks}
        stacks.reverse()
    if at_once == 1:
        after = {stack: set(stacks[:turn]) for turn, stack in enumerate(stacks)}
    return Plan(
        action=action,
        steps=tuple(Step(stack=stack, after=frozenset(after[stack])) for stack in stacks),
        at_once=at_once,
    )


def upstreams(
    stack: StackName, order: Sequence[str] = PROJECTS, ladder: Sequence[str] = LADDER
) -> tuple[StackName, ...]:
    """The stacks whose outputs `stack` reads: its environment's earlier projects, then those below it."""
    earlier = order[: order.index(stack.project)]
    below = upstreams_of(stack.environment, ladder) if stack.project in READ_ALONG_THE_LADDER else ()
    return (
        *(StackName(project=project, environment=stack.environment) for project in earlier),
        *(StackName(project=stack.project, environment=environment) for environment in below),
    )


def _must_be_known(kind: str, asked: Sequence[str], known: Sequence[str]) -> None:
    if not asked:
        raise InvalidPlan(f"No {kind} was named. There are {', '.join(known)}.")
    for name in asked:
        if name not in known:
            raise InvalidPlan(f"There is no {kind} {name!r}. There are {', '.join(known)}.")
