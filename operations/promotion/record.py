"""The append-only record of an environment: who, when, which release, by which plan, with what result.

Entries are numbered and each holds the digest of the one before it, so a changed, removed or inserted entry
shows. The record is the lock as well: an operation that began and has not ended is in flight, and of two that
begin at once only one gets the next number.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from operations.errors import CommandError

BEGINNING = "0" * 64
"""Digest that the first entry names as the previous one."""


class RecordDamagedError(CommandError):
    """The record was changed, or a part of it is missing. The message states where."""

    kind = "RecordDamaged"


class EntryKind(StrEnum):
    """The kind of event that an entry records."""

    BEGAN = "began"
    """An operation began and is in flight: a promotion, rollback, deployment or destruction."""
    APPLIED = "applied"
    """One project's stack holds the release."""
    REFUTED = "verification-failed"
    """A verification failed."""
    VERIFIED = "verified"
    """The environment runs the release in all stacks and passed its verification."""
    ENDED = "ended"
    """The operation ended, with a `result`."""
    HELD = "held"
    """A hold was set: nothing is deployed until it is lifted."""
    RELEASED = "released"
    """The hold was lifted."""


class OperationResult(StrEnum):
    """The result of an operation."""

    PROMOTED = "promoted"
    DEPLOYED = "deployed"
    """A deployment by scripts/deploy.py is done."""
    DESTROYED = "destroyed"
    ROLLED_BACK = "rolled-back"
    """A requested rollback is done and verified."""
    FAILED_PUT_BACK = "failed-put-back"
    """It failed, and the last verified release was redeployed and verified."""
    FAILED = "failed"
    """It failed, and what the environment runs now is unverified."""
    INTERRUPTED = "interrupted"
    """It was stopped or killed between two steps: the stacks may hold different releases."""


class Actor(BaseModel):
    """User, host and process of an operation. The process shows whether it is still alive."""

    model_config = ConfigDict(frozen=True)

    user: str
    host: str
    process: int
    boot: str = ""
    """Boot id of the machine, which differs between machines and between restarts."""
    namespace: str = ""
    """PID namespace that the process number belongs to; empty if there is none."""
    started: datetime | None = None
    """Start of the process in the machine's local time; None if unknown."""

    def __str__(self) -> str:
        return f"{self.user} on {self.host} (process {self.process})"


class Entry(BaseModel):
    """One event in an environment's record."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    """From 1, without gaps."""
    environment: str
    at: datetime
    """UTC."""
    actor: Actor
    kind: EntryKind
    details: dict[str, Any]
    previous: str
    """Digest of the entry before this one."""
    digest: str = ""
    """SHA-256 over all of the above, hexadecimal."""

    def sealed(self) -> Self:
        """Return the entry with its digest."""
        return self.model_copy(update={"digest": self._digest()})

    def intact(self) -> bool:
        """Return whether the digest matches the content."""
        return self.digest == self._digest()

    def _digest(self) -> str:
        content = self.model_dump(mode="json", exclude={"digest"})
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A stop of deployments that a person lifts."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PromotionRecord:
    """The record of an environment."""

    environment: str
    entries: tuple[Entry, ...] = ()

    @property
    def in_flight(self) -> Entry | None:
        """The entry of the operation in flight, or None."""
        last = next((entry for entry in reversed(self.entries) if entry.kind in _BOUNDS), None)
        return last if last and last.kind is EntryKind.BEGAN else None

    @property
    def hold(self) -> Hold | None:
        """The active hold, or None."""
        for entry in reversed(self.entries):
            if entry.kind is EntryKind.RELEASED:
                return None
            if entry.kind is EntryKind.HELD:
                return Hold(at=entry.at, by=str(entry.actor), reason=entry.details["reason"])
        return None

    @property
    def partially_deployed(self) -> Entry | None:
        """The operation after which the stacks may hold different releases, or None.

        That is the latest one, where it is in flight, was interrupted, or failed and nothing was put back;
        a later verification resolves it. A plain deployment that is done does not count.
        """
        plainly = False
        for entry in reversed(self.entries):
            match entry.kind:
                case EntryKind.VERIFIED:
                    return None
                case EntryKind.BEGAN if not plainly:
                    return entry
                case EntryKind.BEGAN:
                    plainly = False
                case EntryKind.ENDED if entry.details["result"] in (
                    OperationResult.INTERRUPTED,
                    OperationResult.FAILED,
                ):
                    return entry
                case EntryKind.ENDED:
                    plainly = entry.details["result"] in _PLAIN
        return None

    @property
    def left(self) -> frozenset[str]:
        """Ids of releases abandoned by a rollback or a failure and not verified since."""
        found: set[str] = set()
        began: Mapping[str, Any] = {}
        for entry in self.entries:
            match entry.kind:
                case EntryKind.BEGAN:
                    began = entry.details
                    if began.get("action") == "rollback" and began.get("replaces"):
                        found.add(began["replaces"])
                case EntryKind.ENDED if (
                    entry.details["result"] in _FAILURES and began.get("action") == "promotion"
                ):
                    found.add(began["release"])
                case EntryKind.REFUTED:
                    found.add(entry.details["release"])
                case EntryKind.VERIFIED:
                    found.discard(entry.details["release"])
        return frozenset(found)

    def next(self, kind: EntryKind, *, at: datetime, actor: Actor, **details: Any) -> Entry:
        """Return the next entry."""
        return Entry(
            number=len(self.entries) + 1,
            environment=self.environment,
            at=at,
            actor=actor,
            kind=kind,
            details=details,
            previous=self.entries[-1].digest if self.entries else BEGINNING,
        ).sealed()


_BOUNDS = (EntryKind.BEGAN, EntryKind.ENDED)
_PLAIN = (OperationResult.DEPLOYED, OperationResult.DESTROYED)
_FAILURES = (OperationResult.FAILED, OperationResult.FAILED_PUT_BACK)


def read(environment: str, lines: Sequence[str]) -> PromotionRecord:
    """Parse a record from JSON documents, one per entry, in order. Raises RecordDamagedError."""
    entries: list[Entry] = []
    for number, line in enumerate(lines, start=1):
        where = f"The promotion record of {environment}, entry {number}"
        try:
            entry = Entry.model_validate_json(line)
        except ValidationError as error:
            problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise RecordDamagedError(f"{where} can't be read: {problems}. {_WHAT_TO_DO}") from None
        if not entry.intact():
            raise RecordDamagedError(f"{where} was changed after it was written. {_WHAT_TO_DO}")
        if entry.previous != (entries[-1].digest if entries else BEGINNING) or entry.number != number:
            raise RecordDamagedError(
                f"{where} does not follow the one before it: some are lost. {_WHAT_TO_DO}"
            )
        if entry.environment != environment:
            raise RecordDamagedError(f"{where} belongs to {entry.environment}. {_WHAT_TO_DO}")
        entries.append(entry)
    return PromotionRecord(environment=environment, entries=tuple(entries))


_WHAT_TO_DO = "Find out who changed it, and restore it from the storage's own versions or a backup."
