"""The promotion gate as a program meets it: read what stacks show, decide, refuse or go on."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pulumi

from components.environment import upstream_of
from components.promotion_gate import (
    Overridden,
    Refused,
    Standing,
    Upstream,
    after,
    decide,
    objection,
    timestamp,
)
from components.release import Release, Unreleased
from components.settings import Identity, Scaling, Settings
from components.stacks import PaymentsOutputs, outputs_now

REFUSAL = "the promotion gate refuses to deploy to"
"""How each refusal begins; scripts tell it by this."""


class NotPromoted(pulumi.RunError):
    """The environment may not take the artifact. Pulumi prints the message without a traceback."""

    def __init__(self, environment: str, reasons: Sequence[str]) -> None:
        lines = "".join(f"\n  {reason}" for reason in reasons)
        super().__init__(f"{REFUSAL} {environment}:{lines}")


def admit(
    settings: Settings[Identity, Scaling], artifact_digest: str, release: Release | Unreleased
) -> Standing:
    """Pass the gate, before any resource is touched; returns what the stack is to show after the deployment.

    Raises NotPromoted, or pulumi.RunError where the upstream stack does not exist.
    """
    environment, promotion, now = settings.environment, settings.promotion, datetime.now(UTC)
    below = upstream_of(environment)
    own = Standing.of(outputs_now(PaymentsOutputs.PROJECT, environment))
    upstream = None
    if below is not None:
        shown = Standing.of(outputs_now(PaymentsOutputs.PROJECT, below))
        upstream = Upstream(environment=below, standing=shown)
    glass = promotion.break_glass
    decision = decide(environment, artifact_digest, upstream=upstream, own=own, glass=glass, now=now)
    deploying = Standing(artifact_digest=artifact_digest, release=release.id, release_commit=release.commit)
    result = promotion.verification_result
    if isinstance(decision, Refused):
        if not (promotion.preview_unverified and pulumi.runtime.is_dry_run()):
            raise NotPromoted(environment, decision.reasons)
        pulumi.log.warn("`up` would not go on from here: " + "\n  ".join(decision.reasons))
        return own
    objected = objection(result, own=own, deploying=deploying) if result else None
    if objected:
        raise NotPromoted(environment, [objected])
    if isinstance(decision, Overridden):
        pulumi.log.warn(
            f"BREAK GLASS: {environment} gets an artifact that {below} has not verified, until "
            f"{timestamp(decision.glass.expires)}: {decision.glass.reason}"
        )
    elif glass is not None:
        pulumi.log.warn("the setting breakGlass is not needed: remove it from the stack file")
    return after(own, decision, deploying=deploying, result=result, now=now)
