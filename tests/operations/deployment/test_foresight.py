from operations.deployment.changes import Change
from operations.deployment.data_loss import DataWouldBeLostError
from operations.deployment.foresight import Foresight, foresee
from operations.deployment.outcome import Failed, NotRun
from operations.deployment.plan import Action, plan
from operations.engine.failure import OperationFailed, StackName

PLAN = plan(Action.UP, environments=["dev", "prod"], at_once=2)
PAYMENTS = StackName(project="payments", environment="prod")


def look(refusal: OperationFailed | None = None, *failing: StackName) -> Foresight:
    def preview(stack: StackName) -> tuple[Change, ...]:
        if stack in failing and refusal:
            raise refusal
        return (Change(stack=stack, urn="urn", type="type", operation="update"),)

    return foresee(PLAN, preview, interrupt=lambda: None)


def test_every_stack_is_previewed() -> None:
    foresight = look()

    assert set(foresight.changes) == set(PLAN.stacks)
    assert (foresight.later, foresight.refusal) == ({}, None)


def test_a_stack_that_would_lose_data_ends_the_plan_before_any_stack_is_changed() -> None:
    refusal = look(DataWouldBeLostError("a table would go"), PAYMENTS).refusal

    assert refusal
    failed = [outcome for outcome in refusal.outcomes if isinstance(outcome, Failed)]
    assert [(each.stack, each.reason) for each in failed] == [(PAYMENTS, "a table would go")]
    others = [outcome for outcome in refusal.outcomes if isinstance(outcome, NotRun)]
    assert {each.because for each in others} == {"payments/prod would lose data"}
    assert len(others) == 5


def test_a_stack_that_reads_one_not_deployed_yet_is_previewed_later() -> None:
    foresight = look(OperationFailed("reads network/prod, not deployed yet"), PAYMENTS)

    assert foresight.refusal is None
    assert foresight.later == {PAYMENTS: "reads network/prod, not deployed yet"}


def test_a_plan_of_which_nothing_can_be_previewed_ends_with_the_reasons() -> None:
    refusal = look(OperationFailed("region is not set"), *PLAN.stacks).refusal

    assert refusal
    assert {each.reason for each in refusal.outcomes if isinstance(each, Failed)} == {"region is not set"}
