import pytest

from operations.deployment.outcome import Failed, NotRun, Outcome, Report, Succeeded, exit_code
from operations.deployment.plan import Action
from operations.engine.failure import StackName

STACK = StackName(project="network", environment="dev")
DONE = Succeeded(stack=STACK, changes={"same": 3}, seconds=1)
BROKEN = Failed(stack=STACK, reason="it broke", seconds=1)
UNTOUCHED = NotRun(stack=STACK, because="network/dev failed")


@pytest.mark.parametrize(
    ("outcomes", "interrupted", "code"),
    [
        ([DONE], False, 0),
        ([DONE, BROKEN], False, 1),
        ([DONE, UNTOUCHED], False, 1),
        ([DONE], True, 130),
        ([BROKEN], True, 130),
    ],
)
def test_the_exit_code_says_how_it_went(outcomes: list[Outcome], interrupted: bool, code: int) -> None:
    assert exit_code(Report(action=Action.UP, outcomes=tuple(outcomes), interrupted=interrupted)) == code


def test_only_resources_that_stayed_as_they_were_count_as_unchanged() -> None:
    assert DONE.unchanged
    assert Succeeded(stack=STACK, seconds=1).unchanged
    assert not Succeeded(stack=STACK, changes={"same": 3, "update": 1}, seconds=1).unchanged
