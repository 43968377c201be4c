"""Decisions are functions of the request and the limits; transitions are what the table says."""

import json
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.payment_processor.payments import (
    TRANSITIONS,
    Event,
    State,
    content_digest,
    decide,
    differing_fields,
    display,
    masked,
)

from .builders import request

LIMITS = {"EUR": 1000, "JPY": 2000}
NOW = "2026-01-31T09:30:01.000Z"


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"amount": 1000}, []),
        ({"amount": 1001}, ["AMOUNT_OVER_LIMIT"]),
        ({"amount": 1, "currency": "USD"}, ["CURRENCY_NOT_ENABLED"]),
        ({"amount": 1, "debtor": "account-1", "creditor": "account-1"}, ["DEBTOR_IS_CREDITOR"]),
        ({"amount": 1, "debtor": "account-1", "creditor": "ACCOUNT-1"}, []),
        (
            {"amount": 1001, "currency": "USD", "debtor": "account-1", "creditor": "account-1"},
            ["CURRENCY_NOT_ENABLED", "DEBTOR_IS_CREDITOR"],
        ),
        ({"amount": 1000, "currency": "JPY"}, []),
        ({"amount": 2000, "currency": "JPY"}, []),
        ({"amount": 2001, "currency": "JPY"}, ["AMOUNT_OVER_LIMIT"]),
        ({"amount": 1, "debtor": "caf\u00e9", "creditor": "cafe\u0301"}, ["DEBTOR_IS_CREDITOR"]),
        ({"amount": 1, "debtor": "account-\uff11", "creditor": "account-1"}, ["DEBTOR_IS_CREDITOR"]),
    ],
)
def test_a_payment_is_rejected_for_every_rule_that_it_breaks(
    changes: dict[str, object], reasons: list[str]
) -> None:
    payment = decide(request(**changes), LIMITS, NOW)
    assert payment["reasons"] == reasons
    assert payment["decision"] == ("REJECTED" if reasons else "ACCEPTED")


def test_a_decided_payment_is_its_request_recorded_and_not_yet_notified() -> None:
    payment = decide(request(), {"EUR": 10**12}, NOW)
    assert payment == {
        **request(),
        "contentDigest": content_digest(request()),
        "decision": "ACCEPTED",
        "reasons": [],
        "state": "RECORDED",
        "entries": 1,
        "recordedAt": NOW,
        "notifiedAt": None,
        "itemVersion": 2,
        "nearDuplicateOf": None,
        "chainHead": "",
    }


def test_the_digest_is_a_published_constant_of_the_content() -> None:
    # Stored digests outlive deployments: if this value changes, every repeat of an old payment is a conflict.
    assert content_digest(request()) == "e18922baaef2d8a34c80d9469f572e0ee8a4f647018e940f0e7347934fa61f7a"


def test_the_digest_does_not_depend_on_the_order_of_the_fields() -> None:
    backwards = dict(reversed(request(metadata={"a": "1", "b": "2"}).items()))
    assert content_digest(backwards) == content_digest(request(metadata={"b": "2", "a": "1"}))


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 1235},
        {"currency": "USD"},
        {"debtor": "x"},
        {"creditor": "x"},
        {"requestedAt": "2026-01-31T09:30:01Z"},
        {"reference": "Invoice 4712"},
        {"reference": None},
        {"metadata": {"order": "4712"}},
        {"metadata": {}},
        {"metadata": None},
    ],
)
def test_any_changed_field_changes_the_digest_and_is_named(changes: dict[str, object]) -> None:
    assert content_digest(request(**changes)) != content_digest(request())
    assert differing_fields(request(), request(**changes)) == list(changes)


def test_what_may_happen_to_a_payment() -> None:
    states: list[State | None] = [None, *get_args(State)]
    allowed = {
        (state, event) for state in states for event in get_args(Event) if (state, event) in TRANSITIONS
    }
    assert allowed == TRANSITIONS.keys(), "no transition names a state or an event that isn't there"
    assert {event for state, event in TRANSITIONS if state is None} == {"ACCEPTED", "REJECTED"}
    assert [state for state, event in TRANSITIONS if event == "NOTIFIED"] == ["RECORDED"], "notified once"
    assert all(TRANSITIONS[state, event] == state for state, event in TRANSITIONS if event == "CONFLICT")


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1, "EUR", "EUR 0.01"),
        (1234, "EUR", "EUR 12.34"),
        (500, "JPY", "JPY 500"),
        (1, "BHD", "BHD 0.001"),
        (10**12, "CLF", "CLF 100000000.0000"),
    ],
)
def test_an_amount_is_displayed_with_the_digits_of_its_currency(
    amount: int, currency: str, text: str
) -> None:
    assert display(amount, currency) == text


@settings(max_examples=50, derandomize=True, deadline=None)
@given(amount=st.integers(1, 10**12), currency=st.sampled_from(["EUR", "JPY", "BHD", "CLF"]))
def test_no_digit_is_lost_in_display(amount: int, currency: str) -> None:
    assert int(display(amount, currency).removeprefix(currency).replace(".", "")) == amount


def test_a_request_is_json_and_nothing_else() -> None:
    assert json.loads(json.dumps(decide(request(), LIMITS, NOW))) == decide(request(), LIMITS, NOW)


@pytest.mark.parametrize(
    ("account", "shown"),
    [
        ("DE89370400440532013000", "****3000"),
        ("123456789012", "****9012"),
        ("12345678901", "****"),
        ("a", "****"),
    ],
)
def test_an_account_is_masked(account: str, shown: str) -> None:
    assert masked(account) == shown


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"requestedAt": "2026-01-31T09:30:00Z"}, {"requestedAt": "2026-01-31T10:30:00.000+01:00"}),
        ({"metadata": None}, {"metadata": {}}),
        ({"reference": None}, {"reference": ""}),
        ({"metadata": {"a": "1", "b": ""}}, {"metadata": {"b": "", "a": "1"}}),
        ({"schemaVersion": 1}, {}),
        ({"debtor": "\u00e4"}, {"debtor": "a\u0308"}),
    ],
)
def test_a_repeat_that_means_the_same_differs_in_nothing(
    one: dict[str, object], other: dict[str, object]
) -> None:
    assert differing_fields(request(**one), request(**other)) == []
    assert differing_fields(decide(request(**one), LIMITS, NOW), request(**other)) == []


@pytest.mark.parametrize(
    ("one", "other", "field"),
    [
        ({"requestedAt": "2026-01-31T09:30:00Z"}, {"requestedAt": "2026-01-31T09:30:00.001Z"}, "requestedAt"),
        ({"metadata": {"a": ""}}, {"metadata": None}, "metadata"),
        ({"reference": " "}, {"reference": None}, "reference"),
        ({"debtor": "a"}, {"debtor": "A"}, "debtor"),
    ],
)
def test_a_repeat_that_means_something_else_is_none(
    one: dict[str, object], other: dict[str, object], field: str
) -> None:
    assert differing_fields(request(**one), request(**other)) == [field]
