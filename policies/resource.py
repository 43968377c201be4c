"""A resource as the rules see it, whether the engine or an export told of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from policies.properties import Props


@dataclass(frozen=True, kw_only=True)
class CheckedProvider:
    """The provider that a resource is made through; nested properties of it are JSON strings."""

    name: str
    props: Props
    type: str = "pulumi:providers:aws"


@dataclass(frozen=True, kw_only=True)
class CheckedResource:
    """One resource; `props` are its inputs, or its outputs once the whole stack is known.

    `protect`, `retain` and `deleted_with` (a URN) are its options; the engine doesn't tell a pack of the
    last two, an export does. `links` are the URNs that each property was computed from: what is left of a
    relation while an ARN is unknown.
    """

    type: str
    name: str
    urn: str
    props: Props
    protect: bool = False
    retain: bool = False
    deleted_with: str = ""
    provider: CheckedProvider | None = None
    links: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
