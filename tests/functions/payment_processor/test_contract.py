"""The parser and the JSON Schema say the same, and say it of the golden events."""

import json
import re
import unicodedata
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from functions import payment_processor
from functions.payment_processor import contract
from functions.payment_processor.contract import KEYWORDS, SCHEMA, Malformed, fits, instant, parse

from .builders import request

GOLDEN = Path(__file__).with_name("golden")
VALID = json.loads((GOLDEN / "valid.json").read_text(encoding="utf-8"))
INVALID = json.loads((GOLDEN / "invalid.json").read_text(encoding="utf-8"))

formats = jsonschema.FormatChecker(formats=())


@formats.checks("date-time", raises=ValueError)
def is_date_time(value: object) -> bool:
    return not isinstance(value, str) or bool(datetime.fromisoformat(value))


SCHEMA_SAYS = jsonschema.Draft202012Validator(SCHEMA, format_checker=formats)


def is_unicode(value: object) -> bool:
    """Whether all text is Unicode: JSON can spell half a surrogate pair, which a pattern can't refuse."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def schema_allows(value: object) -> bool:
    return is_unicode(value) and SCHEMA_SAYS.is_valid(value)


def body_of(case: dict[str, Any]) -> str:
    return str(case["body"]) if "body" in case else json.dumps({**request(), **case["set"]})


@pytest.mark.parametrize("name", VALID)
def test_a_golden_valid_event_is_read_as_it_was_sent(name: str) -> None:
    assert parse(json.dumps(VALID[name])) == VALID[name]
    SCHEMA_SAYS.validate(VALID[name])


@pytest.mark.parametrize("case", INVALID, ids=lambda case: case["name"])
def test_a_golden_invalid_event_is_refused_with_the_rule_it_breaks(case: dict[str, Any]) -> None:
    refused = parse(body_of(case))
    assert isinstance(refused, Malformed)
    assert case["problem"] in "; ".join(refused.problems)
    if "set" in case:
        assert len(refused.problems) == 1, "one field is spoiled, one problem is named"
        assert not schema_allows({**request(), **case["set"]})


def test_all_problems_are_reported_together() -> None:
    refused = parse(json.dumps({"paymentId": "x", "amount": 0, "colour": "red"}))
    assert isinstance(refused, Malformed)
    assert [problem.split()[0] for problem in refused.problems] == [
        "currency", "debtor", "creditor", "requestedAt", "paymentId", "amount", "1",
    ]  # fmt: skip


@pytest.mark.parametrize("body", [None, 7, b"\xff", {"paymentId": "payment-0001"}, ["x"]])
def test_a_body_that_is_no_text_is_malformed(body: object) -> None:
    assert isinstance(parse(body), Malformed)


@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 100_000, "9" * 100_000, '"' + "x" * 1_000_000])
def test_a_hostile_body_is_malformed(body: str) -> None:
    assert isinstance(parse(body), Malformed)


def test_a_hostile_number_is_not_expanded() -> None:
    # An integer of that many digits would fill the memory before it is compared with the maximum.
    assert isinstance(parse(json.dumps(request()).replace("1234", "1e999999999999999999")), Malformed)


def test_an_amount_is_compared_exactly() -> None:
    assert isinstance(parse(json.dumps(request()).replace("1234", "99999999999.99999999")), Malformed)


def test_problems_hold_no_value_and_no_unknown_name() -> None:
    secret = "4111111111111111"
    refused = parse(json.dumps(dict.fromkeys(SCHEMA["properties"], secret + " ") | {secret: 1}))
    assert isinstance(refused, Malformed)
    assert secret not in str(refused)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=70),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=5,
)
near_misses = {
    "paymentId": st.from_regex(r"[A-Za-z0-9_-]{7,65}[\n. ]?", fullmatch=True),
    "amount": st.sampled_from([0, 1, 10**12, 10**12 + 1, 1.0, 1.5, 1e12, 1e300, -0.0, True])
    | st.integers(0, 10**13),
    "currency": st.sampled_from(["EUR", "JPY", "eur", "XXX", "EUR ", "E", ""])
    | st.from_regex("[A-Z]{3}", fullmatch=True),
    "debtor": st.text(max_size=66),
    "creditor": st.text(st.characters(codec=None), max_size=66),
    "requestedAt": st.datetimes().map(lambda instant: instant.isoformat() + "Z")
    | st.from_regex(
        r"[0-9]{4}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-5][0-9]:[0-6][0-9](\.[0-9]{0,10})?"
        r"(Z|z|[+-][0-2][0-9]:[0-5][0-9])?\n?",
        fullmatch=True,
    ),
    "reference": st.text(st.characters(codec=None), max_size=142),
    "metadata": st.dictionaries(
        st.text(st.characters(codec=None), max_size=66), st.text(max_size=258), max_size=22
    ),
}


@st.composite
def almost_requests(draw: st.DrawFn) -> dict[str, object]:
    """Valid requests, with a few fields changed to near misses or to anything, removed or added."""
    fields: dict[str, object] = dict(request())
    for name in draw(st.lists(st.sampled_from(list(near_misses)), max_size=2, unique=True)):
        fields[name] = draw(near_misses[name] | json_values)
    for name in draw(st.lists(st.sampled_from(list(near_misses)), max_size=1)):
        fields.pop(name)
    if draw(st.integers(0, 9)) == 0:
        fields[draw(st.text(max_size=5))] = draw(json_values)
    return fields


@settings(max_examples=300, derandomize=True, deadline=None)
@given(almost_requests())
@example({**request(), "amount": 1e12})
def test_the_parser_agrees_with_the_schema(fields: dict[str, object]) -> None:
    body = json.dumps(fields)
    parsed = parse(body)
    assert isinstance(parsed, Malformed) is not SCHEMA_SAYS.is_valid(json.loads(body))
    if not isinstance(parsed, Malformed):
        assert parsed == fields
        json.dumps(parsed, ensure_ascii=False).encode("utf-8")  # whatever is accepted can be stored


@settings(max_examples=100, derandomize=True, deadline=None)
@given(json_values)
def test_no_other_json_is_a_request(value: object) -> None:
    assert isinstance(parse(json.dumps(value)), Malformed)
    assert not schema_allows(value)


def keywords(schema: object) -> set[str]:
    """The keywords of a schema and of the schemas in it."""
    if not isinstance(schema, dict):
        return set()
    inner = [
        schema.get("not"),
        schema.get("propertyNames"),
        schema.get("additionalProperties"),
        *schema.get("allOf", []),
    ]
    return set(schema) | {keyword for part in inner for keyword in keywords(part)}


def test_the_parser_knows_every_keyword_that_the_contract_uses() -> None:
    used = {keyword for schema in SCHEMA["properties"].values() for keyword in keywords(schema)}
    assert used == set(KEYWORDS)
    assert set(SCHEMA) == {
        "$schema",
        "$id",
        "title",
        "description",
        "type",
        "required",
        "properties",
        "additionalProperties",
        "$defs",
    }
    assert SCHEMA["additionalProperties"] is False


@pytest.mark.parametrize(
    "path", sorted(Path(payment_processor.__path__[0]).glob("*.schema.json")), ids=lambda p: p.name
)
def test_a_schema_is_a_json_schema(path: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


def test_minor_digits_are_those_of_the_currencies_of_the_contract() -> None:
    currencies = SCHEMA["properties"]["currency"]["enum"]
    assert currencies == sorted(set(currencies))
    others = {digits: SCHEMA["$defs"][f"minorDigits{digits}"]["enum"] for digits in (0, 3, 4)}
    listed = [currency for group in others.values() for currency in group]
    assert len(listed) == len(set(listed)) == 26
    assert set(listed) < set(currencies)


INVISIBLE = [
    character
    for character in map(chr, range(0x110000))
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zs", "Zl", "Zp")
] + list("\u034f\u115f\u1160\u17b4\u17b5\u180b\u2800\u3164\ufe0f\uffa0\ufffd\ufffe\U000e0100\U0001fffe")
"""Controls, formatting and bidirectional characters, spaces of every kind, and letters that show nothing."""


@pytest.mark.parametrize("field", ["debtor", "creditor"])
def test_an_account_reference_holds_no_character_that_is_not_seen(field: str) -> None:
    rule = SCHEMA["properties"][field]
    assert [f"{ord(each):x}" for each in INVISIBLE if fits(f"ab{each}cd", rule)] == []
    for name in ("\u0085", "\u00a0", "\u200b", "\u202e", "\u2066", "\ufeff"):
        for place in (f"{name}a", f"a{name}", f"a{name}b"):
            refused = parse(json.dumps(request(**{field: place})))
            assert isinstance(refused, Malformed)
            assert refused.problems == [f"{field} must be {rule['description']}"]


def test_an_account_reference_may_hold_every_letter_digit_and_mark_that_is_seen() -> None:
    rule = SCHEMA["properties"]["debtor"]
    for text in (
        "DE89370400440532013000",
        "ärzte:κόσμος/支払い#1",
        "a\u0308",
        "счёт-1",
        "合計",
        "acct_1!~",
        "😀",
    ):
        assert fits(text, rule), text


@pytest.mark.parametrize("version", [1, 1.0, None])
def test_the_version_of_a_request_is_1_or_left_out(version: float | None) -> None:
    assert not isinstance(parse(json.dumps(request(schemaVersion=version))), Malformed)


@pytest.mark.parametrize("version", [0, 2, "1", True, [], {}, 1.5])
def test_an_unknown_version_is_refused(version: object) -> None:
    refused = parse(json.dumps(request(schemaVersion=version)))
    assert isinstance(refused, Malformed)
    assert refused.problems == ["schemaVersion must be 1, or left out"]


def test_a_message_is_judged_by_the_version_that_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next version, in which references are shorter, refuses what version 1 still allows."""
    later = json.loads(json.dumps(SCHEMA))
    later["properties"]["schemaVersion"] = {"description": "2", "type": "integer", "enum": [2]}
    later["properties"]["reference"]["maxLength"] = 5
    monkeypatch.setattr(contract, "SCHEMA", later)
    monkeypatch.setattr(contract, "VERSIONS", {1: SCHEMA, 2: later})
    assert not isinstance(parse(json.dumps(request())), Malformed)
    assert not isinstance(parse(json.dumps(request(schemaVersion=1))), Malformed)
    assert isinstance(parse(json.dumps(request(schemaVersion=2))), Malformed)
    assert not isinstance(parse(json.dumps(request(schemaVersion=2, reference="short"))), Malformed)
    assert isinstance(parse(json.dumps(request(schemaVersion=3))), Malformed)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2026-01-31T09:30:00Z", "2026-01-31T09:30:00+00:00"),
        ("2026-01-31T09:30:00Z", "2026-01-31T09:30:00.000Z"),
        ("2026-01-31T09:30:00Z", "2026-01-31T10:30:00+01:00"),
        ("2026-01-31T09:30:00.5Z", "2026-01-31T09:30:00.500000000-00:00"),
        ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00Z"),
        ("0001-01-01T00:00:00+01:00", "0001-01-01T01:00:00+02:00"),
    ],
)
def test_one_instant_has_one_meaning(one: str, other: str) -> None:
    assert instant(one) == instant(other)


@pytest.mark.parametrize(
    "other",
    [
        "2026-01-31T09:30:01Z",
        "2026-01-31T09:30:00.000000001Z",
        "2026-01-31T09:30:00+00:01",
        "2026-02-01T09:30:00Z",
    ],
)
def test_another_instant_has_another_meaning(other: str) -> None:
    assert instant(other) != instant("2026-01-31T09:30:00Z")


def test_the_contract_uses_patterns_that_every_engine_compiles() -> None:
    """No look-around, no back-reference, no escape: RE2, Java, .NET and JavaScript's u flag take them."""
    for path in Path(payment_processor.__path__[0]).glob("*.schema.json"):
        for pattern in re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', path.read_text(encoding="utf-8")):
            assert not re.search(r"[(][?]|\\", json.loads(pattern)), (path.name, pattern)
