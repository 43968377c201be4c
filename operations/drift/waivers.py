"""Differences that are known and borne for a while: a reviewed file that says why, who, and until when."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from operations.drift.report import Check, Classification, Finding, Kind, Severity, WaiverNotice

_LITERAL = re.compile(r"[A-Za-z0-9]{2}")
LONGEST_DAYS = 366
"""A waiver is reviewed at least once a year."""
LONGEST_DAYS_CRITICAL = 14
"""One of critical findings, which takes two owners, at least every two weeks."""


class InvalidWaivers(Exception):  # noqa: N818  says what the file is
    """The file of waivers can't be used. The message lists every mistake."""


def _is_no_catch_all(glob: str) -> str:
    parts = _parts(glob)
    if parts is None or not all(
        _LITERAL.search(part.replace("*", "\0").replace("?", "\0")) for part in parts
    ):
        raise ValueError(
            "must be PROJECT/RESOURCE.PROPERTY, such as payments/payments-table.tags*; "
            "each of the three names something: a catch-all waives what nobody has seen"
        )
    return glob


class Range(BaseModel):
    """Numbers from one to another, both included."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    minimum: float
    maximum: float


class Waiver(BaseModel):
    """A difference that is borne."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{2,}$")]
    path: Annotated[str, AfterValidator(_is_no_catch_all)]
    """Glob of project, resource and property; `*` is any text, `?` any letter."""
    checks: Annotated[tuple[Check, ...], Field(min_length=1)]
    environments: Annotated[tuple[str, ...], Field(min_length=1)]
    """Those that may differ: the target of parity, the stack's own in the other checks."""
    expected: Any = None
    """The value that the environment may have."""
    range: Range | None = None
    """Or the numbers that it may have."""
    reason: Annotated[str, Field(min_length=20)]
    owner: Annotated[str, Field(min_length=3)]
    second_owner: Annotated[str, Field(min_length=3)] | None = None
    """Somebody else who vouches for it: then it covers critical findings, too."""
    expires: date

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        given = self.model_fields_set & {"expected", "range"}
        if len(given) != 1:
            raise ValueError("give either `expected` (a value) or `range` (minimum and maximum)")
        if self.second_owner and self.second_owner.strip().casefold() == self.owner.strip().casefold():
            raise ValueError("`second_owner` must be somebody else than `owner`")
        return self

    @property
    def owners(self) -> str:
        """The names of those who vouch for it."""
        return " and ".join(filter(None, (self.owner, self.second_owner)))

    def fits(self, finding: Finding) -> bool:
        """Whether it is about this finding, and the value is an expected one."""
        return (
            finding.check in self.checks
            and finding.environment in self.environments
            and _matches(self.path, finding)
            and self._expects(finding.target)
        )

    def _expects(self, value: Any) -> bool:
        if self.range is None:
            return bool(value == self.expected) and isinstance(value, bool) is isinstance(self.expected, bool)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and self.range.minimum <= value <= self.range.maximum


def read_waivers(path: Path, today: date) -> tuple[Waiver, ...]:
    """The waivers of a file. Raises InvalidWaivers."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidWaivers(f"{path} can't be read: {error}") from error
    listed = document.get("waivers", []) if isinstance(document, dict) else None
    if not isinstance(listed, list) or set(document) - {"waivers"}:
        raise InvalidWaivers(f"{path} must hold one list, `waivers`; docs/drift.md shows one.")
    found: list[Waiver] = []
    mistakes: list[str] = []
    for position, entry in enumerate(listed, start=1):
        name = entry.get("id", f"number {position}") if isinstance(entry, dict) else f"number {position}"
        try:
            waiver = Waiver.model_validate(entry)
        except ValidationError as error:
            mistakes += [
                f"{name}: {'.'.join(map(str, each['loc'])) or 'waiver'}: {each['msg']}"
                for each in error.errors()
            ]
            continue
        if waiver.id in {each.id for each in found}:
            mistakes.append(f"{name}: there is another waiver of this id")
        longest = LONGEST_DAYS_CRITICAL if waiver.second_owner else LONGEST_DAYS
        if (waiver.expires - today).days > longest:
            covers = " for one of two owners, which covers critical findings" if waiver.second_owner else ""
            mistakes.append(f"{name}: expires: no later than {longest} days from today{covers}")
        found.append(waiver)
    if mistakes:
        raise InvalidWaivers("\n  - ".join([f"{path} has mistakes:", *mistakes]))
    return tuple(found)


def waivable(finding: Finding, *, owners: int = 1) -> bool:
    """Return whether a waiver of so many owners may cover a finding.

    A critical finding takes two. A missing resource is never waived.
    """
    gone = finding.path == "" and finding.kind is Kind.MISSING
    enough = owners >= 2 or finding.severity is not Severity.CRITICAL
    return finding.classification is Classification.DRIFT and enough and not gone


def waive(findings: Iterable[Finding], waivers: Sequence[Waiver], today: date) -> tuple[Finding, ...]:
    """The findings, those waived that a waiver in force fits."""
    in_force = [waiver for waiver in waivers if waiver.expires >= today]
    return tuple(_waived(finding, in_force) for finding in findings)


def notices(
    findings: Iterable[Finding],
    waivers: Iterable[Waiver],
    today: date,
    *,
    checks: Iterable[Check],
    environments: Iterable[str],
) -> tuple[WaiverNotice, ...]:
    """The waivers that are over, or that nothing needs, as far as this run looked where they apply."""
    used = {finding.explained_by for finding in findings if finding.classification is Classification.WAIVED}
    looked_at = set(checks), set(environments)
    found = []
    for waiver in waivers:
        if waiver.expires < today:
            problem = "expired"
        elif (
            waiver.id not in used
            and looked_at[0].issuperset(waiver.checks)
            and looked_at[1].issuperset(waiver.environments)
        ):
            problem = "unused"
        else:
            continue
        found.append(
            WaiverNotice(
                waiver=waiver.id,
                problem=problem,
                owner=waiver.owners,
                expires=waiver.expires,
                reason=waiver.reason,
            )
        )
    return tuple(found)


def _waived(finding: Finding, in_force: Iterable[Waiver]) -> Finding:
    for waiver in in_force:
        if waivable(finding, owners=2 if waiver.second_owner else 1) and waiver.fits(finding):
            return replace(
                finding,
                classification=Classification.WAIVED,
                explained_by=waiver.id,
                reason=f"{waiver.reason} ({waiver.owners}, until {waiver.expires})",
            )
    return finding


def _parts(glob: str) -> tuple[str, str, str] | None:
    project, slash, rest = glob.partition("/")
    resource, dot, path = rest.partition(".")
    return (project, resource, path) if slash and dot else None


def _matches(glob: str, finding: Finding) -> bool:
    pattern = re.escape(glob).replace(r"\*", ".*").replace(r"\?", ".")
    return bool(re.fullmatch(pattern, f"{finding.project}/{finding.resource}.{finding.path}", re.DOTALL))
