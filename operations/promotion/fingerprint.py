"""Digests of files: what was looked at, so that a change shows."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from components.stacks import PROJECTS

_CODE = ("projects", "components", "functions", "policies")


def configuration(root: Path, environment: str) -> str:
    """Of every project's settings for an environment, defaults included."""
    return _digest(
        root,
        (
            root / "projects" / project / name
            for project in PROJECTS
            for name in ("Pulumi.yaml", f"Pulumi.{environment}.yaml")
        ),
    )


def code(root: Path) -> str:
    """Of all that a deployment is made of."""
    return _digest(
        root, [root / "requirements.txt", *(path for name in _CODE for path in _tree(root / name))]
    )


def folder(path: Path) -> str:
    """Of all files in a folder, by their place in it."""
    return _digest(path, _tree(path))


def _tree(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if "__pycache__" not in path.parts)


def _digest(root: Path, paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in paths if path.is_file()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(root).as_posix()}\n{content}\n".encode())
    return digest.hexdigest()
