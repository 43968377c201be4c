"""The AWS plugin of a sandbox's engine: the sandbox's own provider, the installed plugin, or another.

The own provider is fast and needs no download. The installed plugin is the one that deploys to AWS; it waits
for AWS's delays, so a sandbox takes minutes with it.
"""

import os
import shlex
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from operations import REPOSITORY
from operations.errors import CommandError

VARIABLE = "SANDBOX_PLUGIN"
"""Environment variable with the choice, for tests and commands alike; an option of a command wins."""
OWN, INSTALLED = "own", "installed"
RECORD = "plugin"
"""File in a sandbox's folder that holds its choice."""
EXECUTABLE = "pulumi-resource-aws"


class PluginUnavailableError(CommandError):
    """The plugin of the choice is not there, or cannot be executed."""


def plugin_folder(home: Path) -> Path:
    """Return where an engine with this home looks for the plugin in the version that the SDK asks for."""
    return home / "plugins" / f"resource-aws-v{version('pulumi_aws')}"


def chosen(choice: str | None, environ: Mapping[str, str]) -> str:
    """Return a choice in full: `own`, or the absolute path of an executable.

    Args:
        choice: `own`, `installed` or a path; None for the variable's value, or `own`.
        environ: the user's environment: the installed plugin is in its PULUMI_HOME, or in ~/.pulumi.

    Raises PluginUnavailableError.
    """
    choice = choice or environ.get(VARIABLE) or OWN
    if choice == OWN:
        return OWN
    if choice != INSTALLED:
        path = Path(choice).resolve()
        if not path.is_file() or not os.access(path, os.X_OK):
            raise PluginUnavailableError(
                f"The plugin must be {OWN!r}, {INSTALLED!r} or the path of an executable, got {choice!r}"
            )
        return str(path)
    home = Path(environ.get("PULUMI_HOME") or Path(environ.get("HOME", "~")).expanduser() / ".pulumi")
    installed = plugin_folder(home) / EXECUTABLE
    if not installed.is_file():
        raise PluginUnavailableError(
            f"The AWS plugin {version('pulumi_aws')} is not installed: there is no {installed}",
            remedy=f"Install it: pulumi plugin install resource aws {version('pulumi_aws')}",
        )
    return str(installed)


def install(folder: Path, choice: str) -> None:
    """Put the plugin of a choice in full where the engine of a sandbox's folder looks for it."""
    target = plugin_folder(folder / "home")
    target.mkdir(parents=True, exist_ok=True)
    own = f'PYTHONPATH="{REPOSITORY}" exec {shlex.quote(sys.executable)} -m sandbox.provider'
    command = own if choice == OWN else f"exec {shlex.quote(choice)}"
    shim = target / EXECUTABLE
    shim.write_text(f'#!/bin/sh\n{command} "$@"\n', encoding="utf-8")
    shim.chmod(0o755)
    (folder / RECORD).write_text(choice + "\n", encoding="utf-8")


def recorded(folder: Path) -> str | None:
    """Return the choice of the sandbox in a folder, in full; None if there is none yet."""
    try:
        return (folder / RECORD).read_text(encoding="utf-8").strip()
    except OSError:
        return None


if __name__ == "__main__":  # for `make test-plugin`: is the plugin of SANDBOX_PLUGIN there?
    try:
        sys.stdout.write(chosen(None, os.environ) + "\n")
    except PluginUnavailableError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)
