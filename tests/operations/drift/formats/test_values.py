"""What is shown of a value."""

from typing import Any

import pytest

from operations.drift.formats.values import SECRET_SIGNATURE, in_lines, shortened, shown
from operations.drift.report import ABSENT, MASKED

SECRET = {SECRET_SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:abc"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("INFO", "INFO"),
        (None, "null"),
        (True, "true"),
        (2048, "2048"),
        (ABSENT, "(absent)"),
        ("", '""'),
        ({"a": [1, "b"]}, '{"a": [1, "b"]}'),
        (("a", "b"), '["a", "b"]'),
        ("two\nlines", r"two\nlines"),
        ("müßig …", "müßig …"),
    ],
)
def test_a_value_takes_one_line(value: Any, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(
    "wrapped", [SECRET, [SECRET], {"deep": [{"er": SECRET}]}, f'{{"{SECRET_SIGNATURE}": 1}}']
)
def test_a_secret_is_masked_however_deep(wrapped: Any) -> None:
    for written in (shown(wrapped), in_lines(wrapped)):
        assert MASKED in written
        assert "v1:abc" not in written
        assert SECRET_SIGNATURE not in written


def test_half_a_surrogate_pair_is_spelled_out() -> None:
    assert shown({"\ud800": "\udfff"}) == '{"\\ud800": "\\udfff"}'
    assert in_lines("a\nb\ud800\x1b") == "a\nb\\ud800\\x1b"


def test_json_inside_text_is_laid_out_where_there_is_room() -> None:
    assert in_lines('{"a": {"b": 1}}') == '{\n  "a": {\n    "b": 1\n  }\n}'
    assert in_lines("{not json") == "{not json"
    assert in_lines("two\nlines") == "two\nlines"


def test_a_long_text_keeps_its_ends() -> None:
    assert shortened("a" * 10, 10) == "a" * 10
    assert shortened("abcdefghijklm", 11) == "abcd … jklm"
    assert len(shortened("x" * 999, 200)) == 200
