"""How properties are read: typed, an unknown never taken for a value, a wrong type never for a right one."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.properties import (
    SECRET_KEY,
    UNKNOWN_SENTINELS,
    MalformedPropertyError,
    Props,
    UnknownPropertyError,
    block,
    blocks,
    flag,
    items,
    number,
    read,
    size,
    text,
    texts,
    whole,
)

READERS: list[Callable[[Props, str], Any]] = [block, blocks, flag, items, number, read, size, text, texts]
JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("sentinel", sorted(UNKNOWN_SENTINELS))
def test_no_reader_takes_an_unknown_for_a_value(reader: Callable[[Props, str], Any], sentinel: str) -> None:
    with pytest.raises(UnknownPropertyError):
        reader({"key": sentinel}, "key")


@pytest.mark.parametrize("reader", READERS)
def test_an_encrypted_secret_is_unknown(reader: Callable[[Props, str], Any]) -> None:
    with pytest.raises(UnknownPropertyError):
        reader({"key": {SECRET_KEY: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"}}, "key")


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("props", [{}, {"key": None}])
def test_absent_and_null_are_the_same_nothing(reader: Callable[[Props, str], Any], props: Props) -> None:
    assert not reader(props, "key")


@settings(deadline=None)
@given(reader=st.sampled_from(READERS), value=JSON)
def test_no_value_makes_a_reader_fail_otherwise_than_by_saying_what_is_wrong(
    reader: Callable[[Props, str], Any], value: object
) -> None:
    with suppress(MalformedPropertyError, UnknownPropertyError):
        reader({"key": value}, "key")


@pytest.mark.parametrize(
    ("reader", "value", "wanted"),
    [
        (number, "512", 512),
        (number, 512.0, 512),
        (flag, "true", True),
        (flag, "False", False),
        (block, [{"a": 1}], {"a": 1}),
        (block, [], None),
        (block, [None], None),
        (blocks, {"a": 1}, [{"a": 1}]),
        (size, ["04da6b54-80e4-46f7-96ec-b56ff0331ba9"], 1),
    ],
)
def test_what_the_provider_would_convert_is_converted(
    reader: Callable[[Props, str], Any], value: object, wanted: object
) -> None:
    assert reader({"key": value}, "key") == wanted


@pytest.mark.parametrize(
    ("reader", "value"),
    [
        (number, True),
        (number, "x"),
        (flag, 1),
        (flag, "yes"),
        (block, [{}, {}]),
        (block, ["x"]),
        (texts, [1]),
    ],
)
def test_what_it_would_not_is_malformed(reader: Callable[[Props, str], Any], value: object) -> None:
    with pytest.raises(MalformedPropertyError):
        reader({"key": value}, "key")


def test_numbers_are_shown_as_people_write_them() -> None:
    assert [whole(512.0), whole(0.5), whole(7)] == ["512", "0.5", "7"]


def test_a_message_about_a_wrong_type_never_repeats_the_value() -> None:
    with pytest.raises(MalformedPropertyError) as caught:
        number({"key": "hunter2"}, "key")
    assert "hunter2" not in str(caught.value)
