"""A stack as the comparison sees it, whether it was deployed or rendered."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from operations.drift.plain import holds, plain, within
from operations.engine.failure import StackName

STACK = "(stack)"
"""Stands as the resource of what belongs to the stack as a whole."""
STACK_TYPE = "pulumi:pulumi:Stack"
RECORDS = frozenset(
    {
        "breakGlass",
        "configurationDigest",
        "contentProjects",
        "releaseCommit",
        "unreleased",
        "verifiedContentDigest",
        "verifiedProjects",
        "verifiedArtifactDigest",
        "verifiedRelease",
        "verifiedReleaseCommit",
        "verifiedAt",
        "earlierVerified",
        "failedVerifications",
    }
)
"""Outputs that tell what was done in an environment, not what it is made of; a break-glass is noted."""
PROVIDERS = "pulumi:providers:"
REFERENCE = "pulumi:pulumi:StackReference"
IDENTIFIER = re.compile(r"(?i)(arn|id|url)$")


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource of a stack. It is made plain when it is first looked at: most of a stack never is."""

    key: str
    """Its URN without stack and project: the types of its parents, its own, and its logical name."""
    type: str
    name: str
    asked: Mapping[str, Any] = field(repr=False)
    """Its inputs as they came, secrets not masked."""
    seen: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Its outputs as they came, secrets not masked."""
    id: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Those in force that keep it from being destroyed or changed, by `(name)`."""

    @cached_property
    def inputs(self) -> Mapping[str, Any]:
        """What was asked for."""
        return _members(self.asked)

    @cached_property
    def outputs(self) -> Mapping[str, Any]:
        """What the account was last seen to have."""
        return _members(self.seen)

    @cached_property
    def properties(self) -> Mapping[str, Any]:
        """What was asked for, or what the account was last seen to have where that contradicts it."""
        return {
            name: value
            if name not in self.outputs or holds(self.outputs[name], value)
            else within(self.outputs[name], value)
            for name, value in self.inputs.items()
        } | {**self.options}

    def made_up(self) -> dict[str, Any]:
        """The identifiers that nobody asked for, by output: its ARN first, then its ID."""
        own = {"arn": self.seen.get("arn"), "id": self.id, **self.seen}
        return {
            name: plain(value)
            for name, value in own.items()
            if value is not None and is_identifier(name) and self.asked.get(name) is None
        }


def options_of(
    *, protect: bool = False, retain_on_delete: bool = False, ignore_changes: Iterable[str] = ()
) -> dict[str, Any]:
    """The options of a resource that are compared, as far as they are in force."""
    found = {
        "(protect)": protect,
        "(retainOnDelete)": retain_on_delete,
        "(ignoreChanges)": sorted(ignore_changes),
    }
    return {name: value for name, value in found.items() if value}


@cache
def is_identifier(name: str) -> bool:
    """Whether properties of that name hold identifiers."""
    return IDENTIFIER.search(name) is not None


def _members(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    found = plain(raw)
    return found if isinstance(found, dict) else {}


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A stack's resources by key, its outputs, and what it read of other stacks."""

    name: StackName
    resources: Mapping[str, Resource]
    outputs: Mapping[str, Any]
    references: Mapping[str, Mapping[str, Any]]
    """Stack (`organization/PROJECT/STACK`) to the outputs that were read."""
    providers: Mapping[str, str]
    """Provider package to its version."""
