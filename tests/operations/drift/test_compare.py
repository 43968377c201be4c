from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.drift.compare import at, differences
from operations.drift.report import ABSENT, Kind

LEAVES = st.integers(0, 9) | st.text("ab", max_size=2)
LISTS = st.lists(LEAVES | st.dictionaries(st.sampled_from("xyz"), LEAVES, max_size=2), max_size=5)


def found(ours: Any, theirs: Any, name: str = "value") -> dict[str, tuple[Kind, Any, Any]]:
    """Path to what differs."""
    return {
        each.path: (each.kind, each.baseline, each.target)
        for each in differences({"key": {name: ours}}, {"key": {name: theirs}})
    }


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (1, 1, {}),
        (1, 2, {"value": (Kind.CHANGED, 1, 2)}),
        (True, False, {"value": (Kind.CHANGED, True, False)}),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, {"value.a.b": (Kind.CHANGED, 1, 2)}),
        ({"a": 1}, {}, {"value.a": (Kind.MISSING, 1, ABSENT)}),
        ({}, {"a.b": 1}, {"value.a.b": (Kind.EXTRA, ABSENT, 1)}),
        ([1, 2], [2, 1], {}),
        ([1], [1, 2], {"value[1]": (Kind.EXTRA, ABSENT, 2)}),
        ([{"a": 1, "b": 1}], [{"a": 1, "b": 2}], {"value[0].b": (Kind.CHANGED, 1, 2)}),
        ("1", {"a": 1}, {"value": (Kind.CHANGED, "1", {"a": 1})}),
    ],
)
def test_a_difference_is_told_at_its_place_with_both_values(ours: Any, theirs: Any, expected: Any) -> None:
    assert found(ours, theirs) == expected


def test_a_whole_resource_and_a_whole_property_can_be_missing_or_extra() -> None:
    ours, theirs = {"gone": {"a": 1}, "kept": {"b": 1}}, {"new": {"a": 2}, "kept": {"c": 2}}
    assert [(each.key, each.path, each.kind) for each in differences(ours, theirs)] == [
        ("gone", "", Kind.MISSING),
        ("kept", "b", Kind.MISSING),
        ("kept", "c", Kind.EXTRA),
        ("new", "", Kind.EXTRA),
    ]


def test_an_order_that_means_something_is_compared() -> None:
    assert found(["a", "b"], ["b", "a"], "layers")
    assert not found(["a", "b"], ["b", "a"], "securityGroupIds")


@given(LISTS, st.randoms(use_true_random=False))
def test_the_order_of_a_set_is_none_at_any_depth(value: list[Any], random: Any) -> None:
    other = random.sample(value, k=len(value))
    assert found({"in": value}, {"in": other}) == {}


@given(LISTS, LISTS)
def test_sets_that_are_not_the_same_differ(ours: list[Any], theirs: list[Any]) -> None:
    same = sorted(map(repr, ours)) == sorted(map(repr, theirs))
    if not same and not any(isinstance(each, dict) for each in (*ours, *theirs)):
        assert found(ours, theirs)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.b[1].c", 3),
        ("a.aws:SourceArn", "x"),
        ("a.kms.amazonaws.com[0]", "y"),
        ("a.b[7]", ABSENT),
        ("a.b.d", 4),
        ("a.nowhere", ABSENT),
        ("a.b[1].c.d", ABSENT),
        ("a[0]", ABSENT),
    ],
)
def test_a_path_leads_to_its_value_through_keys_with_dots(path: str, value: Any) -> None:
    properties = {"a": {"b": [0, {"c": 3}], "aws:SourceArn": "x", "kms.amazonaws.com": ["y"], "b.d": 4}}
    assert at(properties, path) == value
