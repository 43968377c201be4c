"""The parts of the scripts' JSON reports that are shown on GitHub, checked: a report may be forged.

The preview's report was written by code that nobody has reviewed yet.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Count = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class PreviewedStack(_Part):
    """One stack of `scripts/deploy.py preview --json`."""

    project: Name
    environment: Name
    status: Literal["succeeded", "failed", "not run"]
    changes: dict[Annotated[str, Field(max_length=64)], Count] = {}
    reason: str = ""
    because: str = ""


class PreviewReport(_Part):
    """What `scripts/deploy.py preview --json` wrote."""

    succeeded: bool
    stacks: Annotated[tuple[PreviewedStack, ...], Field(max_length=1000)]


class Check(_Part):
    """One check of a drift report."""

    status: str


class DriftCounts(_Part):
    """Findings by severity."""

    total: Count
    critical: Count
    high: Count
    medium: Count
    low: Count


class DriftSummary(_Part):
    """What a drift report comes to."""

    fingerprint: Annotated[str, Field(pattern=r"^[\w.:-]{1,128}$")]
    drift: DriftCounts
    notChecked: Count  # noqa: N815  the report's own key


class DriftReport(_Part):
    """What `scripts/drift.py --format json` wrote."""

    baseline: Name
    target: Name
    summary: DriftSummary
    checks: dict[str, Check]
