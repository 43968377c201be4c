"""How a resource type's properties are described.

A `Property` says what a program may write, what AWS supplies when it writes nothing, and what a change means.
Checking values, comparing them and completing the state follow from the description alone: see `checking`,
`comparing` and `state`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum, auto

from sandbox.provider.wire import UNKNOWN, Value

Rule = Callable[[Value], str | None]
"""What is wrong with a known value, in the words of AWS or its plugin; or None."""


class Kind(StrEnum):
    """The shapes of a property's value."""

    STRING = auto()
    INTEGER = auto()
    NUMBER = auto()
    BOOLEAN = auto()
    DOCUMENT = auto()
    """A string that holds a JSON object; compared by meaning."""
    STRINGS = auto()
    """A list of strings."""
    MAP = auto()
    """Strings by string: tags, environment variables, metric dimensions."""
    BLOCK = auto()
    """An object with described fields."""
    BLOCKS = auto()
    """A list of such objects."""
    ARCHIVE = auto()
    """Code: a file, a folder or a set of assets, compared by the engine's hash."""


@dataclass(frozen=True, kw_only=True)
class Property:
    """One property of a resource type, under its `pulumi_aws` name."""

    kind: Kind = Kind.STRING
    required: bool = False
    default: Value = None
    """What the AWS plugin writes into the inputs when the program gives nothing."""
    computed: bool = False
    """AWS supplies a value when the program gives none, so its absence is no change."""
    replaces: bool = False
    """A change needs a new resource."""
    local: bool = False
    """The state keeps what the program wrote: AWS never returns it, or in other words."""
    output: bool = False
    """A program cannot write it."""
    unordered: bool = False
    """A list whose order means nothing."""
    switch: str | None = None
    """The flag of a block without which its other fields say nothing."""
    rule: Rule | None = None
    fields: Mapping[str, "Property"] = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """A property that was refused, and why."""

    path: str
    reason: str


def described(**properties: Property) -> Mapping[str, Property]:
    """The properties of a resource type, by name."""
    return properties


def empty(value: Value) -> bool:
    """Whether a value says nothing: for AWS an absent property and an empty one are the same."""
    return value is None or value == "" or value is False or value == 0 or value == [] or value == {}


# Rules


def one_of(*allowed: Value) -> Rule:
    """The value is one of those allowed."""

    def rule(value: Value) -> str | None:
        return None if value in allowed else f"expected to be one of {list(allowed)}, got {value}"

    return rule


def between(low: int, high: int) -> Rule:
    """The number lies between two bounds, both allowed."""

    def rule(value: Value) -> str | None:
        return None if low <= value <= high else f"expected to be in the range ({low} - {high}), got {value}"

    return rule


def matching(pattern: str, low: int, high: int, words: str) -> Rule:
    """The text has between `low` and `high` characters and matches the pattern, which `words` tell."""
    compiled = re.compile(pattern)

    def rule(value: Value) -> str | None:
        if not low <= len(value) <= high:
            length = len(value)
            return f"expected length to be in the range ({low} - {high}), got {length} characters: {value}"
        return None if compiled.fullmatch(value) else f"{words}, got {value}"

    return rule


def at_most(characters: int) -> Rule:
    """The text is no longer than AWS allows."""
    return matching(r"(?s).*", 0, characters, "")


def each(rule: Rule, most: int) -> Rule:
    """Every known item of the list follows the rule, and there are at most `most` of them."""

    def check(value: Value) -> str | None:
        if len(value) > most:
            return f"too many list items: expected at most {most}, got {len(value)}"
        return next((reason for item in value if item is not UNKNOWN and (reason := rule(item))), None)

    return check


def arn(value: Value) -> str | None:
    """The text is an ARN."""
    return None if re.fullmatch(r"arn:[\w-]+:[\w-]+:[\w-]*:\d*:.+", value) else f"({value}) is an invalid ARN"
