"""Settings that bear on promotion alone: they neither make the environment nor scale with it."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from components.promotion_gate import DIGEST_PATTERN, BreakGlass, VerificationResult
from components.section import Allowed, Section

BREAK_GLASS = "breakGlass"
"""The key that a stack file may hold where others don't."""
TRANSIENT = frozenset({"verificationResult", "previewUnverified"})
"""Keys that scripts pass to one operation. In a stack file they would apply to every later one."""


def _none_if_empty(value: object) -> object:
    return None if value == {} else value


def _read_result(value: object) -> object:
    if value == "":
        return None
    if not isinstance(value, str) or not re.fullmatch(f"(passed|failed):{DIGEST_PATTERN}", value):
        raise ValueError("not a verification's result")
    found, _, digest = value.partition(":")
    return VerificationResult(passed=found == "passed", artifact_digest=digest)


class Promotion(Section):
    """Result of the last verification, and exceptions from the promotion gate.

    A stack file may hold `breakGlass`, where others don't; the rest is passed by scripts.
    """

    break_glass: Annotated[
        BreakGlass | None,
        BeforeValidator(_none_if_empty),
        Allowed(
            "{}, or contentDigest or artifactDigest (64 hexadecimal digits), reason (10 to 500 characters) "
            "and expires (a time with its zone, in quotes, such as '2026-01-31T12:00:00Z')"
        ),
    ] = Field(description="Content to deploy although upstream has not verified it, why, and until when.")
    preview_unverified: Annotated[bool, Allowed("true or false")] = Field(
        description="Previews content that upstream has not verified, instead of refusing it."
    )

    @property
    def verification_result(self) -> VerificationResult | None:
        """Return the verification result to record; None if there is none."""
        return None


class PaymentsPromotion(Promotion):
    """The promotion fields of the project whose outputs show what was verified."""

    result: Annotated[
        VerificationResult | None,
        BeforeValidator(_read_result),
        Allowed("empty, passed:DIGEST or failed:DIGEST"),
    ] = Field(
        alias="verificationResult", description="What a verification found of the artifact that is deployed."
    )

    @property
    def verification_result(self) -> VerificationResult | None:
        """The result that is passed to this deployment."""
        return self.result


NOTHING_SPECIAL = Promotion.model_validate({"breakGlass": {}, "previewUnverified": False})
"""The promotion fields of a deployment that sets none of them."""
