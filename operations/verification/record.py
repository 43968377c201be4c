"""Makes an environment show what its verification found, for the promotion gate of the one above it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from components.promotion_gate import PromotionState
from components.stacks import PaymentsOutputs
from operations.deployment.operate import Operator
from operations.engine.failure import StackName
from operations.verification.outcome import Passed, Verification


def record(verification: Verification, shown: Mapping[str, Any], operator: Operator) -> bool:
    """Update the payments stack's outputs by the verification; return False if they show it already.

    `shown` are the outputs that the verification began with. `verifiedArtifactDigest` becomes the artifact
    that passed, or stops being the one that failed, which `failedVerifications` names until it passes. No
    resource is touched. The program refuses where something else was deployed since.

    Raises OperationFailed.
    """
    project, environment = PaymentsOutputs.PROJECT, verification.environment
    standing = PromotionState.of(shown)
    passed, digest = isinstance(verification, Passed), verification.artifact_digest
    known = standing.failure_of(standing.content_digest, digest) is not None
    if standing.is_verified if passed else known and not standing.has_verified(digest):
        return False
    result = f"{'passed' if passed else 'failed'}:{digest}"
    telling = replace(operator, transient={**operator.transient, f"{project}:verificationResult": result})
    telling.show(StackName(project=project, environment=environment))
    return True
