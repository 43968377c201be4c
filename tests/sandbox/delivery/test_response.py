from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.delivery.response import failed_messages

IDS = ("a", "b", "c")
NAMES = st.sampled_from([*IDS, "unknown", "", None, 7])


def named(*identifiers: Any) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in identifiers]}


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_an_answer_without_failures_is_a_success(answer: Any) -> None:
    assert failed_messages(IDS, answer, partial=True) == frozenset()


def test_named_messages_come_back_and_no_others() -> None:
    assert failed_messages(IDS, named("b"), partial=True) == {"b"}


@pytest.mark.parametrize(
    "answer",
    [
        named("unknown"),
        named("a", ""),
        named(None),
        "text",
        [],
        {"batchItemFailures": "a"},
        {"batchItemFailures": ["a"]},
        {"batchItemFailures": [{}]},
    ],
)
def test_an_answer_that_makes_no_sense_fails_the_whole_batch(answer: Any) -> None:
    assert failed_messages(IDS, answer, partial=True) == set(IDS)


def test_without_partial_responses_an_answer_says_nothing() -> None:
    assert failed_messages(IDS, named("a"), partial=False) == frozenset()


@given(st.lists(NAMES))
def test_nothing_but_messages_of_the_batch_ever_comes_back(names: list[Any]) -> None:
    failed = failed_messages(IDS, named(*names), partial=True)
    understood = all(name in IDS for name in names)
    assert failed == (set(names) if understood else set(IDS))
