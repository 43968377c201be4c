"""What a check found: violations, accepted ones, what could not be asked, exceptions to look after."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from policies.configuration import BLOCKING, Level, PackConfiguration
from policies.evaluation import NotEvaluated, Violation
from policies.exceptions import PolicyException


class Exit(IntEnum):
    """Exit codes: clean, violations, could not check."""

    CLEAN = 0
    VIOLATIONS = 1
    NOT_CHECKED = 2


@dataclass(frozen=True, kw_only=True)
class PolicyFinding:
    """A violation with the level that counts for it, and the exception that accepts it or has expired."""

    violation: Violation
    level: Level
    accepted: PolicyException | None = None
    expired: PolicyException | None = None

    @property
    def blocks(self) -> bool:
        """Whether it must be mended before a deployment."""
        return self.accepted is None and self.level in BLOCKING


@dataclass(frozen=True, kw_only=True)
class PolicyReport:
    """The outcome of a check; nothing that was left out looks clean.

    `sources` are the file and line that declared a resource, by URN, where the state knows them. `examined`
    counts the resources that a rule was asked about, by its id.
    """

    project: str
    environment: str
    resources: int
    rules: int
    findings: tuple[PolicyFinding, ...] = ()
    not_evaluated: tuple[NotEvaluated, ...] = ()
    unused_exceptions: tuple[PolicyException, ...] = ()
    examined: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    configuration: PackConfiguration = field(default_factory=PackConfiguration)

    @property
    def blocking(self) -> tuple[PolicyFinding, ...]:
        """What must be mended."""
        return tuple(finding for finding in self.findings if finding.blocks)

    @property
    def advisory(self) -> tuple[PolicyFinding, ...]:
        """What is worth mending."""
        return tuple(finding for finding in self.findings if not finding.blocks and finding.accepted is None)

    @property
    def accepted(self) -> tuple[PolicyFinding, ...]:
        """What an exception accepts for now."""
        return tuple(finding for finding in self.findings if finding.accepted is not None)

    @property
    def exit_code(self) -> Exit:
        """Violations first; then what could not be checked, where it would block."""
        if self.blocking:
            return Exit.VIOLATIONS
        if any(self.configuration.level(outcome.rule) in BLOCKING for outcome in self.not_evaluated):
            return Exit.NOT_CHECKED
        return Exit.CLEAN
