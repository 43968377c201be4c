"""The content of a release: every file that decides what is deployed, and one digest of all of them.

    components, programs with their Pulumi.yaml, functions, locked requirements, policy pack → digest

Stack files (`Pulumi.<environment>.yaml`) and `environments.yaml` are not content: they hold declared
settings, which may change without a new release. A file has the same digest with CRLF as with LF.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from components.environment import ENVIRONMENTS_FILE

REPOSITORY = Path(__file__).resolve().parent.parent
PROJECTS = "projects"
FOLDERS = ("components", "functions", "policies")
"""Folders of which every file is content; `projects` is content but for its stack files."""
REQUIREMENTS = "requirements.txt"
PATHS = (PROJECTS, *FOLDERS, REQUIREMENTS)
"""Where content is in the repository, for git."""
PROJECT_FILE = "Pulumi.yaml"
_GENERATED = frozenset({"__pycache__", "node_modules"})


@dataclass(frozen=True)
class Content:
    """The files of a release by their path in the repository, with `/`, and the SHA-256 of each."""

    files: Mapping[str, str]

    @property
    def digest(self) -> str:
        """SHA-256 over paths and digests, hexadecimal."""
        lines = "".join(f"{path}\n{digest}\n" for path, digest in sorted(self.files.items()))
        return hashlib.sha256(lines.encode()).hexdigest()


@cache
def content_of(projects: Path, root: Path = REPOSITORY) -> Content:
    """Return the content of the checkout at `root`, with the programs in the folder `projects`.

    Read once per process: a program deploys what it began with.
    """
    return read(projects, root)


def read(projects: Path, root: Path = REPOSITORY) -> Content:
    """Like `content_of`, read again at each call."""
    places = [(projects, PROJECTS), *((root / name, name) for name in FOLDERS)]
    files = {
        f"{name}/{path.relative_to(folder).as_posix()}": digest(path)
        for folder, name in places
        for path in _files(folder)
        if name != PROJECTS or not is_settings_file(path.name)
    }
    if (root / REQUIREMENTS).is_file():
        files[REQUIREMENTS] = digest(root / REQUIREMENTS)
    return Content(files=files)


def digest(path: Path) -> str:
    """SHA-256 of a file without regard to its line endings, hexadecimal."""
    return hashlib.sha256(normalized(path.read_bytes())).hexdigest()


def normalized(content: bytes) -> bytes:
    """Return text with LF as its line ending; binary content, which holds a NUL byte, as it is."""
    return content if b"\0" in content else content.replace(b"\r\n", b"\n")


def is_stack_file(name: str) -> bool:
    """Whether a file of this name holds a stack's settings: `Pulumi.dev.yaml`, and not `Pulumi.yaml`."""
    return name.startswith("Pulumi.") and name.endswith(".yaml") and name != PROJECT_FILE


def is_settings_file(name: str) -> bool:
    """Whether a file of this name in `projects` holds settings: a stack file, or the environments."""
    return name == ENVIRONMENTS_FILE or is_stack_file(name)


def _files(folder: Path) -> Iterator[Path]:
    for directory, folders, names in os.walk(folder, followlinks=True):
        folders[:] = [name for name in folders if name not in _GENERATED and not name.startswith(".")]
        for name in names:
            if not name.startswith(".") and not name.endswith(".pyc"):
                yield Path(directory, name)
