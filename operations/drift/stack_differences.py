"""Where the resources of two stacks of a project differ, identities aside.

Nearly all are the same to the letter once identities are taken out of their text. Only the others are taken
apart and compared.
"""

import json
from collections.abc import Iterator

from operations.drift.canonical import Canonical
from operations.drift.compare import Difference, differences
from operations.drift.stack import Resource, Stack


def stack_differences(
    stacks: tuple[Stack, Stack], canonical: tuple[Canonical, Canonical]
) -> Iterator[Difference]:
    """In what they were last seen to have, then in what was asked for where that shows no difference."""
    same = _same_to_the_letter(stacks, canonical)
    said: set[tuple[str, str, str]] = set()
    for view in ("properties", "inputs"):
        ours, theirs = (
            {
                key: each(getattr(resource, view))
                for key, resource in stack.resources.items()
                if key not in same
            }
            for stack, each in zip(stacks, canonical, strict=True)
        )
        found = [each for each in differences(ours, theirs) if _said(each) not in said]
        said |= {_said(each) for each in found}
        yield from found


def _said(found: Difference) -> tuple[str, str, str]:
    return found.key, found.path, repr((found.baseline, found.target))


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
