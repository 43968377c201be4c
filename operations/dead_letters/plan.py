"""What to redrive: of all dead letters those that were asked for, and of these none that only comes back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from operations.dead_letters.letter import FINAL, Judged, Reason


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which letters are asked for. Each criterion that names nothing leaves all through."""

    reasons: Collection[Reason] = ()
    message_ids: Collection[str] = ()
    payment_ids: Collection[str] = ()

    def takes(self, judged: Judged) -> bool:
        """Whether a letter is among them."""
        return (
            (not self.reasons or judged.reason in self.reasons)
            and (not self.message_ids or judged.letter.message_id in self.message_ids)
            and (not self.payment_ids or judged.letter.payment_id in self.payment_ids)
        )


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a redrive does, and what it leaves in the queue."""

    redrive: tuple[Judged, ...]
    refused: tuple[Judged, ...]
    """Asked for, and would only come back."""
    left: tuple[Judged, ...]
    """Not asked for."""
    absent: tuple[str, ...] = ()
    """Ids of messages and payments that were asked for, and are not in the queue."""


def plan(letters: Sequence[Judged], selection: Selection) -> Plan:
    """Decide, oldest letter first."""
    ordered = sorted(letters, key=lambda judged: (judged.letter.sent_at, judged.letter.message_id))
    asked = [judged for judged in ordered if selection.takes(judged)]
    there = {judged.letter.message_id for judged in ordered} | {
        judged.letter.payment_id for judged in ordered
    }
    return Plan(
        redrive=tuple(judged for judged in asked if judged.reason not in FINAL),
        refused=tuple(judged for judged in asked if judged.reason in FINAL),
        left=tuple(judged for judged in ordered if not selection.takes(judged)),
        absent=tuple(sorted({*selection.message_ids, *selection.payment_ids} - there)),
    )
