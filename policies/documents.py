"""IAM policy documents, normalised from every form that AWS accepts.

A document may be a string or an object; its statements, actions, resources, principals and condition values
one or many; element names, effects, actions, operators and condition keys in any case. What a rule sees is
always the same: tuples, actions and condition keys in lower case, accounts as ids if a principal names
one. Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from policies.conditions import matches, parts, satisfied
from policies.properties import MalformedPropertyError, Props, is_sequence, known, read
from policies.reach import is_pattern
from policies.vacuity import vacuous

ACCOUNT = re.compile(r"\d{12}")
NAMING_ARN = re.compile(r"arn:[^:*?]+:[^:]+:[^:]*:\d{12}(?=[:*]|$)")
"""How an ARN begins that names its account: twelve digits and no more, whatever follows."""
EXACT = frozenset({"stringequals", "stringequalsignorecase"})
_ELEMENTS = frozenset(
    {
        "sid",
        "effect",
        "action",
        "notaction",
        "resource",
        "notresource",
        "principal",
        "notprincipal",
        "condition",
    }
)


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Who a statement is about: `kind` is aws, service, federated, canonicaluser or * for everyone."""

    kind: str
    value: str

    @property
    def everyone(self) -> bool:
        """Whether this is anyone at all: `*`, {"AWS": "*"}, or a wildcard in place of the account."""
        return self.value == "*" or (self.kind == "aws" and is_pattern(self.account_part))

    @property
    def account_part(self) -> str:
        """The account of an AWS principal, as written."""
        return self.value.split(":")[4] if self.value.count(":") >= 5 else self.value

    @property
    def account(self) -> str | None:
        """The account id of an AWS principal, where one is named."""
        return self.account_part if self.kind == "aws" and ACCOUNT.fullmatch(self.account_part) else None


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One operator, key and its values; operator and key in lower case."""

    operator: str
    key: str
    values: tuple[str, ...]

    @property
    def vacuity(self) -> str:
        """Why it confines nothing; empty where it does confine."""
        return vacuous(self.operator, self.key, self.values)

    @property
    def restricts(self) -> bool:
        """Whether it confines an Allow: a request without the key or with a value of a stranger fails it."""
        return not self.vacuity

    @property
    def binds(self) -> bool:
        """Whether a request without the key fails it, so that its values count."""
        return (
            bool(self.values)
            and parts(self.operator)[1] != "null"
            and not satisfied(self.operator, self.values, None)
        )

    @property
    def possible_values(self) -> tuple[str, ...]:
        """The values that a request can have: none with a wildcard where the operator takes it for itself."""
        exact = parts(self.operator)[1] in EXACT
        return tuple(value for value in self.values if not (exact and is_pattern(value)))

    @property
    def names_exact(self) -> bool:
        """Whether it confines to what it names: no value has a wildcard or a variable where it says whose."""
        if not self.binds:
            return False
        exact = parts(self.operator)[1] in EXACT  # which take `*` and `?` for themselves
        return all("$" not in value if exact else _named(value) for value in self.values)


def _named(value: str) -> bool:
    """Whether a value names somebody: an ARN its account, a path of an organisation the organisation."""
    if value.startswith("arn:"):
        return bool(NAMING_ARN.match(value))
    return not set("*?$") & set(value.partition("/")[0] if value.startswith("o-") else value)


@dataclass(frozen=True, kw_only=True)
class PolicyStatement:
    """One statement; `label` names it in messages."""

    label: str
    allows: bool
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: tuple[Principal, ...] = ()
    not_principals: tuple[Principal, ...] = ()
    conditions: tuple[Condition, ...] = ()

    def restricted_by(self, *keys: str) -> bool:
        """Whether a condition on one of the keys confines it; one ending in / or : stands for all below."""
        return any(condition.restricts for condition in self.tests(*keys))

    def names_exactly_by(self, *keys: str) -> bool:
        """Return whether a condition on one of the keys names who or what it is about."""
        return any(condition.names_exact for condition in self.tests(*keys))

    def discounted(self, *keys: str) -> str:
        """The conditions on the keys that confine nothing, with the reason, as a sentence; empty if none."""
        found = [condition for condition in self.tests(*keys) if condition.vacuity]
        return "".join(
            f" Its condition {condition.operator} on {condition.key} does not count: {condition.vacuity}."
            for condition in found
        )

    def tests(self, *keys: str) -> list["Condition"]:
        """Return the conditions on the keys."""
        return [
            condition
            for condition in self.conditions
            if any(
                condition.key == key or (key.endswith(("/", ":")) and condition.key.startswith(key))
                for key in keys
            )
        ]

    def covers(self, action: str) -> bool:
        """Return whether the statement is about `action` (lower case)."""
        if self.not_actions:
            return not any(matches(pattern, action) for pattern in self.not_actions)
        return any(matches(pattern, action) for pattern in self.actions)

    def reaches(self, arn: str) -> bool:
        """Return whether the statement is about the resource."""
        if self.not_resources:
            return not any(matches(pattern, arn) for pattern in self.not_resources)
        return any(matches(pattern, arn) for pattern in self.resources)


def statements(props: Props, key: str) -> list[PolicyStatement]:
    """Return the statements of the document in the property `key`; none if it is absent, null or empty.

    Raises MalformedPropertyError for what is not a policy document, UnknownPropertyError for an
    unknown value.
    """
    return parse(read(props, key), key)


def parse(document: object, key: str) -> list[PolicyStatement]:
    """Return the statements of a document in any of its forms."""
    if document is None or document == "":
        return []
    if isinstance(document, str):
        return list(_parse_text(document, key))
    return list(_statements(document, key))


@lru_cache(maxsize=512)
def _parse_text(document: str, key: str) -> tuple[PolicyStatement, ...]:
    """Several rules read the same document: parsed once."""
    try:
        parsed = json.loads(document, object_pairs_hook=lambda pairs: _unique(pairs, key))
    except ValueError:
        raise MalformedPropertyError(key, "a JSON policy document", document) from None
    return tuple(_statements(parsed, key))


def _unique(pairs: list[tuple[str, Any]], key: str) -> dict[str, Any]:
    """An object whose keys are unique; a repeated one would hide the first from a reader, not from AWS."""
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise MalformedPropertyError(key, "a policy document without repeated keys", dict(pairs))
    return dict(pairs)


def _statements(document: object, key: str) -> Iterator[PolicyStatement]:
    if not isinstance(document, Mapping):
        raise MalformedPropertyError(key, "a policy document with statements", document)
    listed = _lowered(document, key).get("statement")
    if listed is None:
        raise MalformedPropertyError(key, "a policy document with statements", document)
    for index, element in enumerate(_many(listed, key)):
        if not isinstance(element, Mapping):
            raise MalformedPropertyError(key, "a policy document whose statements are objects", element)
        yield _statement(element, index, key)


def _statement(element: Mapping[str, Any], index: int, key: str) -> PolicyStatement:
    spelled = _lowered(element, key)
    strange = sorted(spelled.keys() - _ELEMENTS)
    if strange:
        raise MalformedPropertyError(f"{key}: {strange[0]}", "an element that AWS knows", element)
    effect = str(spelled.get("effect", "")).lower()
    if effect not in {"allow", "deny"}:
        raise MalformedPropertyError(f"{key}: Effect", "Allow or Deny", spelled.get("effect"))
    sid = spelled.get("sid")
    return PolicyStatement(
        label=f"statement {sid}" if sid else f"statement {index + 1}",
        allows=effect == "allow",
        actions=tuple(action.lower() for action in _texts(spelled.get("action"), f"{key}: Action")),
        not_actions=tuple(action.lower() for action in _texts(spelled.get("notaction"), f"{key}: NotAction")),
        resources=_texts(spelled.get("resource"), f"{key}: Resource"),
        not_resources=_texts(spelled.get("notresource"), f"{key}: NotResource"),
        principals=tuple(_principals(spelled.get("principal"), f"{key}: Principal")),
        not_principals=tuple(_principals(spelled.get("notprincipal"), f"{key}: NotPrincipal")),
        conditions=tuple(_conditions(spelled.get("condition"), f"{key}: Condition")),
    )


def _principals(found: object, key: str) -> Iterator[Principal]:
    if isinstance(found, Mapping):
        for kind, values in found.items():
            for value in _texts(values, key):
                yield Principal(kind=kind.lower(), value=value)
    else:
        for value in _texts(found, key):
            yield Principal(kind="*" if value == "*" else "aws", value=value)


def _conditions(found: object, key: str) -> Iterator[Condition]:
    if found is None:
        return
    if not isinstance(found, Mapping):
        raise MalformedPropertyError(key, "an object", found)
    for operator, tests in found.items():
        if not isinstance(tests, Mapping):
            raise MalformedPropertyError(key, "an object of operators and their keys", tests)
        for name, values in tests.items():
            yield Condition(operator=operator.lower(), key=name.lower(), values=_texts(values, key))


def _lowered(found: Mapping[str, Any], key: str) -> dict[str, Any]:
    lowered = {str(name).lower(): known(key, value) for name, value in found.items()}
    if len(lowered) != len(found):
        raise MalformedPropertyError(key, "a policy document without repeated keys", found)
    return lowered


def _many(found: object, key: str) -> list[Any]:
    if is_sequence(found):
        return [known(key, element) for element in found]  # type: ignore[attr-defined]  # a sequence, as just asked
    return [] if found is None else [known(key, found)]


def _texts(found: object, key: str) -> tuple[str, ...]:
    values = _many(found, key)
    for value in values:
        if not isinstance(value, str | bool | int | float):
            raise MalformedPropertyError(key, "a string or a list of strings", value)
    return tuple(str(value).lower() if isinstance(value, bool) else str(value) for value in values)
