"""The command `payments`: every script as a sub-command.

Only the module of the sub-command that is used is imported, so that help and completion stay quick.
"""

import importlib
from typing import Any

import typer
import typer.core

COMMANDS = {
    "deploy": ("operations.commands.deploy", "Bring environments up, preview them, or take them down."),
    "doctor": ("operations.commands.doctor", "Check what an account needs besides the stacks."),
    "drift": ("operations.commands.drift", "Report how environments, accounts and programs differ."),
    "evidence": ("operations.commands.evidence", "Collect the evidence that an auditor asks for."),
    "init": ("operations.commands.init", "Write your organisation's values into the stack files."),
    "payment": ("operations.commands.payment", "Show, list, verify, export and reconcile payments."),
    "promote": ("operations.commands.promote", "Promote what the environment below has verified."),
    "redrive": ("operations.commands.redrive", "Show the dead-letter queue and redrive messages."),
    "release": ("operations.commands.release", "Build the release's artifact and its manifest."),
    "sandbox": ("sandbox.command", "Deploy to AWS accounts on this machine."),
    "state": ("operations.commands.state", "Create or check the bucket and key of the states."),
    "verify": ("operations.commands.verify", "Send synthetic payments through a deployed environment."),
}
"""Sub-command to its module and the line about it in the list."""


class Payments(typer.core.TyperGroup):
    """Imports the module of a sub-command when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 # typer's signature
        """Return the names of the sub-commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Return a sub-command; None if there is none of the name."""
        if cmd_name not in COMMANDS:
            return None
        return typer.main.get_command(importlib.import_module(COMMANDS[cmd_name][0]).app)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        """Write the list of the sub-commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in sorted(COMMANDS)])


app = typer.Typer(cls=Payments, no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def payments() -> None:
    """Operate the payments infrastructure: each sub-command is also a script in scripts/."""
