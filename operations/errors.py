"""The exit codes of every command, and the base of the exceptions that end one."""

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """Exit codes of the commands. Command lines document them; scripts and workflows depend on them."""

    DONE = 0
    """Everything was done, or no finding."""
    FINDINGS = 1
    """Findings, or something failed, was refused or was declined."""
    NOT_CHECKED = 2
    """Invalid usage, or something could not be checked."""
    SUPERSEDED = 3
    """There is nothing to do: the upstream runs a later release than the one that was named."""
    INTERRUPTED = 130
    """Interrupted by the user: 128 + SIGINT, as shells report it."""


class CommandError(Exception):
    """End a command with a message and an exit code instead of a traceback.

    The message says what is wrong, where, and what is allowed. `remedy` says what to do; `str()` appends it.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.NOT_CHECKED
    kind: ClassVar[str] = ""
    """The error's name in JSON; the name of the class if it is empty."""

    def __init__(self, message: str = "", *, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message.rstrip('.')}. {self.remedy}" if message and self.remedy else message or self.remedy


class NotAgreedError(CommandError):
    """Nobody could be asked to agree."""


class DeclinedError(CommandError):
    """The user declined; nothing was changed."""

    exit_code = ExitCode.FINDINGS


def kind_of(error: BaseException) -> str:
    """Return the name of an error in JSON."""
    return getattr(error, "kind", "") or type(error).__name__


def exit_code_of(error: BaseException) -> int:
    """Return the exit code of a command that an error ends."""
    return getattr(error, "exit_code", ExitCode.NOT_CHECKED)
