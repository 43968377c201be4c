"""What a destroy takes along, and the consent that it needs: above the lowest environment, the typed name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.environment import LADDER, upstream_of
from operations.deployment.data_loss import HOLDS_DATA
from operations.deployment.plan import Plan
from operations.engine.failure import StackName

_ENGINES_OWN = "pulumi:"


@dataclass(frozen=True, kw_only=True)
class Holding:
    """What a stack holds, by its state."""

    stack: StackName
    resources: int
    data: tuple[str, ...]
    """Logical names of the resources that hold data."""


class ConsentError(Exception):
    """A destroy was not agreed to as it has to be."""


def holdings(plan: Plan, export: Callable[[StackName], Mapping[str, Any] | None]) -> tuple[Holding, ...]:
    """Return what each stack of the plan holds; `export` returns a stack's exported state, None for none."""
    return tuple(_holding(stack, export(stack) or {}) for stack in plan.stacks)


def named_by_hand(plan: Plan, ladder: Sequence[str] = LADDER) -> tuple[str, ...]:
    """Return the plan's environments whose names have to be typed: those above the lowest one."""
    environments = dict.fromkeys(stack.environment for stack in plan.stacks)
    return tuple(each for each in environments if upstream_of(each, ladder) is not None)


def missing_consent(required: Sequence[str], confirmed: Sequence[str]) -> tuple[str, ...]:
    """Return the environments that are still to be named.

    Raises ConsentError for a confirmed name that is none of them: a mistyped one must not pass unseen.
    """
    foreign = [name for name in confirmed if name not in required]
    if foreign:
        allowed = " or ".join(required) or "nothing: only the lowest environment is destroyed"
        raise ConsentError(f"--confirm takes {allowed}, not {foreign[0]!r}.")
    return tuple(name for name in required if name not in confirmed)


def summary(holding: Holding) -> str:
    """One line about what a stack holds."""
    if not holding.resources:
        return f"{holding.stack} holds nothing"
    data = f", data among them: {', '.join(holding.data)}" if holding.data else ""
    return f"{holding.stack} holds {holding.resources} resources{data}"


def _holding(stack: StackName, exported: Mapping[str, Any]) -> Holding:
    deployment: Mapping[str, Any] = exported.get("deployment") or {}
    resources = [
        each for each in deployment.get("resources") or () if not each["type"].startswith(_ENGINES_OWN)
    ]
    return Holding(
        stack=stack,
        resources=len(resources),
        data=tuple(
            sorted(each["urn"].rpartition("::")[2] for each in resources if each["type"] in HOLDS_DATA)
        ),
    )
