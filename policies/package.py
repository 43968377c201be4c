"""Package the pack as a folder that works on its own, e.g. for `pulumi policy publish`."""

import shutil
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
REQUIREMENTS = "requirements.txt"
PROJECT_FILE = "PulumiPolicy.yaml"
SHARED_ENVIRONMENT = "virtualenv: ../.venv"
"""The virtual environment in this repository: outside the pack's folder, because all folders share one."""
PACKAGED_ENVIRONMENT = "virtualenv: .venv"


class PackageError(Exception):
    """The pack cannot be packaged; the message names the obstacle."""


def package(target: Path) -> Path:
    """Copy the pack into the new or empty folder `target`, with a virtual environment inside it; return it.

    The environment itself is not made: `pulumi install` in that folder does it, from the locked requirements.
    Raises PackageError if `target` has content, lies inside the pack, or cannot be written.
    """
    if target.resolve().is_relative_to(FOLDER):
        raise PackageError(f"{target} is inside the policy pack: name a folder outside of {FOLDER.name}/")
    try:
        if target.exists() and any(target.iterdir()):
            raise PackageError(f"{target} is not empty: name a new folder, or remove this one")
        shutil.copytree(
            FOLDER, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", ".*", "*.pyc")
        )
        project = target / PROJECT_FILE
        text = project.read_text(encoding="utf-8")
        project.write_text(text.replace(SHARED_ENVIRONMENT, PACKAGED_ENVIRONMENT), encoding="utf-8")
    except OSError as error:
        raise PackageError(f"{error.filename or target} cannot be written: {error.strerror}") from error
    return target
