"""Configuration mistakes: collected, then reported all together."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

MASKED = "[secret]"


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """One wrong value: where it stands, what it is, what would be allowed, what to do."""

    key: str
    """The configuration key, as `pulumi config set` takes it, or another name of the place."""
    value: object = None
    """The offending value; None when it is absent. Pass MASKED for a secret."""
    allowed: str
    fix: str

    def __str__(self) -> str:
        shown = (
            "is not set"
            if self.value is None
            else f"is {self.value!r}"
            if self.value != MASKED
            else "(a secret)"
        )
        return f"{self.key} {shown}: must be {self.allowed}. To fix: {self.fix}"


class InvalidConfiguration(pulumi.RunError):
    """A stack's configuration can't be used. The message lists every mistake; Pulumi prints no traceback."""

    def __init__(self, subject: str, mistakes: Sequence[Mistake]) -> None:
        self.subject = subject
        self.mistakes = tuple(mistakes)
        count = "1 mistake" if len(self.mistakes) == 1 else f"{len(self.mistakes)} mistakes"
        lines = "".join(f"\n  - {mistake}" for mistake in self.mistakes)
        super().__init__(f"{subject}: {count} in the configuration{lines}")
