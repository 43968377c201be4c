"""Takes the identity out of a pair of stacks, so that what still differs has a meaning.

    arn:aws:kms:eu-west-1:333333333333:key/5f0c…   →  ${payments-key.arn}
    payments-table-prod-acme                       →  payments-table-${environment}-${suffix}

Names, accounts and regions are told by the configuration. Identifiers that AWS made up are told by the
stacks: they are those in which the two still differ after that, though they belong to the same resource.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from operations.drift.stack import Resource, Stack

IDENTIFIER = re.compile(r"(?i)(arn|id|url)$")
"""Names of the properties that hold identifiers."""
_PIECES = re.compile(r"[A-Za-z0-9_+=.@-]{6,}")
_SHORTEST = 6
"""Characters below which text is no identifier that AWS made up."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What makes a stack this environment's, as its configuration says."""

    environment: str
    account: str
    region: str
    suffix: str


Canonical = Callable[[Any], Any]
"""Turns a value of one of the two stacks into what it means in both."""


def canonical_pair(
    baseline: Stack, target: Stack, identities: tuple[Identity, Identity]
) -> tuple[Canonical, Canonical]:
    """The functions that canonicalise the values of each of two stacks."""
    plain = tuple(_without_identity(identity) for identity in identities)
    tokens: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for token, ours, theirs in _identifiers(baseline, target):
        if plain[0](ours) != plain[1](theirs):
            tokens[0].setdefault(ours, token)
            tokens[1].setdefault(theirs, token)
    return _canonical(tokens[0], plain[0]), _canonical(tokens[1], plain[1])


def _identifiers(baseline: Stack, target: Stack) -> Iterator[tuple[str, str, str]]:
    """Token, and the identifier that it stands for in each of the two."""
    for key, ours in baseline.resources.items():
        theirs = target.resources.get(key)
        if theirs is not None:
            yield from _of_resource(ours, theirs)
    for name, outputs in baseline.references.items():
        _, project, environment = name.split("/")
        own = environment == baseline.name.environment
        other = name.rpartition("/")[0] + f"/{target.name.environment}" if own else name
        token = project if own else f"{project}/{environment}"
        counterparts = target.references.get(other, {})
        for output in outputs.keys() & counterparts.keys():
            yield from _pairs(f"{token}.{output}", outputs[output], counterparts[output])


def _of_resource(ours: Resource, theirs: Resource) -> Iterator[tuple[str, str, str]]:
    if "arn" not in ours.inputs and ours.outputs.get("arn") and theirs.outputs.get("arn"):
        yield from _pairs(f"{ours.name}.arn", ours.outputs["arn"], theirs.outputs["arn"])
    yield from _pairs(f"{ours.name}.id", ours.id, theirs.id)
    for output in ours.outputs.keys() & theirs.outputs.keys():
        if output not in ours.inputs and IDENTIFIER.search(output):
            yield from _pairs(f"{ours.name}.{output}", ours.outputs[output], theirs.outputs[output])


def _pairs(token: str, ours: Any, theirs: Any) -> Iterator[tuple[str, str, str]]:
    if isinstance(ours, str) and isinstance(theirs, str):
        if len(ours) >= _SHORTEST and len(theirs) >= _SHORTEST:
            yield f"${{{token}}}", ours, theirs
    elif isinstance(ours, list) and isinstance(theirs, list):
        for position, (one, other) in enumerate(zip(ours, theirs, strict=False)):
            yield from _pairs(f"{token}[{position}]", one, other)


def _without_identity(identity: Identity) -> Callable[[str], str]:
    known = {
        identity.account: "${account}",
        identity.region: "${region}",
        identity.environment: "${environment}",
        identity.suffix: "${suffix}",
    }
    words = "|".join(re.escape(word) for word in sorted(known, key=len, reverse=True) if word)
    # An availability zone is its region's name and a letter.
    pattern = re.compile(rf"(?<![A-Za-z0-9])({words})(?=(?:(?<=[0-9])[a-f])?(?![A-Za-z0-9]))")
    return lambda text: pattern.sub(lambda found: known[found[1]], text)


def _canonical(tokens: Mapping[str, str], without_identity: Callable[[str], str]) -> Canonical:
    cache: dict[str, str] = {}

    def of_text(text: str) -> str:
        found = cache.get(text)
        if found is None:
            found = tokens.get(text)
            if found is None:
                found = without_identity(
                    _PIECES.sub(lambda piece: tokens.get(piece[0], piece[0]), text) if tokens else text
                )
            cache[text] = found
        return found

    def canonical(value: Any) -> Any:
        if isinstance(value, str):
            return of_text(value)
        if isinstance(value, Mapping):
            return {of_text(key): canonical(item) for key, item in value.items()}
        if isinstance(value, list):
            return [canonical(item) for item in value]
        return value

    return canonical
