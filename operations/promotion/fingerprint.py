"""Digests of files, to detect changes between a plan and its execution."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from components.stacks import PROJECTS

_CODE = ("projects", "components", "functions", "policies")


def configuration(root: Path, environment: str) -> str:
    """Return the digest of every project's settings for an environment, with defaults."""
    return _digest(
        root,
        (
            root / "projects" / project / name
            for project in PROJECTS
            for name in ("Pulumi.yaml", f"Pulumi.{environment}.yaml")
        ),
    )


def code(root: Path) -> str:
    """Return the digest of the code that a deployment uses."""
    return _digest(
        root, [root / "requirements.txt", *(path for name in _CODE for path in _tree(root / name))]
    )


def folder(path: Path) -> str:
    """Return the digest of all files in a folder."""
    return _digest(path, _tree(path))


def _tree(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if "__pycache__" not in path.parts)


def _digest(root: Path, paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in paths if path.is_file()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(root).as_posix()}\n{content}\n".encode())
    return digest.hexdigest()
