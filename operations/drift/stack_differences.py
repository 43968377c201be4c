"""Where the resources of two stacks of a project differ, identities aside.

Nearly all are the same to the letter once identities are taken out of their text. Only the others are taken
apart and compared.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from operations.drift.canonical import Canonical
from operations.drift.compare import Difference, differences
from operations.drift.stack import Resource, Stack

View = Mapping[str, Mapping[str, Any]]
"""Resource key to what a stack holds, in canonical form."""


def views(stacks: tuple[Stack, Stack], canonical: tuple[Canonical, Canonical]) -> Iterator[tuple[View, View]]:
    """What two stacks hold in the resources in which they differ.

    First what they were last seen to have, then what was asked for where that is something else.
    """
    same = _same_to_the_letter(stacks, canonical)
    for name in ("properties", "inputs"):
        ours, theirs = (
            {
                key: each(getattr(resource, name))
                for key, resource in stack.resources.items()
                if key not in same
            }
            for stack, each in zip(stacks, canonical, strict=True)
        )
        yield ours, theirs


def stack_differences(
    stacks: tuple[Stack, Stack], canonical: tuple[Canonical, Canonical]
) -> Iterator[Difference]:
    """Every difference of two stacks, once."""
    reported: set[tuple[str, str, str]] = set()
    for ours, theirs in views(stacks, canonical):
        yield from unreported(differences(ours, theirs), reported)


def unreported(found: Iterable[Difference], reported: set[tuple[str, str, str]]) -> Iterator[Difference]:
    """The differences that were not reported yet; they are, from now on."""
    for each in found:
        place = each.key, each.path, repr((each.baseline, each.target))
        if place not in reported:
            reported.add(place)
            yield each


def _same_to_the_letter(stacks: tuple[Stack, Stack], canonical: tuple[Canonical, Canonical]) -> set[str]:
    baseline, target = stacks
    meanings = tuple(_Meanings(each) for each in canonical)
    return {
        key
        for key, ours in baseline.resources.items()
        if (theirs := target.resources.get(key))
        and (one := _pieces(ours))
        and (other := _pieces(theirs))
        and [*map(meanings[0].__getitem__, one)] == [*map(meanings[1].__getitem__, other)]
    }


_QUOTE, _QUOTE_WITHIN = '"', '"\0"'
"""JSON in a text is JSON of its own, so its quotes part texts too. NUL stands in no JSON."""


# What is no JSON, such as an archive of a rendered program, becomes a text that is to be looked at closely.
_encode = json.JSONEncoder(ensure_ascii=False, default=lambda _: "\\").encode


def _pieces(resource: Resource) -> list[str]:
    """Its JSON taken apart at quotes: texts, and what stands between them. Empty where that can't be told."""
    asked, seen = resource.asked, resource.seen
    otherwise = {name: seen[name] for name, value in asked.items() if name in seen and seen[name] != value}
    text = _encode([asked, otherwise, resource.options]).replace('\\"', _QUOTE_WITHIN)
    return [] if "\\" in text else text.split(_QUOTE)


class _Meanings(dict[str, object]):
    """Piece to what it means in both stacks."""

    def __init__(self, canonical: Canonical) -> None:
        super().__init__()
        self._canonical = canonical

    def __missing__(self, piece: str) -> object:
        meaning: object = self._canonical.text(piece)
        if piece[:1] in ":,[]{}\0" and meaning != piece:
            # What stands between texts holds numbers, which are no identity; it is to be looked at closely.
            meaning = object()
        self[piece] = meaning
        return meaning
