"""Reads a dead-letter queue and judges every letter by the ledger."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from operations.dead_letters.letter import ClassifiedLetter, LedgerFacts, Letter, classify, may_conflict
from operations.dead_letters.queue import DeadLetterQueue
from operations.dead_letters.redrive_counts import RedriveCounts
from operations.payments.ledger import LedgerReader

BATCH_SIZE = 100
"""ClassifiedLetter with one read of the ledger."""


@dataclass(frozen=True, kw_only=True)
class Examined:
    """What the queue holds. `complete` is false where it may hold more than was read."""

    letters: tuple[ClassifiedLetter, ...]
    complete: bool


def examine(
    queue: DeadLetterQueue,
    ledger: LedgerReader,
    counts: RedriveCounts,
    *,
    most: int,
    most_redrives: int,
    time_limit: float = float("inf"),
    report: Callable[[int], None] = lambda _: None,
) -> Examined:
    """Look at up to `most` letters, for `time_limit` seconds at most; `report` gets the number so far."""
    classified: list[ClassifiedLetter] = []
    unclassified: list[Letter] = []
    with queue.reading(time_limit) as current:
        for page in current.pages():
            room = most - len(classified) - len(unclassified)
            unclassified += [Letter.of(message) for message in page[:room]]
            if len(unclassified) >= BATCH_SIZE:
                classified += _classify(unclassified, ledger, counts, most_redrives)
                unclassified = []
            report(len(classified) + len(unclassified))
            if len(classified) + len(unclassified) >= most:
                break
        classified += _classify(unclassified, ledger, counts, most_redrives)
        return Examined(letters=tuple(classified), complete=current.complete)


def _classify(
    letters: Sequence[Letter], ledger: LedgerReader, counts: RedriveCounts, most_redrives: int
) -> list[ClassifiedLetter]:
    payments = ledger.payments(letter.payment_id for letter in letters if letter.payment_id)
    redrives = counts.get(
        (letter.payment_id, letter.content_digest)
        for letter in letters
        if letter.payment_id and letter.content_digest
    )
    classified = []
    for letter in letters:
        payment = payments.get(letter.payment_id or "")
        facts = LedgerFacts(
            payment=payment,
            conflict_recorded=may_conflict(letter, payment)
            and ledger.has_conflict(letter.payment_id or "", letter.content_digest or "", letter.message_id),
            redrives=redrives.get((letter.payment_id or "", letter.content_digest or ""), 0),
        )
        found = classify(letter, facts, most_redrives=most_redrives)
        classified.append(replace(found, letter=replace(letter, request=None)))
    return classified
