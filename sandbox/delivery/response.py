"""How Lambda reads a function's answer to a batch."""

from collections.abc import Sequence
from typing import Any


def failed_messages(ids: Sequence[str], answer: Any, *, partial: bool) -> frozenset[str]:
    """Which messages of a batch come back to the queue, given what the function answered.

    None of them, where the mapping does not report partial failures (`partial`), the answer is null or has an
    empty or no list `batchItemFailures`; those that it names; all of them where it names none of the batch,
    names an empty identifier, or can't be understood.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
    """
    everything = frozenset(ids)
    if not partial or answer is None:
        return frozenset()
    if not isinstance(answer, dict):
        return everything
    failures = answer.get("batchItemFailures")
    if failures is None:
        return frozenset()
    if not isinstance(failures, list) or not all(isinstance(failure, dict) for failure in failures):
        return everything
    named = [failure.get("itemIdentifier") for failure in failures]
    if not all(isinstance(name, str) and name in everything for name in named):
        return everything
    return frozenset(named)
