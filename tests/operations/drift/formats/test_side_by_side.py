"""Which lines of two values are marked."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from operations.drift.formats.side_by_side import MOST_LINES, Line, side_by_side


def differing(lines: tuple[Line, ...]) -> list[str]:
    return [line.text.strip() for line in lines if line.differs]


def test_only_what_differs_is_marked() -> None:
    before, after = side_by_side({"a": 1, "b": [1, 2]}, {"a": 1, "b": [1, 3]})
    assert (differing(before), differing(after)) == (["2"], ["3"])


def test_a_value_of_one_line_is_not_marked() -> None:
    before, after = side_by_side("INFO", {"a": 1})
    assert differing(before) == differing(after) == []


def test_a_huge_value_is_shown_unmarked() -> None:
    before, after = side_by_side(list(range(MOST_LINES)), list(range(1, MOST_LINES)))
    assert len(before) == MOST_LINES + 2
    assert differing(before) == differing(after) == []


@settings(deadline=None)  # a busy machine
@given(before=st.lists(st.integers(0, 5), min_size=1), after=st.lists(st.integers(0, 5), min_size=1))
def test_what_is_not_marked_is_the_same_on_both_sides(before: Any, after: Any) -> None:
    left, right = side_by_side(before, after)
    assert [line.text for line in left if not line.differs] == [
        line.text for line in right if not line.differs
    ]
