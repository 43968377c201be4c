"""A redrive takes what was asked for, oldest first, and never what would only come back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.dead_letters.letter import FINAL, ClassifiedLetter, Reason
from operations.dead_letters.plan import Selection, plan
from tests.operations.dead_letters.letters import classified
from tests.operations.payments.records import request

LETTERS = [
    classified(Reason.UNRECORDED, "young", request(paymentId="payment-0001"), hours=1),
    classified(Reason.UNRECORDED, "old", request(paymentId="payment-0002"), hours=9),
    classified(Reason.SETTLED, "settled", request(paymentId="payment-0003")),
    classified(Reason.CONFLICT, "conflict", request(paymentId="payment-0004")),
    classified(Reason.MALFORMED, "malformed", "{}"),
    classified(Reason.RETURNED, "returned", request(paymentId="payment-0005")),
]


def ids(letters: tuple[ClassifiedLetter, ...]) -> list[str]:
    return [each.letter.message_id for each in letters]


def test_by_default_all_go_that_may_oldest_first() -> None:
    chosen = plan(LETTERS, Selection())
    assert ids(chosen.redrive) == ["old", "settled", "young"]
    assert sorted(ids(chosen.refused)) == ["conflict", "malformed", "returned"]
    assert (chosen.left, chosen.absent) == ((), ())


@pytest.mark.parametrize(
    ("selection", "redriven"),
    [
        (Selection(reasons=[Reason.SETTLED]), ["settled"]),
        (Selection(message_ids=["old", "settled"]), ["old", "settled"]),
        (Selection(payment_ids=["payment-0001"]), ["young"]),
        (Selection(reasons=[Reason.UNRECORDED], payment_ids=["payment-0002"]), ["old"]),
        (Selection(reasons=[Reason.SETTLED], message_ids=["old"]), []),
    ],
)
def test_a_selection_narrows_it(selection: Selection, redriven: list[str]) -> None:
    chosen = plan(LETTERS, selection)
    assert ids(chosen.redrive) == redriven
    assert chosen.refused == ()
    assert len(chosen.left) == len(LETTERS) - len(redriven)


@pytest.mark.parametrize("name", ["conflict", "malformed", "returned"])
def test_what_would_come_back_is_refused_by_name_too(name: str) -> None:
    chosen = plan(LETTERS, Selection(message_ids=[name]))
    assert (ids(chosen.redrive), ids(chosen.refused)) == ([], [name])


def test_what_is_asked_for_and_not_there_is_told() -> None:
    chosen = plan(LETTERS, Selection(message_ids=["old", "gone"]))
    assert chosen.absent == ("gone",)
    assert plan([], Selection(payment_ids=["payment-0009"])).absent == ("payment-0009",)


@given(
    st.lists(st.sampled_from(list(Reason)), max_size=8),
    st.lists(st.sampled_from(list(Reason)), max_size=3),
    st.lists(st.sampled_from([str(number) for number in range(8)]), max_size=3),
)
def test_every_letter_is_planned_for_once_and_none_that_is_final_goes(
    reasons: list[Reason], asked: list[Reason], named: list[str]
) -> None:
    letters = [classified(reason, str(number)) for number, reason in enumerate(reasons)]
    chosen = plan(letters, Selection(reasons=asked, message_ids=named))
    parts = ids(chosen.redrive) + ids(chosen.refused) + ids(chosen.left)
    assert sorted(parts) == sorted(str(number) for number in range(len(letters)))
    assert not [each for each in chosen.redrive if each.reason in FINAL]
