"""Reports count letters by reason, with their ages, and hold nothing private."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from rich.console import Console

from operations.dead_letters.contract_comparison import ContractComparison
from operations.dead_letters.letter import ClassifiedLetter, Reason
from operations.dead_letters.plan import Selection, plan
from operations.dead_letters.queue import Moved, Redriven
from operations.dead_letters.report import age, as_json, as_tables, conclusion, groups, question
from tests.operations.dead_letters.letters import NOW, classified
from tests.operations.payments.records import request

CONTRACT = ContractComparison(deployed="0a", checkout="0b", release="r-1")
SECRET = "4111111111111111"
LETTERS = [
    classified(Reason.MALFORMED, "a", {"paymentId": SECRET, SECRET: SECRET}, hours=50),
    classified(Reason.MALFORMED, "b", "{}", hours=1),
    classified(Reason.UNRECORDED, "c", hours=2, redrives=1),
    classified(Reason.UNRECORDED, "d", request(paymentId="payment-0002"), hours=30),
]


def shown(letters: list[ClassifiedLetter], *, each: bool) -> str:
    console = Console(width=160, file=StringIO())
    console.print(as_tables(letters, NOW, each=each))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_letters_are_counted_by_reason_with_their_ages() -> None:
    unrecorded, malformed = groups(LETTERS, NOW)
    assert (unrecorded.reason, unrecorded.count) == (Reason.UNRECORDED, 2)
    assert (unrecorded.oldest, unrecorded.newest) == (timedelta(hours=30), timedelta(hours=2))
    assert malformed.problems[0] == ("amount is missing", 2)


def test_people_see_a_row_a_reason_and_a_row_a_message_if_they_like() -> None:
    rows = shown(LETTERS, each=False).splitlines()
    assert rows[1].split()[:7] == ["unrecorded", "2", "1", "d", "2", "h", "yes"]
    assert rows[2].split()[:7] == ["malformed", "2", "2", "d", "1", "h", "no"]
    assert "message" not in rows
    listed = [line.split() for line in shown(LETTERS, each=True).splitlines()]
    assert ["unrecorded", "2", "h", "1", "c", "payment-0001"] in listed


def test_machines_get_groups_messages_and_what_moved() -> None:
    moved = [Moved(message_id="c", new_message_id="e")]
    data = json.loads(as_json("dev", LETTERS, NOW, complete=False, contract=CONTRACT, moved=moved))
    assert (data["environment"], data["complete"]) == ("dev", False)
    assert data["contract"] == {"deployed": "0a", "checkout": "0b", "same": False}
    assert [(each["reason"], each["count"], each["redrivable"]) for each in data["groups"]] == [
        ("unrecorded", 2, True),
        ("malformed", 2, False),
    ]
    assert data["groups"][0]["oldestSeconds"] == 30 * 3600
    assert [each["paymentId"] for each in data["messages"]] == [None, None, "payment-0001", "payment-0002"]
    assert data["messages"][2]["redrives"] == 1
    assert data["redriven"] == [{"message_id": "c", "problem": None, "new_message_id": "e"}]


def test_nothing_private_is_reported() -> None:
    private = (SECRET, "DE8937", "FR1420", "Jane Doe", "4711-private")
    for text in (shown(LETTERS, each=True), as_json("dev", LETTERS, NOW, complete=True, contract=CONTRACT)):
        assert not [each for each in private if each in text]


def test_a_question_says_what_goes_what_is_refused_and_what_is_left() -> None:
    chosen = plan(LETTERS, Selection(message_ids=["a", "c", "gone"]))
    assert question(chosen, "dev").splitlines() == [
        "1 to redrive to the request queue of dev",
        "  1 unrecorded",
        "1 refused, which would only come back",
        "  1 malformed",
        "2 not asked for",
        "gone is not in the queue",
    ]


def test_a_conclusion_names_each_failure() -> None:
    moved = [Moved(message_id="a", new_message_id="b"), Moved(message_id="c", problem="not sent: no")]
    assert conclusion(Redriven(moved=tuple(moved), complete=True), 0.5).splitlines() == [
        "c: not sent: no",
        "redrive: 1 of 2 moved, 2 per second",
    ]
    incomplete = conclusion(Redriven(moved=tuple(moved), complete=False), 0.5)
    assert incomplete.endswith("INCOMPLETE: run the redrive again")


@pytest.mark.parametrize(
    ("seconds", "words"), [(-1, "0 s"), (59, "59 s"), (60, "1 min"), (5400, "1 h"), (200_000, "2 d")]
)
def test_an_age_is_told_in_its_largest_unit(seconds: int, words: str) -> None:
    assert age(timedelta(seconds=seconds)) == words
