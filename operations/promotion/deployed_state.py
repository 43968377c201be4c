"""Read the deployed state of an environment from the outputs of its payments stack."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from components.promotion_gate import PromotionState
from components.release import UNRELEASED
from components.stacks import PaymentsOutputs
from operations.engine.command import EngineCommand
from operations.engine.failure import StackMissing
from operations.promotion.evidence import DeployedState, ReleaseRef, VerifiedRelease
from operations.workspace import outputs


def running(environment: str, *, root: Path, command: EngineCommand) -> DeployedState | None:
    """Return the deployed state; None if nothing is deployed. Raises OperationFailed."""
    try:
        return of_outputs(
            environment, outputs(PaymentsOutputs.PROJECT, environment, root=root, command=command)
        )
    except StackMissing:
        return None


def of_outputs(environment: str, shown: Mapping[str, Any]) -> DeployedState | None:
    """Return the deployed state from stack outputs; None for a stack without outputs."""
    if not shown:
        return None
    standing = PromotionState.of(shown)
    glass = standing.break_glass
    return DeployedState(
        environment=environment,
        release=ReleaseRef(
            id=standing.release or UNRELEASED,
            commit=standing.release_commit,
            artifact_digest=standing.artifact_digest,
            content_digest=standing.content_digest,
        ),
        proven=tuple(
            VerifiedRelease(
                release=ReleaseRef(
                    id=item.release,
                    commit=item.release_commit,
                    artifact_digest=item.artifact_digest,
                    content_digest=item.content_digest,
                ),
                since=datetime.fromisoformat(item.at),
                projects=item.projects,
            )
            for item in standing.verified
        ),
        table_arn=str(shown.get("tableArn", "")),
        upstream_table_arns=tuple(shown.get("upstreamTableArns") or ()),
        configuration_digest=str(shown.get("configurationDigest", "")),
        unreleased=standing.unreleased,
        break_glass=f"{glass['reason']} (until {glass['expires']})" if glass else "",
    )
