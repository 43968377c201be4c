"""Reads a dead-letter queue and judges every letter by the ledger."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from operations.dead_letters.letter import Judged, Letter, Standing, judge, may_conflict
from operations.dead_letters.queue import DeadLetterQueue
from operations.dead_letters.redrive_counts import RedriveCounts
from operations.payments.ledger import LedgerReader

LETTERS_AT_ONCE = 100
"""Judged with one read of the ledger."""


@dataclass(frozen=True, kw_only=True)
class Examined:
    """What the queue holds. `complete` is false where it may hold more than was read."""

    letters: tuple[Judged, ...]
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
    judged: list[Judged] = []
    unjudged: list[Letter] = []
    with queue.reading(time_limit) as current:
        for page in current.pages():
            room = most - len(judged) - len(unjudged)
            unjudged += [Letter.of(message) for message in page[:room]]
            if len(unjudged) >= LETTERS_AT_ONCE:
                judged += _judge(unjudged, ledger, counts, most_redrives)
                unjudged = []
            report(len(judged) + len(unjudged))
            if len(judged) + len(unjudged) >= most:
                break
        judged += _judge(unjudged, ledger, counts, most_redrives)
        return Examined(letters=tuple(judged), complete=current.complete)


def _judge(
    letters: Sequence[Letter], ledger: LedgerReader, counts: RedriveCounts, most_redrives: int
) -> list[Judged]:
    payments = ledger.payments(letter.payment_id for letter in letters if letter.payment_id)
    redrives = counts.get(
        (letter.payment_id, letter.content_digest)
        for letter in letters
        if letter.payment_id and letter.content_digest
    )
    judged = []
    for letter in letters:
        payment = payments.get(letter.payment_id or "")
        standing = Standing(
            payment=payment,
            conflict_recorded=may_conflict(letter, payment)
            and ledger.has_conflict(letter.payment_id or "", letter.content_digest or "", letter.message_id),
            redrives=redrives.get((letter.payment_id or "", letter.content_digest or ""), 0),
        )
        found = judge(letter, standing, most_redrives=most_redrives)
        judged.append(replace(found, letter=replace(letter, request=None)))
    return judged
