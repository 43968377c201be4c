import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.drift.plain import NOT_YET_KNOWN, SECRET, SIGNATURE, UNKNOWN, holds, plain, within
from operations.drift.report import MASKED

JSON = st.recursive(
    st.booleans() | st.integers() | st.text("abc", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({SIGNATURE: SECRET, "plaintext": '"hunter2"'}, MASKED),
        ({"deep": [{SIGNATURE: SECRET, "ciphertext": "v1:…"}]}, {"deep": [MASKED]}),
        ({SIGNATURE: "0def7320c3a5731c473e5ecbe6d01bc7", "hash": "ab", "path": "/home"}, {"hash": "ab"}),
        ({SIGNATURE: "another kind"}, {}),
        ({"__defaults": [], "none": None, "kept": 0}, {"kept": 0}),
        (UNKNOWN, NOT_YET_KNOWN),
        (30.0, 30),
        (0.5, 0.5),
        ('{"a": [1, {"b": "{}"}]}', {"a": [1, {"b": {}}]}),
        ("{not JSON}", "{not JSON}"),
        ("[" * 100_000 + "]" * 100_000, "[" * 100_000 + "]" * 100_000),
    ],
)
def test_a_value_of_a_state_becomes_plain_data(value: Any, found: Any) -> None:
    assert plain(value) == found


@given(JSON)
def test_plain_data_stays_as_it_is_and_so_does_what_is_in_json_text(value: Any) -> None:
    assert plain(value) == value
    if isinstance(value, dict | list):
        assert plain(json.dumps(value)) == value


@given(JSON)
def test_an_account_holds_what_was_asked_for_whatever_it_adds(value: Any) -> None:
    assert holds({"asked": value, "added": 1}, {"asked": value})
    assert within({"asked": value, "added": 1}, {"asked": value}) == {"asked": value}


@pytest.mark.parametrize(
    ("actual", "wanted", "held"),
    [
        (["b", "a"], ["a", "b"], True),
        (["a", "a"], ["a", "b"], False),
        (["a", "b"], ["a", "a"], False),
        (["a"], ["a", "b"], False),
        (["a", "a"], ["a"], False),
        ("true", True, True),
        ("30", 30, True),
        (31, 30, False),
        ("a", {"a": 1}, False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        (1, True, False),
    ],
)
def test_holding_is_meaning_the_same(actual: Any, wanted: Any, held: bool) -> None:
    assert holds(actual, wanted) is held
