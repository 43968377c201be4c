"""Exceptions: a named owner answers for one rule on some resources until a date, in plain sight."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

MINIMUM_REASON = 10
"""Characters that a reason needs, as cdk-nag asks of a suppression."""

LONGEST = timedelta(days=366)
"""How far ahead an exception may expire; it is renewed by review, not by a far date."""

_TYPE = re.compile(r"(.*[$*])?[^$*?]+:[^$*?]+:[^$*?]+")
"""The type that a URN ends with, in full; its parents may be a glob."""

SCHEMA: dict[str, object] = {
    "type": "array",
    "description": "Resources on which a violation of this rule is accepted until a date.",
    "items": {
        "type": "object",
        "required": ["urn", "reason", "owner", "expires"],
        "additionalProperties": False,
        "properties": {
            "urn": {
                "type": "string",
                "description": "Glob over URNs; the resource's name may not be all wildcard.",
            },
            "reason": {"type": "string", "minLength": MINIMUM_REASON},
            "owner": {"type": "string", "minLength": 3},
            "expires": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
        },
    },
}


@dataclass(frozen=True, kw_only=True)
class PolicyException:
    """One accepted violation: `urn` is a glob, `expires` the last day on which it counts."""

    rule: str
    urn: str
    reason: str
    owner: str
    expires: date

    def expired(self, today: date) -> bool:
        """Return whether its last day is over."""
        return today > self.expires

    def covers(self, rule: str, urn: str) -> bool:
        """Return whether it is about this rule and resource."""
        return rule == self.rule and bool(_glob(self.urn).fullmatch(urn))

    def concerns(self, stack: str, project: str) -> bool:
        """Whether it could be about a resource of this stack; elsewhere it is neither used nor unused."""
        return bool(_glob("::".join(self.urn.split("::")[:2])).fullmatch(f"urn:pulumi:{stack}::{project}"))

    def note(self) -> str:
        """Return the line that stands under an accepted violation."""
        return f"Accepted until {self.expires.isoformat()} by {self.owner}: {self.reason}"

    def expiry_note(self) -> str:
        """Return the line that stands under a violation which it accepted once."""
        return f"The exception for it expired on {self.expires.isoformat()} ({self.owner})."


def active(exceptions: Iterable[PolicyException], rule: str, urn: str, today: date) -> PolicyException | None:
    """Return the exception that accepts a violation today, if there is one."""
    return next((found for found in exceptions if found.covers(rule, urn) and not found.expired(today)), None)


def expired(
    exceptions: Iterable[PolicyException], rule: str, urn: str, today: date
) -> PolicyException | None:
    """Return the exception that would have accepted a violation, had it not expired."""
    return next((found for found in exceptions if found.covers(rule, urn) and found.expired(today)), None)


def unused(
    exceptions: Iterable[PolicyException],
    *,
    stack: str,
    project: str,
    used: Sequence[tuple[str, str]],
) -> list[PolicyException]:
    """The exceptions that could concern this stack and were needed by none of its (rule id, URN) pairs.

    `used` holds every violation and every rule that could not be evaluated: those may still need it.
    """
    return [
        found
        for found in exceptions
        if found.concerns(stack, project) and not any(found.covers(rule, urn) for rule, urn in used)
    ]


def problems(found: PolicyException, today: date) -> list[str]:
    """Return what is wrong with an exception itself, apart from having expired."""
    complaints = []
    segments = found.urn.split("::")
    if len(segments) != 4 or not segments[0].startswith("urn:pulumi:"):
        complaints.append(
            f"urn {found.urn!r} must have four segments: urn:pulumi:STACK::PROJECT::TYPE::NAME, with globs"
        )
    elif not _TYPE.fullmatch(segments[2]) or not re.search(r"[^*?]{3}", segments[3]):
        complaints.append(f"urn {found.urn!r} is a catch-all: say which type and which name it is about")
    if found.expires - today > LONGEST:
        complaints.append(f"expires {found.expires.isoformat()} is more than {LONGEST.days} days ahead")
    return complaints


@lru_cache(maxsize=256)
def _glob(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)
