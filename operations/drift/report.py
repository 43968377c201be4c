"""What a drift run found: findings, what could not be checked, and what that comes to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class Check(StrEnum):
    """The four questions, which are never mixed."""

    CLOUD = "cloud"
    """Does the account match the state?"""
    CODE = "code"
    """Does the state match the program?"""
    PARITY = "parity"
    """Is the target what the baseline is, but for the controlled variations?"""
    UNMANAGED = "unmanaged"
    """Does the account hold what no stack manages?"""


class Kind(StrEnum):
    """What sets the two sides of a finding apart."""

    CHANGED = "changed"
    MISSING = "missing"
    """The target side lacks it."""
    EXTRA = "extra"
    """Only the target side has it."""


class Classification(StrEnum):
    """What a difference is judged to be."""

    DRIFT = "drift"
    CONTROLLED = "controlled"
    """A scaling field drives it, and both sides hold the values that their own configuration declares."""
    IDENTITY = "identity"
    """Text in which an identity value stands, or the length of a list of people; both sides as declared."""
    WAIVED = "waived"

    @property
    def is_declared(self) -> bool:
        """Whether the configuration accounts for the difference: it is meant to stay."""
        return self in (Classification.CONTROLLED, Classification.IDENTITY)


class Severity(StrEnum):
    """How much harm a difference may do, worst last: compare with `rank`."""

    LOW = "low"
    """Cosmetics: descriptions, tags."""
    MEDIUM = "medium"
    """Capacity and timing."""
    HIGH = "high"
    """Data protection and the payments' own path."""
    CRITICAL = "critical"
    """IAM, network exposure, encryption."""

    @property
    def rank(self) -> int:
        """0 for the mildest."""
        return list(Severity).index(self)


class Status(StrEnum):
    """What a check came to. What could not be looked at is never in sync."""

    IN_SYNC = "in-sync"
    DRIFT = "drift"
    NOT_CHECKED = "not-checked"


ABSENT = "(absent)"
"""Stands for the value of a side that has none: None is a value that a property may have."""

MASKED = "[secret]"
"""Stands for a secret value, in every format."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One difference at one property of one resource (or of a whole resource, or of a stack)."""

    check: Check
    project: str
    environment: str
    """The environment that differs: the target of parity; the stack's own in the other checks."""
    resource: str
    """Logical name; `(stack)` for the stack's own properties, such as its outputs."""
    type: str
    """Pulumi type token, such as `aws:lambda/function:Function`."""
    path: str
    """Property, as in `environment.variables.LOG_LEVEL` or `ingress[0].fromPort`; empty for the resource."""
    kind: Kind
    classification: Classification
    severity: Severity
    baseline: Any
    """Parity: the baseline environment's value. Cloud: the state's. Code: the state's."""
    target: Any
    """Parity: the target environment's value. Cloud: the account's. Code: the program's."""
    explained_by: str | None = None
    """The scaling field (`payments:memoryMb`) or the waiver (its id) that explains it."""
    reason: str | None = None
    """Why it may differ, in the words of the scaling field or of the waiver."""
    fix: str
    """What to do about it: a command, or what to change."""
    since: datetime | None = None
    """When the history first knew of it."""


@dataclass(frozen=True, kw_only=True)
class NotChecked:
    """A stack, or a part of one, that a check could not look at."""

    check: Check
    project: str
    environment: str
    reason: str
    fix: str


@dataclass(frozen=True, kw_only=True)
class WaiverNotice:
    """A waiver that needs somebody's attention: nothing matches it, or its time is over."""

    waiver: str
    """Its id."""
    problem: str
    """`unused` or `expired`."""
    owner: str
    expires: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class Past:
    """An earlier run between the same environments, as the history keeps it."""

    at: datetime
    """UTC."""
    drift: Mapping[Severity, int]
    """Findings of class drift by severity; a severity that is not there had none."""
    complete: bool
    """Whether it could look at everything that it was asked for."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """The outcome of a run."""

    baseline: str
    target: str
    source: str
    """Where the states came from: `live`, `export` or `code`."""
    generated_at: datetime
    """UTC."""
    checks: tuple[Check, ...]
    """Those that were asked for."""
    projects: tuple[str, ...]
    environments: tuple[str, ...] = ()
    """Those whose accounts the checks other than parity look at; baseline and target by default."""
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    waivers: tuple[WaiverNotice, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    """What a reader should know besides, by subject: for instance a break-glass setting in force."""
    history: tuple[Past, ...] = ()
    """Earlier runs, oldest first, where a history is kept."""

    def of(self, check: Check, classification: Classification | None = None) -> tuple[Finding, ...]:
        """The findings of a check, of one class or of all."""
        return tuple(
            finding
            for finding in self.findings
            if finding.check is check and classification in (None, finding.classification)
        )

    def status(self, check: Check) -> Status:
        """What a check came to: drift where any was found, else not checked where anything was left out."""
        if self.of(check, Classification.DRIFT):
            return Status.DRIFT
        if check not in self.checks or any(left_out.check is check for left_out in self.not_checked):
            return Status.NOT_CHECKED
        return Status.IN_SYNC
