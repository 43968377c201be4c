"""A stack as the comparison sees it, whether it was deployed or rendered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from operations.engine.failure import StackName

STACK = "(stack)"
"""Stands as the resource of what belongs to the stack as a whole."""
STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDERS = "pulumi:providers:"
REFERENCE = "pulumi:pulumi:StackReference"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource of a stack."""

    key: str
    """Its URN without stack and project: the types of its parents, its own, and its logical name."""
    type: str
    name: str
    properties: Mapping[str, Any]
    """What was asked for, or what the account was last seen to have where that contradicts it."""
    id: str = ""
    outputs: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)


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
