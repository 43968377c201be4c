"""Makes an environment show what its verification found, for the promotion gate of the one above it."""

from dataclasses import replace

from components.promotion_gate import Standing
from components.stacks import PaymentsOutputs
from operations.deployment.operate import Operator
from operations.engine.failure import StackName
from operations.verification.outcome import Passed, Verification
from operations.workspace import outputs


def record(verification: Verification, operator: Operator) -> bool:
    """Update the payments stack's outputs by the verification; False where they say it already.

    `verifiedArtifactDigest` becomes the artifact that passed, or stops being the one that failed. The program
    refuses where something else was deployed since.

    Raises OperationFailed.
    """
    project, environment = PaymentsOutputs.PROJECT, verification.environment
    shown = Standing.of(outputs(project, environment, root=operator.root, command=operator.command))
    passed, digest = isinstance(verification, Passed), verification.artifact_digest
    if shown.is_verified if passed else not shown.has_verified(digest):
        return False
    result = f"{'passed' if passed else 'failed'}:{digest}"
    telling = replace(operator, transient={**operator.transient, f"{project}:verificationResult": result})
    telling.update(StackName(project=project, environment=environment))
    return True
