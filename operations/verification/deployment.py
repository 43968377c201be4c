"""Deployment with verification: a payments stack that is up is verified before those above it follow."""

from collections.abc import Callable, Mapping

from components.promotion_gate import PromotionState
from components.stacks import PaymentsOutputs
from operations.deployment.activity import Activity
from operations.deployment.execute import Operate
from operations.deployment.operate import Operator
from operations.deployment.outcome import any_change
from operations.engine.failure import OperationFailed, StackName
from operations.verification.outcome import Failed, NotVerifiable
from operations.verification.record import record
from operations.verification.target import Target
from operations.verification.verify import verify

Targets = Callable[[str], Target]
"""Makes an environment's target."""


class VerificationFailed(OperationFailed):
    """The stack is up, and does not do what it is for."""


def up_and_verify(operator: Operator, target: Targets, *, time_limit: float | None = None) -> Operate:
    """What `operator.up` does to a stack and, to a payments stack, the verification and its record as well.

    One that was verified as it is, and did not change, is not verified again.
    """

    def operate(name: StackName) -> Mapping[str, int]:
        changes = operator.up(name)
        if name.project != PaymentsOutputs.PROJECT:
            return changes
        aim = target(name.environment)
        if not any_change(changes) and PromotionState.of(aim.outputs).is_verified:
            return changes
        operator.watch(Activity(stack=name, phase="verify"))
        try:
            verification = verify(aim, time_limit=time_limit)
        except NotVerifiable as reason:
            raise NotVerifiable(f"{name} is up. {reason}") from reason
        record(verification, aim.outputs, operator)
        if isinstance(verification, Failed):
            lines = "".join(f"\n  {reason}" for reason in verification.reasons)
            raise VerificationFailed(f"{name} is up, but its verification failed:{lines}")
        return changes

    return operate
