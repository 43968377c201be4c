"""Reads a dead-letter queue and judges every letter by the ledger."""

from collections.abc import Callable
from dataclasses import dataclass

from operations.dead_letters.letter import Judged, judge
from operations.dead_letters.queue import DeadLetterQueue
from operations.payments.ledger import LedgerReader


@dataclass(frozen=True, kw_only=True)
class Examined:
    """What the queue holds. `complete` is false where it may hold more than was read."""

    letters: tuple[Judged, ...]
    complete: bool


def examine(
    queue: DeadLetterQueue,
    ledger: LedgerReader,
    *,
    most: int,
    most_redrives: int,
    told: Callable[[int], None] = lambda _: None,
) -> Examined:
    """Look at up to `most` letters; see `judge` for `most_redrives`."""
    letters = queue.read(most, told)
    stored = ledger.stored(letter.payment_id for letter in letters if letter.payment_id)
    return Examined(
        letters=tuple(
            judge(letter, stored.get(letter.payment_id or ""), most_redrives=most_redrives)
            for letter in letters
        ),
        complete=len(letters) < most,
    )
