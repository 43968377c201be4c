"""The promotion gate in the programs: read stack outputs, decide, then refuse or continue."""

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import pulumi

from components import release
from components.content import content_of
from components.promotion_gate import (
    Decision,
    Offer,
    Overridden,
    PromotionState,
    RefusalCode,
    Refused,
    Upstream,
    decide,
    next_state,
    timestamp,
    verification_conflict,
)
from components.settings import Identity, Scaling, Settings
from components.stacks import PROJECTS, PaymentsOutputs, outputs_now

StackSettings = Settings[Identity, Scaling]
"""The settings of any project's stack."""
REFUSAL = "the promotion gate refuses to deploy to"
"""Beginning of every refusal message."""
REFUSAL_EVENT = "promotionRefusal"
"""Key of the JSON message that carries a refusal to the scripts, as an ephemeral event of the engine.

It is neither an output nor a resource, so a refused update leaves the state unchanged.
"""
WORK_TREE = "SANDBOX_WORK_TREE"
"""Environment variable: `true` admits verified content from an uncommitted checkout, in a sandbox only."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_FILES = 20
"""Number of changed files that a refusal names."""


class PromotionRefusedError(pulumi.RunError):
    """The gate refuses the content. Pulumi prints the message without a traceback."""

    def __init__(self, environment: str, reasons: Sequence[str]) -> None:
        lines = "".join(f"\n  {line}" for reason in reasons for line in reason.splitlines())
        super().__init__(f"{REFUSAL} {environment}:{lines}")


def enforce_promotion_gate(
    settings: StackSettings, project_directory: Path, artifact_digest: str = ""
) -> PromotionState:
    """Enforce the gate before any resource is registered; return the state to export afterwards.

    Args:
        settings: of the running stack.
        project_directory: folder of the running program.
        artifact_digest: of the function, for the project that has one.

    Raises PromotionRefusedError.
    """
    return enforce_offer(
        settings, offer(settings.project, project_directory.resolve().parent, artifact_digest)
    )


def offer(project: str, projects: Path, artifact_digest: str = "") -> Offer:
    """Return the content that this checkout offers to a stack of the project."""
    content = content_of(projects).digest
    found = release.of_checkout(artifact_digest, content) if artifact_digest else release.commit_of()
    return Offer(
        project=project,
        content_digest=content,
        artifact_digest=artifact_digest,
        release="" if isinstance(found, release.CleanCheckout) else found.id,
        commit=found.commit,
        unreleased=found.because if isinstance(found, release.UnreleasedCheckout) else "",
    )


def enforce_offer(settings: StackSettings, offered: Offer) -> PromotionState:
    """Like `enforce_promotion_gate`, for a given offer. Raises PromotionRefusedError."""
    environment, promotion, now = settings.environment, settings.promotion, datetime.now(UTC)
    payments = settings.project == PaymentsOutputs.PROJECT
    below = settings.upstream
    own = _standing(environment) if payments or below else PromotionState()
    decision = _decide(settings, offered, below, own, now)
    deploying = _deploying(settings, offered) if payments else _of_stack(offered)
    result = promotion.verification_result
    if isinstance(decision, Refused):
        refused = _with_files(decision)
        if not (promotion.preview_unverified and pulumi.runtime.is_dry_run()):
            _refuse(environment, refused)
        pulumi.log.warn("`up` would not go on from here: " + "\n  ".join(refused.reasons + refused.remedies))
        return own if payments else deploying
    conflict = verification_conflict(result, own=own, deploying=deploying) if result else None
    if conflict:
        _refuse(environment, Refused(code=RefusalCode.RESULT_MISPLACED, reasons=(conflict,)))
    _warn(settings, offered, decision, below)
    return next_state(
        own if payments else PromotionState(), decision, deploying=deploying, result=result, now=now
    )


def _decide(
    settings: StackSettings,
    offered: Offer,
    below: str | None,
    own: PromotionState,
    now: datetime,
) -> Decision:
    upstream, deployed = None, True
    if below is not None:
        # An environment whose payments stack was never completed runs nothing, so it can still be built.
        deployed = bool(own.artifact_digest) and bool(outputs_now(settings.project, settings.environment))
        shown = _standing(below) if deployed else PromotionState()
        upstream = Upstream(environment=below, standing=shown)
    return decide(
        settings.environment,
        offered,
        upstream=upstream,
        own=own,
        deployed=deployed,
        recording=settings.promotion.verification_result is not None,
        work_tree=is_rehearsal(),
        glass=settings.promotion.break_glass,
        now=now,
    )


def is_rehearsal() -> bool:
    """Return whether this is a sandbox, with AWS on this machine, that admits uncommitted content."""
    host = urlsplit(os.environ.get("AWS_ENDPOINT_URL", "")).hostname
    return os.environ.get(WORK_TREE) == "true" and host in _LOOPBACK


def _standing(environment: str) -> PromotionState:
    return PromotionState.of(outputs_now(PaymentsOutputs.PROJECT, environment, missing_ok=True))


def _of_stack(offered: Offer) -> PromotionState:
    return PromotionState(
        artifact_digest=offered.artifact_digest,
        content_digest=offered.content_digest,
        release=offered.release,
        release_commit=offered.commit,
        unreleased=offered.unreleased,
    )


def _deploying(settings: StackSettings, offered: Offer) -> PromotionState:
    """The state of a payments stack: with the projects whose stacks hold the same content."""
    holding = [
        project
        for project in PROJECTS
        if project == offered.project
        or outputs_now(project, settings.environment, missing_ok=True).get("contentDigest")
        == offered.content_digest
    ]
    return replace(_of_stack(offered), projects=tuple(holding))


def _with_files(refused: Refused) -> Refused:
    """Add the files that differ from the verified commit, if git has it."""
    verified = refused.facts.get("verified") or {}
    files = release.changed_files(verified.get("releaseCommit", ""))
    if not files or refused.code is RefusalCode.UNCOMMITTED:
        return refused
    more = [f"  and {len(files) - _FILES} more"] if len(files) > _FILES else []
    named = [f"Files that differ from {verified['releaseCommit'][:12]}:", *(f"  {f}" for f in files[:_FILES])]
    return replace(
        refused,
        reasons=(*refused.reasons, *named, *more),
        facts={**refused.facts, "files": list(files[:_FILES]), "fileCount": len(files)},
    )


def _refuse(environment: str, refused: Refused) -> NoReturn:
    data = {"code": refused.code, "facts": dict(refused.facts)}
    pulumi.log.info(json.dumps({REFUSAL_EVENT: data}), ephemeral=True)
    raise PromotionRefusedError(environment, [*refused.reasons, *refused.remedies])


def _warn(settings: StackSettings, offered: Offer, decision: Decision, below: str | None) -> None:
    environment, glass = settings.environment, settings.promotion.break_glass
    if isinstance(decision, Overridden):
        what = "content" if decision.glass.content_digest else "an artifact"
        pulumi.log.warn(
            f"BREAK GLASS: {environment} gets {what} that {below} has not verified, until "
            f"{timestamp(decision.glass.expires)}: {decision.glass.reason}"
        )
    elif glass is not None:
        pulumi.log.warn("the setting breakGlass is not needed: remove it from the stack file")
    if offered.unreleased and not is_rehearsal():
        pulumi.log.info(f"unreleased: {offered.unreleased}")
