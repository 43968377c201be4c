"""Two ways in: the engine runs this folder as a program, people run `python -m policies`."""

import importlib.util
import sys
from pathlib import Path


def load_folder_as_package(name: str = "policies") -> None:
    """Make this folder importable as the package `name`, whatever it is called where it is published."""
    folder = Path(__file__).resolve().parent
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"the policy pack's folder {folder} has no __init__.py")
    package = importlib.util.module_from_spec(spec)
    sys.modules[name] = package
    spec.loader.exec_module(package)


if __package__:  # python -m policies
    from policies.cli import main

    sys.exit(main())
elif __name__ == "__main__":  # the engine: runpy runs the folder, which then belongs to no package
    load_folder_as_package()
    from policies.adapter import serve

    serve()
