"""Takes the identity out of a pair of stacks, so that what still differs has a meaning.

    arn:aws:kms:eu-west-1:333333333333:key/5f0c…   →  ${payments-key.arn}
    payments-table-prod-acme                       →  payments-table-${environment}-${suffix}

Names, accounts and regions are told by the configuration. Identifiers that AWS made up are told by the
stacks: they are those in which the two still differ after that, though they belong to the same resource.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from operations.drift.stack import Resource, Stack

_BETWEEN_PIECES = re.compile(r"([^A-Za-z0-9_+=.@-]+)")
"""Identifiers that AWS made up, accounts, regions and names stand between these, or are all of a text."""
_TOKEN = re.compile(r"\$\{[^{}]+\}")
_SHORTEST = 6
"""Characters below which text is no identifier that AWS made up."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What makes a stack this environment's, as its configuration says."""

    environment: str
    account: str
    region: str
    suffix: str

    def words(self) -> dict[str, str]:
        """Its words, the longest first, and the token of each."""
        known = {
            self.account: "${account}",
            self.region: "${region}",
            self.environment: "${environment}",
            self.suffix: "${suffix}",
        }
        return {word: known[word] for word in sorted(known, key=len, reverse=True) if word}


class Canonical:
    """Turns a value of one of the two stacks into what it means in both."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self._texts: dict[str, str] = {}
        self._pieces = _Pieces(identity)
        self._identifiers: dict[str, str] = {}

    def name(self, identifiers: Mapping[str, str]) -> None:
        """Learns what some identifiers stand for, whether they are all of a text or a piece of it."""
        self._texts = {**identifiers}
        self._pieces.update(identifiers)
        self._identifiers = {**identifiers}

    def named(self, value: Any, spelled: Callable[[str], str]) -> Any:
        """The value with identifiers alone replaced: accounts, regions and names stay.

        Args:
            value: what a program declares.
            spelled: how the value spells an identifier.
        """
        names = {spelled(text): token for text, token in self._identifiers.items()} | self._identifiers
        return _mapped(
            value,
            lambda text: (
                names.get(text) or "".join(names.get(piece, piece) for piece in _BETWEEN_PIECES.split(text))
            ),
        )

    def original(self, value: Any) -> Any:
        """The value as the stack has it, of its canonical form."""
        return _mapped(
            value, lambda text: _TOKEN.sub(lambda token: self._tokens.get(token[0], token[0]), text)
        )

    @cached_property
    def _tokens(self) -> Mapping[str, str]:
        """Token to what it stands for."""
        return {token: text for text, token in (*self._identifiers.items(), *self.identity.words().items())}

    def __call__(self, value: Any) -> Any:
        """The value, keys of mappings included."""
        return _mapped(value, self.text)

    def text(self, text: str) -> str:
        """A text that is a value or a key."""
        found = self._texts.get(text)
        if found is None:
            pieces = map(self._pieces.__getitem__, _BETWEEN_PIECES.split(text))
            found = self._texts[text] = "".join(pieces)
        return found


class _Pieces(dict[str, str]):
    """Piece of a text to what it means. The same pieces come again and again, in other texts."""

    def __init__(self, identity: Identity) -> None:
        super().__init__()
        self._without_identity = _without_identity(identity)

    def __missing__(self, piece: str) -> str:
        meaning = self[piece] = self._without_identity(piece)
        return meaning


def canonical_pair(
    baseline: Stack, target: Stack, identities: tuple[Identity, Identity]
) -> tuple[Canonical, Canonical]:
    """The functions that canonicalise the values of each of two stacks."""
    ours, theirs = Canonical(identities[0]), Canonical(identities[1])
    tokens: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for token, one, other in _identifiers(baseline, target):
        if ours.text(one) != theirs.text(other):
            tokens[0].setdefault(one, token)
            tokens[1].setdefault(other, token)
    ours.name(tokens[0])
    theirs.name(tokens[1])
    return ours, theirs


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
    one, other = ours.made_up(), theirs.made_up()
    for output in one:
        if output in other:
            yield from _pairs(f"{ours.name}.{output}", one[output], other[output])


def _pairs(token: str, ours: Any, theirs: Any) -> Iterator[tuple[str, str, str]]:
    if isinstance(ours, str) and isinstance(theirs, str):
        if len(ours) >= _SHORTEST and len(theirs) >= _SHORTEST:
            yield f"${{{token}}}", ours, theirs
    elif isinstance(ours, list) and isinstance(theirs, list):
        for position, (one, other) in enumerate(zip(ours, theirs, strict=False)):
            yield from _pairs(f"{token}[{position}]", one, other)


def _without_identity(identity: Identity) -> Callable[[str], str]:
    known = identity.words()
    pattern = _words(known)
    return lambda text: pattern.sub(lambda found: known[found[0]], text)


def _words(known: Iterable[str]) -> re.Pattern[str]:
    # Each word before what must not come before it: so the search skips to where a word may begin.
    words = "|".join(rf"{word}(?<![A-Za-z0-9]{word})" for word in map(re.escape, known))
    # An availability zone is its region's name and a letter.
    return re.compile(rf"(?:{words})(?=(?:(?<=[0-9])[a-f])?(?![A-Za-z0-9]))")


def same_but_for_identity(ours: Any, theirs: Any, identities: tuple[Identity, Identity]) -> bool:
    """Whether two values, as their stacks have them, differ in words of the two identities alone.

    A word may be a literal in both: `see the prod runbook` is the same in prod and in staging.
    """
    if isinstance(ours, str) and isinstance(theirs, str):
        return ours == theirs or _alike(ours, theirs, identities)
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        return len(ours) == len(theirs) and all(
            any(
                same_but_for_identity(key, other, identities)
                and same_but_for_identity(item, theirs[other], identities)
                for other in theirs
            )
            for key, item in ours.items()
        )
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(
            any(same_but_for_identity(one, other, identities) for other in theirs) for one in ours
        )
    return type(ours) is type(theirs) and bool(ours == theirs)


def _alike(ours: str, theirs: str, identities: tuple[Identity, Identity]) -> bool:
    own = identities[0].words()
    other = {token: word for word, token in identities[1].words().items()}
    pattern, end = "", 0
    for found in _words(own).finditer(ours):
        choices = {found[0], other.get(own[found[0]], found[0])}
        pattern += re.escape(ours[end : found.start()]) + f"(?:{'|'.join(map(re.escape, sorted(choices)))})"
        end = found.end()
    return re.fullmatch(pattern + re.escape(ours[end:]), theirs) is not None


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """The value with all its texts changed, keys of mappings included."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {change(key): _mapped(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [_mapped(item, change) for item in value]
    return value
