from pulumi import automation as auto

from operations.drift.sources import unreadable
from operations.engine.failure import StackName, translate

NAME = StackName(project="payments", environment="prod")


def failed(errors: str) -> auto.CommandError:
    return auto.CommandError(auto.CommandResult(stdout="", stderr=errors, code=255))


def test_a_failure_with_a_remedy_names_it_as_the_fix() -> None:
    told = unreadable(translate(failed("error: the stack is currently locked by 1 lock(s)"), NAME))
    assert "currently locked" in str(told)
    assert told.fix.startswith("Wait for the other operation to end.")
    assert told.fix not in str(told)


def test_the_last_line_of_a_traceback_is_no_fix() -> None:
    error = "Program failed with an unhandled exception\n  boom()\nRuntimeWarning: never awaited"
    told = unreadable(translate(failed(error), NAME))
    assert str(told).endswith("RuntimeWarning: never awaited")
    assert told.fix == "Correct that, then check again."
