"""What a rule is: metadata once, and a pure function from what it reads to the messages of what is wrong.

Three kinds, by what the function may see:

- `PropertyRule`: the properties of one resource. Most rules.
- `ResourceRule`: one resource with its options and provider, and what its stack declares (`RuleContext`).
- `StackRule`: the same, once for each resource of its types, when the whole stack is known (`Context.graph`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from policies.graph import Graph
from policies.properties import Props
from policies.resource import CheckedResource
from policies.stack import CheckedStack
from policies.zone import Zone

EVERY_AWS_TYPE = frozenset({"aws:*"})
"""The `types` of a rule that holds for each resource of the AWS provider."""

EVERY_OTHER_TYPE = frozenset({"*"})
"""The `types` of a rule about the resources of neither AWS's provider nor Pulumi itself."""

PROVIDER_TYPE = "pulumi:providers:aws"


class RuleSeverity(StrEnum):
    """How bad a violation is; each severity has an enforcement level in the configuration."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Tightening(StrEnum):
    """How a setting may be changed by a configuration from outside the pack's own file."""

    FREE = "free"
    FIXED = "not at all"
    FEWER = "to fewer values"
    MORE = "to more values"
    LOWER = "to a lower number"
    HIGHER = "to a higher number"

    def permits(self, reviewed: object, given: object) -> bool:
        """Return whether `given` is as tight as `reviewed` or tighter."""
        match self:
            case Tightening.FREE:
                return True
            case Tightening.FIXED:
                return given == reviewed
            case Tightening.FEWER:
                return _elements(given) <= _elements(reviewed)
            case Tightening.MORE:
                return _elements(given) >= _elements(reviewed)
            case Tightening.LOWER:
                return float(str(given)) <= float(str(reviewed))
            case Tightening.HIGHER:
                return float(str(given)) >= float(str(reviewed))


def _elements(value: object) -> set[str]:
    return {str(element) for element in value} if isinstance(value, Iterable) else set()


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One value that the configuration may change: its JSON schema, its default and what it is for.

    `tightens` says in which direction a configuration from outside the pack's own file may change it.
    """

    schema: Mapping[str, object]
    default: object
    description: str
    tightens: Tightening = Tightening.FREE


@dataclass(frozen=True, kw_only=True)
class RuleContext:
    """What a rule may know beyond the resource itself."""

    stack: CheckedStack
    settings: Mapping[str, object] = field(default_factory=dict)
    graph: Graph = field(default_factory=Graph)
    zone: Zone = field(default_factory=Zone)

    def texts(self, name: str) -> list[str]:
        """Return a setting that is a list of strings; the configuration has checked that it is one."""
        found = self.settings[name]
        return [str(element) for element in found] if isinstance(found, Iterable) else []

    def mapping(self, name: str) -> Mapping[str, Any]:
        """Return a setting that is an object."""
        found = self.settings[name]
        return found if isinstance(found, Mapping) else {}

    def number(self, name: str) -> float:
        """Return a setting that is a number."""
        return float(str(self.settings[name]))

    def text(self, name: str) -> str:
        """Return a setting that is a string."""
        return str(self.settings[name])


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What every rule has; the docs, the engine's metadata and the reports are made from it.

    `title` is one sentence that says what holds; `references` are the ids of the same control elsewhere
    (Checkov CKV, cdk-nag AwsSolutions, cfn_nag W/F, Trivy AWS-nnnn, AWS FSBP); `fix` says what to do;
    `exceptions_allowed` is False for what no exception or lower enforcement may weaken.
    """

    id: str
    severity: RuleSeverity
    types: frozenset[str]
    title: str
    why: str
    fix: str
    url: str
    references: tuple[str, ...] = ()
    settings: Mapping[str, Setting] = field(default_factory=dict)
    exceptions_allowed: bool = True

    @property
    def service(self) -> str:
        """The first word of the id, under which the docs list the rule."""
        return self.id.partition("-")[0]


@dataclass(frozen=True, kw_only=True)
class PropertyRule(Rule):
    """A rule about the properties of one resource."""

    check: Callable[[Props], Iterator[str]]


@dataclass(frozen=True, kw_only=True)
class ResourceRule(Rule):
    """A rule about one resource within what its stack declares."""

    check: Callable[[CheckedResource, RuleContext], Iterator[str]]
    remedy: Callable[[CheckedResource, RuleContext], Mapping[str, object] | None] | None = None


@dataclass(frozen=True, kw_only=True)
class StackRule(Rule):
    """A rule about how a resource relates to others: asked about `types`, it looks at `reads` as well."""

    reads: frozenset[str]
    check: Callable[[CheckedResource, RuleContext], Iterator[str]]


AnyRule = PropertyRule | ResourceRule | StackRule


def applies(rule: Rule, resource_type: str) -> bool:
    """Return whether a rule is about resources of this type."""
    if resource_type.startswith("aws:"):
        return resource_type in rule.types or "aws:*" in rule.types
    return resource_type in rule.types or ("*" in rule.types and not resource_type.startswith("pulumi:"))
