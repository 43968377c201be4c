"""What a backend still lacks: pure, from what was found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from operations.state.backend import Backend, wanted_settings


@dataclass(frozen=True, kw_only=True)
class Found:
    """What there is in the account."""

    bucket: bool
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Of the bucket, by name; None where it is not set."""
    keys: Mapping[str, bool] = field(default_factory=dict)
    """Alias of each key that there is, to whether it is rotated."""
    stacks: Mapping[str, int] = field(default_factory=dict)
    """`PROJECT/STACK` to the number of resources in its state."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing to do."""

    action: Literal["create key", "rotate key", "create bucket", "set"]
    subject: str
    """Alias, bucket, or the setting's name."""
    value: Any = None

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"


def decide(found: Found, wanted: Backend) -> list[Step]:
    """The steps from what there is to what is wanted; none where all is well."""
    steps: list[Step] = []
    for alias, purpose in wanted.keys.items():
        if alias not in found.keys:
            steps.append(Step(action="create key", subject=alias, value=purpose))
        elif not found.keys[alias]:
            steps.append(Step(action="rotate key", subject=alias))
    if not found.bucket:
        steps.append(Step(action="create bucket", subject=wanted.bucket))
    steps += [
        Step(action="set", subject=name, value=value)
        for name, value in wanted_settings(wanted).items()
        if found.settings.get(name) != value
    ]
    return steps


def in_use(found: Found) -> list[str]:
    """The stacks that still hold resources: with their state gone, nothing would know of those any more."""
    return sorted(stack for stack, resources in found.stacks.items() if resources)
