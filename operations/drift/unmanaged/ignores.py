"""Resources that are known to be beside the stacks: a reviewed file with reason, owner and expiry."""

import re
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

LONGEST_DAYS = 366
LONGEST_DAYS_CRITICAL = 14
"""For an entry of two owners, which also covers critical findings on managed resources."""


class InvalidIgnoresError(Exception):
    """The file can't be used. The message lists every mistake."""


def _names_something(glob: str) -> str:
    parts = glob.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn" or not re.search(r"[A-Za-z0-9]{3}", parts[5]):
        raise ValueError(
            "must be the pattern of an ARN whose resource names something, such as "
            "arn:aws:iam::*:role/audit-*; a catch-all ignores what nobody has seen"
        )
    return glob


class Ignore(BaseModel):
    """Resources that may be beside the stacks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    arn: Annotated[str, AfterValidator(_names_something)]
    """Pattern of their ARNs; `*` is any text, `?` any letter."""
    reason: Annotated[str, Field(min_length=20)]
    owner: Annotated[str, Field(min_length=3)]
    second_owner: Annotated[str, Field(min_length=3)] | None = None
    """Somebody else who vouches for it: then it covers critical findings on managed resources, too."""
    expires: date

    @model_validator(mode="after")
    def _has_two_different_owners(self) -> Self:
        if self.second_owner and self.second_owner.strip().casefold() == self.owner.strip().casefold():
            raise ValueError("`second_owner` must be somebody else than `owner`")
        return self

    @property
    def owners(self) -> str:
        """The names of those who vouch for it."""
        return " and ".join(filter(None, (self.owner, self.second_owner)))

    def fits(self, arn: str, today: date, *, owners: int = 1) -> bool:
        """Return whether it is in force, is about this ARN, and has at least so many owners."""
        enough = owners < 2 or self.second_owner is not None
        return enough and self.expires >= today and fnmatchcase(arn, self.arn)


def read_ignores(path: Path, today: date) -> tuple[Ignore, ...]:
    """Return the entries of a file. Raises InvalidIgnoresError."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidIgnoresError(f"{path} can't be read: {error}") from error
    listed = document.get("ignored") if isinstance(document, dict) else None
    if not isinstance(listed, list) or set(document) != {"ignored"}:
        raise InvalidIgnoresError(f"{path} must hold one list, `ignored`; docs/drift.md shows one.")
    found, mistakes = [], []
    for position, entry in enumerate(listed, start=1):
        try:
            ignore = Ignore.model_validate(entry)
        except ValidationError as error:
            mistakes += [
                f"number {position}: {'.'.join(map(str, each['loc'])) or 'entry'}: {each['msg']}"
                for each in error.errors()
            ]
            continue
        longest = LONGEST_DAYS_CRITICAL if ignore.second_owner else LONGEST_DAYS
        if (ignore.expires - today).days > longest:
            covers = " for one of two owners, which covers critical findings" if ignore.second_owner else ""
            mistakes.append(f"number {position}: expires: no later than {longest} days from today{covers}")
        found.append(ignore)
    if mistakes:
        raise InvalidIgnoresError("\n  - ".join([f"{path} has mistakes:", *mistakes]))
    return tuple(found)
