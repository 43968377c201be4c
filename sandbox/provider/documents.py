"""JSON documents (IAM policies, redrive policies, dashboards): when two texts say the same.

AWS returns documents with its own spacing, key order and list order. Comparing meanings, as the AWS provider
does, is what keeps an update without changes free of changes.
"""

import json
import re
from typing import Any

# A set of strings in the IAM grammar: one string and a list of one mean the same, and order means nothing.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
_SETS = frozenset({"Action", "NotAction", "Resource", "NotResource"})
_ACCOUNT = re.compile(r"\d{12}")


def equivalent(one: str, other: str) -> bool:
    """Whether two JSON texts mean the same; texts that are not JSON are compared as they stand."""
    if one == other:
        return True
    try:
        return bool(_meaning(json.loads(one)) == _meaning(json.loads(other)))
    except ValueError:
        return False


def problem(text: str) -> str | None:
    """What is wrong with a text that should be a JSON object, or None."""
    try:
        document = json.loads(text)
    except ValueError as error:
        return f"contains an invalid JSON: {error}"
    return None if isinstance(document, dict) else "contains an invalid JSON: an object was expected"


def _meaning(document: Any) -> Any:
    if isinstance(document, dict) and "Statement" in document:
        statements = document["Statement"]
        statements = statements if isinstance(statements, list) else [statements]
        canonical = [_statement(statement) for statement in statements]
        return {**document, "Statement": sorted(canonical, key=lambda each: json.dumps(each, sort_keys=True))}
    return document


def _statement(statement: Any) -> Any:
    if not isinstance(statement, dict):
        return statement
    canonical = dict(statement)
    for key in _SETS & statement.keys():
        canonical[key] = _set(statement[key])
    for key in {"Principal", "NotPrincipal"} & statement.keys():
        canonical[key] = _principal(statement[key])
    if isinstance(conditions := statement.get("Condition"), dict):
        canonical["Condition"] = {
            operator: {key: _set(value) for key, value in tests.items()} if isinstance(tests, dict) else tests
            for operator, tests in conditions.items()
        }
    if not canonical.get("Sid"):
        canonical.pop("Sid", None)
    return canonical


def _principal(principal: Any) -> Any:
    if principal == "*":
        principal = {"AWS": "*"}
    if not isinstance(principal, dict):
        return principal
    return {kind: _set(members, root=kind == "AWS") for kind, members in principal.items()}


def _set(value: Any, *, root: bool = False) -> list[str]:
    members = value if isinstance(value, list) else [value]
    texts = [str(member).lower() if isinstance(member, bool) else str(member) for member in members]
    if root:  # AWS returns an account id as the ARN of the account's root
        texts = [f"arn:aws:iam::{text}:root" if _ACCOUNT.fullmatch(text) else text for text in texts]
    return sorted(set(texts))
