from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.provider.wire import UNKNOWN, UNKNOWN_SIGNATURE, contains_unknown, from_struct, to_struct

values = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(-(2**53), 2**53),
        st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: not number.is_integer()),
        st.text(),
        st.just(UNKNOWN),
    ),
    lambda children: st.one_of(
        st.lists(children, max_size=3), st.dictionaries(st.text(), children, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), values, max_size=4))
def test_properties_survive_the_way_to_the_engine_and_back(properties: dict[str, Any]) -> None:
    assert from_struct(to_struct(properties)) == properties


def test_nothing_is_left_out_and_whole_numbers_are_integers() -> None:
    struct = to_struct({"a": None, "b": 3.0})
    assert from_struct(struct) == {"b": 3}
    assert isinstance(from_struct(struct)["b"], int)


def test_an_unknown_value_is_the_engines_own() -> None:
    assert to_struct({"a": UNKNOWN}).fields["a"].string_value == UNKNOWN_SIGNATURE
    assert contains_unknown({"a": [{"b": UNKNOWN}]})
    assert not contains_unknown({"a": ["b"]})


def test_what_is_no_property_value_is_refused() -> None:
    with pytest.raises(TypeError, match="a set is no property value"):
        to_struct({"a": {1}})
