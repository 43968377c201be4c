"""Two values beside each other, line by line, with the lines marked in which they differ."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from operations.drift.formats.values import in_lines

MOST_LINES = 1000
"""Of both values together; longer ones are shown unmarked: comparing takes time with the square."""


@dataclass(frozen=True)
class Line:
    """A line of a value."""

    text: str
    differs: bool = False


def side_by_side(baseline: Any, target: Any) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """The lines of both values. Nothing is marked where a value has but one: it differs as a whole."""
    before, after = in_lines(baseline).split("\n"), in_lines(target).split("\n")
    if min(len(before), len(after)) == 1 or len(before) + len(after) > MOST_LINES:
        return tuple(map(Line, before)), tuple(map(Line, after))
    same = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    kept_before = {block.a + offset for block in same for offset in range(block.size)}
    kept_after = {block.b + offset for block in same for offset in range(block.size)}
    return _marked(before, kept_before), _marked(after, kept_after)


def _marked(lines: list[str], same: set[int]) -> tuple[Line, ...]:
    return tuple(Line(text, number not in same) for number, text in enumerate(lines))
