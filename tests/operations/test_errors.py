"""The exceptions that end a command, and the exit codes that they end it with."""

import pytest

from operations.errors import CommandError, ExitCode


def test_exit_codes_are_the_documented_ones() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "DONE": 0,
        "FINDINGS": 1,
        "NOT_CHECKED": 2,
        "SUPERSEDED": 3,
        "INTERRUPTED": 130,
    }


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (CommandError("the file is empty"), "the file is empty"),
        (CommandError("the file is empty", remedy="Delete it."), "the file is empty. Delete it."),
        (CommandError("The file is empty.", remedy="Delete it."), "The file is empty. Delete it."),
        (CommandError(remedy="Delete it."), "Delete it."),
    ],
)
def test_an_error_ends_with_its_remedy(error: CommandError, text: str) -> None:
    assert str(error) == text
    assert error.exit_code is ExitCode.NOT_CHECKED
