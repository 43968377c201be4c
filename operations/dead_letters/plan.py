"""What to redrive: of all dead letters those that were asked for, and of these none that only comes back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from operations.dead_letters.letter import FINAL, ClassifiedLetter, Reason


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which letters are asked for. Each criterion that names nothing leaves all through."""

    reasons: Collection[Reason] = ()
    message_ids: Collection[str] = ()
    payment_ids: Collection[str] = ()

    def takes(self, classified: ClassifiedLetter) -> bool:
        """Whether a letter is among them."""
        return (
            (not self.reasons or classified.reason in self.reasons)
            and (not self.message_ids or classified.letter.message_id in self.message_ids)
            and (not self.payment_ids or classified.letter.payment_id in self.payment_ids)
        )


@dataclass(frozen=True, kw_only=True)
class RedrivePlan:
    """What a redrive does, and what it leaves in the queue."""

    redrive: tuple[ClassifiedLetter, ...]
    refused: tuple[ClassifiedLetter, ...]
    """Asked for, and would only come back."""
    left: tuple[ClassifiedLetter, ...]
    """Not asked for."""
    absent: tuple[str, ...] = ()
    """Ids of messages and payments that were asked for, and are not in the queue."""


def plan(letters: Sequence[ClassifiedLetter], selection: Selection) -> RedrivePlan:
    """Decide, oldest letter first."""
    ordered = sorted(
        letters, key=lambda classified: (classified.letter.sent_at, classified.letter.message_id)
    )
    asked = [classified for classified in ordered if selection.takes(classified)]
    there = {classified.letter.message_id for classified in ordered} | {
        classified.letter.payment_id for classified in ordered
    }
    return RedrivePlan(
        redrive=tuple(classified for classified in asked if classified.reason not in FINAL),
        refused=tuple(classified for classified in asked if classified.reason in FINAL),
        left=tuple(classified for classified in ordered if not selection.takes(classified)),
        absent=tuple(sorted({*selection.message_ids, *selection.payment_ids} - there)),
    )
