"""Why a message is in the dead-letter queue follows from its content, its history and the ledger."""

import json
from datetime import timedelta

import pytest

from functions.payment_processor.payments import Payment, State, decide, pseudonymised
from operations.dead_letters.letter import (
    EXPLANATIONS,
    FINAL,
    LedgerFacts,
    Letter,
    Reason,
    classify,
    request_text,
)
from tests.operations.dead_letters.letters import NOW, message
from tests.operations.payments.records import request


def stored(state: State, **changes: object) -> Payment:
    decided = decide(request(**changes), {"EUR": 10_000}, "2026-01-31T09:30:01.000Z")
    return {**decided, "state": state}


OTHER = stored("NOTIFIED", amount=9)
HIDDEN: Payment = pseudonymised(stored("NOTIFIED"), b"key")
"""With pseudonyms, which only the function can compare: a letter that differs in them is redriven."""


@pytest.mark.parametrize(
    ("body", "facts", "reason"),
    [
        (None, LedgerFacts(), Reason.UNRECORDED),
        (None, LedgerFacts(redrives=1), Reason.UNRECORDED),
        (None, LedgerFacts(redrives=2), Reason.RETURNED),
        (None, LedgerFacts(payment=stored("RECORDED")), Reason.UNNOTIFIED),
        (None, LedgerFacts(payment=stored("RECORDED"), redrives=5), Reason.RETURNED),
        (None, LedgerFacts(payment=stored("NOTIFIED")), Reason.SETTLED),
        (None, LedgerFacts(payment=stored("NOTIFIED"), redrives=5), Reason.SETTLED),
        (None, LedgerFacts(payment=stored("NOTIFIED", metadata={})), Reason.UNAUDITED),
        (None, LedgerFacts(payment=OTHER, conflict_recorded=True), Reason.CONFLICT),
        (None, LedgerFacts(payment=OTHER, conflict_recorded=True, redrives=5), Reason.CONFLICT),
        (None, LedgerFacts(payment=OTHER), Reason.UNAUDITED),
        (None, LedgerFacts(payment=OTHER, redrives=2), Reason.RETURNED),
        (
            {**request(), "requestedAt": "2026-01-31T10:30:00.0+01:00"},
            LedgerFacts(payment=stored("NOTIFIED")),
            Reason.SETTLED,
        ),
        (None, LedgerFacts(payment=HIDDEN), Reason.SETTLED),
        (None, LedgerFacts(payment=HIDDEN, conflict_recorded=True), Reason.CONFLICT),
        (request(creditor="other"), LedgerFacts(payment=HIDDEN), Reason.SETTLED),
        (request(amount=9), LedgerFacts(payment=HIDDEN), Reason.UNAUDITED),
        (request(amount=9), LedgerFacts(payment=HIDDEN, redrives=2), Reason.RETURNED),
        ({"paymentId": "payment-0001"}, LedgerFacts(), Reason.MALFORMED),
        ("", LedgerFacts(redrives=5), Reason.MALFORMED),
    ],
)
def test_the_reason_of_a_letter(body: object, facts: LedgerFacts, reason: Reason) -> None:
    assert classify(Letter.of(message(body)), facts, most_redrives=2).reason is reason


def test_what_is_read_of_a_message() -> None:
    letter = Letter.of(message(hours=3))
    assert (letter.message_id, letter.payment_id) == ("message-1", "payment-0001")
    assert NOW - letter.sent_at == timedelta(hours=3)


def test_what_a_producer_writes_into_attributes_counts_for_nothing() -> None:
    counted = message()
    counted["MessageAttributes"] = {"Redrives": {"DataType": "Number", "StringValue": "999"}}
    assert classify(Letter.of(counted), LedgerFacts(), most_redrives=2).reason is Reason.UNRECORDED


def test_a_failed_direct_invocation_is_read_as_the_request_in_it() -> None:
    text = json.dumps(request())
    assert request_text(json.dumps(text)) == text
    assert Letter.of(message(json.dumps(text))).payment_id == "payment-0001"


@pytest.mark.parametrize("body", ["", "{}", "x", '"', "[1]", '"not JSON" at all', "7"])
def test_every_other_body_stays_what_it_is(body: str) -> None:
    assert request_text(body) == body


def test_a_malformed_letter_names_its_problems_and_no_payment() -> None:
    letter = Letter.of(message({"paymentId": "payment-0001"}))
    assert letter.payment_id is None
    assert "amount is missing" in classify(letter, LedgerFacts(), most_redrives=2).problems


def test_a_letter_does_not_show_its_content() -> None:
    found = classify(Letter.of(message()), LedgerFacts(payment=OTHER), most_redrives=2)
    assert "DE89" not in repr(found)
    assert "DE89" not in repr(LedgerFacts(payment=OTHER))


def test_every_reason_is_explained_and_some_are_final() -> None:
    assert set(EXPLANATIONS) == set(Reason)
    redrivable = {Reason.UNRECORDED, Reason.UNNOTIFIED, Reason.SETTLED, Reason.UNAUDITED}
    assert {*FINAL, *redrivable} == set(Reason)
