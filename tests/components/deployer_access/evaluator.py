"""Decides calls by identity policies, as IAM does: a denial wins, and what nothing allows is denied.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
It knows the elements and operators that the deployer's documents use, and refuses to guess about any other.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Decision = Literal["allowed", "denied", "not allowed"]
ELEMENTS = {"Sid", "Effect", "Action", "Resource", "Condition"}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One permission that is asked for."""

    action: str
    resource: str = "*"
    """An ARN. The part that AWS has yet to make up (a new VPC's id) is `*`."""
    conditions: Mapping[str, Any] = field(default_factory=dict)
    """Condition key to value or values; absent where the request has none."""


def decide(documents: Iterable[str], call: Call) -> Decision:
    """What the documents, all attached to the caller, say of a call."""
    matching = {
        statement["Effect"]
        for document in documents
        for statement in json.loads(document)["Statement"]
        if _matches(statement, call)
    }
    return "denied" if "Deny" in matching else "allowed" if "Allow" in matching else "not allowed"


def _matches(statement: Mapping[str, Any], call: Call) -> bool:
    if unknown := set(statement) - ELEMENTS:
        raise NotImplementedError(f"elements {sorted(unknown)}")
    return (
        any(_like(call.action.lower(), pattern.lower()) for pattern in _list(statement["Action"]))
        and any(_like(call.resource, pattern) for pattern in _list(statement["Resource"]))
        and all(
            _holds(operator, _list(wanted), _value(call.conditions, key))
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def _holds(operator: str, wanted: list[str], actual: list[str]) -> bool:
    """One of the wanted values fits the request's; a key that the request lacks fits nothing but `Null`.

    `ForAllValues` holds for such a key all the same, as it does for IAM.
    """
    match operator:
        case "StringEquals" | "ForAnyValue:StringEquals":
            return any(value in wanted for value in actual)
        case "Bool":
            return any(value.lower() in wanted for value in actual)
        case "ArnLike" | "ArnEquals":  # the same to IAM
            return any(_arn_like(value, pattern) for value in actual for pattern in wanted)
        case "Null":
            return str(not actual).lower() in wanted
        case "StringLike":
            return any(_like(value, pattern) for value in actual for pattern in wanted)
        case "ForAllValues:StringEquals":
            return all(value in wanted for value in actual)
        case "ForAllValues:StringLike":
            return all(any(_like(value, pattern) for pattern in wanted) for value in actual)
    raise NotImplementedError(f"operator {operator}")


def _value(conditions: Mapping[str, Any], key: str) -> list[str]:
    """The names of condition keys are not case-sensitive."""
    for name, value in conditions.items():
        if name.lower() == key.lower():
            return [str(each) for each in _list(value)]
    return []


def _arn_like(arn: str, pattern: str) -> bool:
    """Each of an ARN's six parts by itself: a wildcard does not reach over a colon, but in the last part."""
    parts, patterns = arn.split(":", 5), pattern.split(":", 5)
    return len(parts) == len(patterns) and all(map(_like, parts, patterns))


def _like(text: str, pattern: str) -> bool:
    """`*` and `?` match anything, colons and slashes too."""
    expression = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    return re.fullmatch(expression, text, re.DOTALL) is not None


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
