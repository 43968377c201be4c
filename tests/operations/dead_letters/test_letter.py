"""Why a message is in the dead-letter queue follows from its content, its history and the ledger."""

from datetime import timedelta
from typing import Any

import pytest

from functions.payment_processor.payments import content_digest
from operations.dead_letters.letter import EXPLANATIONS, FINAL, REDRIVES, Letter, Reason, judge
from operations.payments.ledger import Stored
from tests.operations.dead_letters.letters import NOW, message
from tests.operations.payments.records import request

SAME, OTHER = content_digest(request()), content_digest(request(amount=9))


@pytest.mark.parametrize(
    ("body", "stored", "redrives", "reason"),
    [
        (None, None, 0, Reason.UNRECORDED),
        (None, None, 1, Reason.UNRECORDED),
        (None, None, 2, Reason.RETURNED),
        (None, Stored(content_digest=SAME, state="RECORDED"), 0, Reason.UNNOTIFIED),
        (None, Stored(content_digest=SAME, state="RECORDED"), 5, Reason.RETURNED),
        (None, Stored(content_digest=SAME, state="NOTIFIED"), 0, Reason.SETTLED),
        (None, Stored(content_digest=SAME, state="NOTIFIED"), 5, Reason.SETTLED),
        (None, Stored(content_digest=OTHER, state="NOTIFIED"), 0, Reason.CONFLICT),
        (None, Stored(content_digest=OTHER, state="RECORDED"), 5, Reason.CONFLICT),
        ({"paymentId": "payment-0001"}, None, 0, Reason.MALFORMED),
        ("", None, 5, Reason.MALFORMED),
    ],
)
def test_the_reason_of_a_letter(body: object, stored: Stored | None, redrives: int, reason: Reason) -> None:
    letter = Letter.of(message(body, redrives=redrives))
    assert judge(letter, stored, most_redrives=2).reason is reason


def test_what_is_read_of_a_message() -> None:
    letter = Letter.of(message(hours=3, redrives=1))
    assert (letter.message_id, letter.payment_id, letter.redrives) == ("message-1", "payment-0001", 1)
    assert NOW - letter.sent_at == timedelta(hours=3)


@pytest.mark.parametrize("count", ["", "-1", "many", "²"])
def test_a_count_that_others_have_written_is_none(count: str) -> None:
    strange: Any = message()
    strange["MessageAttributes"] = {REDRIVES: {"DataType": "String", "StringValue": count}}
    assert Letter.of(strange).redrives == 0


def test_a_malformed_letter_names_its_problems_and_no_payment() -> None:
    letter = Letter.of(message({"paymentId": "payment-0001"}))
    assert letter.payment_id is None
    assert "amount is missing" in judge(letter, None, most_redrives=2).problems


def test_a_letter_does_not_show_its_content() -> None:
    found = judge(Letter.of(message()), None, most_redrives=2)
    assert "DE89" not in repr(found)


def test_every_reason_is_explained_and_some_are_final() -> None:
    assert set(EXPLANATIONS) == set(Reason)
    assert {*FINAL, Reason.UNRECORDED, Reason.UNNOTIFIED, Reason.SETTLED} == set(Reason)
