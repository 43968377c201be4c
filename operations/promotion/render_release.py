"""Run this checkout's drift detection on programs rendered with a release's components.

    RELEASE/.venv/bin/python -P render_release.py OPTION…      as scripts/drift.py

It is started by the interpreter of the release's checkout, whose path leads to the release's packages first.
What judges is imported from here before any of them is: a release that empties its own rules changes nothing.
"""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

REPOSITORY = Path(__file__).resolve().parents[2]
JUDGES = ("operations", "policies")


def take_from_here(name: str) -> None:
    """Import the package `name` and its modules from this checkout."""
    folder = REPOSITORY / name
    initial = folder / "__init__.py"
    if not initial.is_file():
        package = ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package
        return
    spec = importlib.util.spec_from_file_location(name, initial, submodule_search_locations=[str(folder)])
    if spec is None or spec.loader is None:
        raise ImportError(f"{initial} can't be imported")
    package = importlib.util.module_from_spec(spec)
    sys.modules[name] = package
    spec.loader.exec_module(package)


def main() -> None:
    """Import the packages from this checkout, then run scripts/drift.py."""
    for name in JUDGES:
        take_from_here(name)
    importlib.import_module("operations.commands.drift").app()


if __name__ == "__main__":
    main()
