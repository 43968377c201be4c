"""Runs a command of the project, or says how to set the project up. Every Python 3 understands it."""
# mypy: ignore-errors

import importlib
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDERS = {os.path.join(ROOT, "scripts"), ROOT}
PACKAGES = ("components", "functions", "operations", "policies", "sandbox")
OLDEST = (3, 11)
NOT_SET_UP = 2
"""The exit code of every command that was used wrongly: nothing was tried."""


def run(module):
    """Run the `app` of a module of this checkout under the script's own name."""
    script = os.path.basename(sys.argv[0])
    if sys.version_info < OLDEST:
        version = ".".join(str(number) for number in sys.version_info[:2])
        _stop(script, "needs Python 3.11 or later, this is " + version)
    # The folder of the scripts would come first, where sandbox.py passes for the package `sandbox`.
    sys.path[:] = [ROOT] + [path for path in sys.path if os.path.abspath(path) not in FOLDERS]
    try:
        command = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in PACKAGES:
            raise
        _stop(script, "needs the package " + str(error.name) + ", which this Python does not have")
    command.app(prog_name=script)


def _stop(script, problem):
    python = os.path.join(".venv", "bin", "python")
    sys.stderr.write(
        "scripts/" + script + " " + problem + ".\n"
        "Run 'make setup' once, then: " + python + " scripts/" + script + " ...\n"
    )
    sys.exit(NOT_SET_UP)
