"""Write the records of environments: begin and end operations, one at a time, and set or lift holds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from operations.errors import CommandError, ExitCode
from operations.promotion.record import Actor, Entry, EntryKind, OperationResult, PromotionRecord, read
from operations.promotion.storage import Storage


class InFlightError(CommandError):
    """Another operation is in flight in the environment, or ran since this one was planned."""

    exit_code = ExitCode.FINDINGS
    kind = "InFlight"


@dataclass(frozen=True, kw_only=True)
class Journal:
    """The records of all environments.

    `alive` returns whether an actor's process still runs; None if that is unknown.
    """

    storage: Storage
    actor: Actor
    clock: Callable[[], datetime]
    alive: Callable[[Actor], bool | None]

    def record(self, environment: str) -> PromotionRecord:
        """Return the environment's record. Raises RecordDamagedError or StorageError."""
        return read(environment, self.storage.read(environment))

    def begin(self, environment: str, *, expected: int, take_over: bool = False, **details: Any) -> Entry:
        """Begin an operation if the environment's record still has `expected` entries.

        An in-flight operation of a dead process is recorded as interrupted first; with `take_over`, also one
        whose process cannot be checked. Raises InFlightError.
        """
        record = self.record(environment)
        if len(record.entries) != expected:
            raise InFlightError(
                f"{environment}: {self._last(record)} since this was prepared. Look again, then decide again."
            )
        other = record.in_flight
        if other is not None:
            self._must_be_over(other, take_over=take_over)
            record = self._append(
                record,
                EntryKind.ENDED,
                result=OperationResult.INTERRUPTED,
                reason=f"{other.actor} began it at {other.at:%Y-%m-%d %H:%M:%S} UTC and never ended it",
            )
        return self._append(record, EntryKind.BEGAN, **details).entries[-1]

    def take_over(self, environment: str, reason: str, *, unknown: bool = True) -> bool:
        """Record the in-flight operation as interrupted; return False if there is none.

        Raises InFlightError if its process runs, or if that is unknown and `unknown` is false.
        """
        record = self.record(environment)
        if record.in_flight is None:
            return False
        self._must_be_over(record.in_flight, take_over=unknown)
        self._append(record, EntryKind.ENDED, result=OperationResult.INTERRUPTED, reason=reason)
        return True

    def append(self, began: Entry, kind: EntryKind, **details: Any) -> None:
        """Add an entry to the operation of `began`. Raises InFlightError if it was taken over meanwhile."""
        record = self.record(began.environment)
        if record.in_flight is None or record.in_flight.digest != began.digest:
            raise InFlightError(
                f"{began.environment}: another operation took this one for dead and went on; "
                f"{self._last(record)}. See: python scripts/promote.py history --env {began.environment}"
            )
        self._append(record, kind, **details)

    def note(self, environment: str, kind: EntryKind, **details: Any) -> None:
        """Add an entry outside of any operation. Raises InFlightError during an operation."""
        record = self.record(environment)
        if record.in_flight is not None:
            raise InFlightError(f"{environment}: {describe(record.in_flight)}. Wait for its end.")
        self._append(record, kind, **details)

    def _append(self, record: PromotionRecord, kind: EntryKind, **details: Any) -> PromotionRecord:
        entry = record.next(kind, at=self.clock(), actor=self.actor, **details)
        if not self.storage.create(record.environment, entry.number, entry.model_dump_json()):
            now = self.record(record.environment)
            raise InFlightError(f"{record.environment}: {self._last(now)}, just now.")
        return PromotionRecord(environment=record.environment, entries=(*record.entries, entry))

    def _must_be_over(self, other: Entry, *, take_over: bool) -> None:
        alive = self.alive(other.actor)
        if alive or (alive is None and not take_over):
            advice = "Wait for its end."
            if alive is None:
                advice += (
                    " If it was killed, go on in its place with --take-over, or: "
                    f"python scripts/promote.py take-over --env {other.environment} --reason TEXT"
                )
            raise InFlightError(f"{other.environment}: {describe(other)}. {advice}")

    @staticmethod
    def _last(record: PromotionRecord) -> str:
        return describe(record.entries[-1]) if record.entries else "its record was emptied"


def describe(entry: Entry) -> str:
    """Return a short description of an entry."""
    what = entry.details.get("result") or entry.details.get("action") or entry.kind
    return f"{entry.kind} ({what}) by {entry.actor} at {entry.at:%Y-%m-%d %H:%M:%S} UTC"
