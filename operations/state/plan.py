"""What a backend still lacks: pure, from what was found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from operations.state.access import LAYOUT_FILE
from operations.state.backend import Backend, wanted_settings

ENABLED = "Enabled"
_SHARED = {"policy": "Sid", "lifecycle": "ID"}
"""Settings to which others may add, and the name of their parts: only the parts defined here are set."""


@dataclass(frozen=True, kw_only=True)
class Key:
    """A key, as it was found."""

    rotated: bool = True
    state: str = ENABLED
    """As KMS calls it: `Enabled`, `Disabled`, `PendingDeletion`, …"""
    arn: str = ""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What there is in the account."""

    bucket: bool
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Of the bucket, by name; None where it is not set."""
    keys: Mapping[str, Key] = field(default_factory=dict)
    """By alias."""
    layout: bool = False
    """Whether there is a file that says which layout is used; what it says is judged before each use."""
    stacks: Mapping[str, int] = field(default_factory=dict)
    """`PROJECT/STACK` to the number of resources in its state."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing to do."""

    action: Literal["create key", "restore key", "rotate key", "create bucket", "write layout", "set"]
    subject: str
    """Alias, bucket, or the setting's name."""
    value: Any = None
    before: Any = None
    """What a setting is now."""

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"


def decide(found: Found, wanted: Backend) -> list[Step]:
    """The steps from what there is to what is wanted; none where all is well."""
    steps: list[Step] = []
    for alias, purpose in wanted.keys.items():
        key = found.keys.get(alias)
        if key is None:
            steps.append(Step(action="create key", subject=alias, value=purpose))
            continue
        if key.state != ENABLED:
            steps.append(Step(action="restore key", subject=alias, before=key.state))
        if not key.rotated:
            steps.append(Step(action="rotate key", subject=alias))
    if not found.bucket:
        steps.append(Step(action="create bucket", subject=wanted.bucket))
    if not found.layout:  # before the policy, which denies it to everybody
        steps.append(Step(action="write layout", subject=LAYOUT_FILE))
    for name, value in wanted_settings(wanted).items():
        now = found.settings.get(name)
        then = _with_parts_of_others(name, now, _by_arn(name, value, found, wanted))
        if now != then:
            steps.append(Step(action="set", subject=name, value=then, before=now))
    return steps


def in_use(found: Found) -> list[str]:
    """The stacks that still hold resources: with their state gone, nothing would know of those any more."""
    return sorted(stack for stack, resources in found.stacks.items() if resources)


def _by_arn(name: str, value: Any, found: Found, wanted: Backend) -> Any:
    """The bucket's key by its ARN, once there is one: an alias is looked for in the writer's account."""
    key = found.keys.get(wanted.state_key)
    return {**value, "KMSMasterKeyID": key.arn} if name == "encryption" and key and key.arn else value


def _with_parts_of_others(name: str, now: Any, ours: Any) -> Any:
    """What the setting becomes: our own parts as they are wanted, those of others as they are."""
    called = _SHARED.get(name)
    if called is None or not isinstance(now, (Mapping, list)):
        return ours
    there, wanted = _parts(now), _parts(ours)
    if all(part in there for part in wanted):
        return now
    own = {part[called] for part in wanted}
    merged = [*(part for part in there if part.get(called) not in own), *wanted]
    return {**ours, "Statement": merged} if name == "policy" else merged


def _parts(value: Any) -> list[Any]:
    parts = value.get("Statement", []) if isinstance(value, Mapping) else value
    return [parts] if isinstance(parts, Mapping) else list(parts)
