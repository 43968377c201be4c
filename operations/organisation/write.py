"""Plans the text of every file that an organisation's values change, compares it, and writes it."""

import difflib
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from components.environment import (
    ENVIRONMENTS_FILE,
    EnvironmentNode,
    EnvironmentTree,
    parse_environments,
)
from components.stacks import PROJECTS
from operations.organisation import pack
from operations.organisation.model import FILE, Organisation
from operations.organisation.stack_values import values

HEADER = (
    "# The values of your organisation. `python scripts/init.py --from organisation.yaml` writes them into\n"
    "# the stack files; scaling values and optional settings stay in the stack files, where you edit them.\n"
)


@dataclass(frozen=True, kw_only=True)
class FileChange:
    """A file's text now (empty where there is no file) and after the change."""

    path: Path
    before: str
    after: str

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        name = f"{self.path.parent.name}/{self.path.name}" if self.path.name != FILE else FILE
        lines = difflib.unified_diff(
            self.before.splitlines(keepends=True), self.after.splitlines(keepends=True), name, name
        )
        return "".join(lines)


@dataclass(frozen=True, kw_only=True)
class Edited:
    """A value in a stack file that differs from organisation.yaml: somebody edited the stack file."""

    path: Path
    key: str
    current: object
    recorded: object


def plan(organisation: Organisation, root: Path, *, recorded: Organisation | None = None) -> list[FileChange]:
    """Return the files that differ from what the organisation's values make of them, as they would become.

    `recorded` is the organisation so far, if that is another one.
    """
    changes = [
        FileChange(
            path=path, before=before, after=_updated(before, values(organisation, project, environment))
        )
        for project, environment, path, before in _stack_files(organisation.environments, root)
    ]
    if organisation.names_upstreams:
        path = root / "projects" / ENVIRONMENTS_FILE
        before = _text(path)
        changes.append(FileChange(path=path, before=before, after=_environments(before, organisation.tree())))
    path = root / pack.FILE
    before = _text(path)
    changes.append(
        FileChange(
            path=path, before=before, after=pack.updated(before, organisation, recorded or organisation)
        )
    )
    path = root / FILE
    before = _text(path)
    after = before
    if not before or load(before) != organisation.document():
        after = HEADER + _dumped(_quoted(organisation.document()))
    changes.append(FileChange(path=path, before=before, after=after))
    return [change for change in changes if change.before != change.after]


def edited(recorded: Organisation, root: Path, *, committed: Organisation | None = None) -> list[Edited]:
    """Return the values that somebody changed in a stack file instead of organisation.yaml.

    Args:
        recorded: organisation.yaml as it is.
        root: the checkout.
        committed: organisation.yaml of the last commit; a value that is still this one was not edited, but
            is to follow a change of organisation.yaml.
    """
    found: list[Edited] = []
    for project, environment, path, before in _stack_files(recorded.environments, root):
        config = (load(before) or {}).get("config") or {}
        earlier = values(committed, project, environment) if committed else {}
        for key, value in values(recorded, project, environment).items():
            if key in config and config[key] not in (value, earlier.get(key)):
                found.append(Edited(path=path, key=key, current=config[key], recorded=value))
    return found


def write(changes: Sequence[FileChange]) -> None:
    """Write all changes: each file completely, or as it was."""
    prepared: list[tuple[str, Path]] = []
    try:
        for change in changes:
            change.path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                "w", dir=change.path.parent, prefix=".init-", delete=False, encoding="utf-8", newline="\n"
            ) as file:
                file.write(change.after)
            prepared.append((file.name, change.path))
        while prepared:
            temporary, path = prepared[0]
            if path.exists():
                Path(temporary).chmod(path.stat().st_mode & 0o777)
            else:
                Path(temporary).chmod(0o644)
            os.replace(temporary, path)  # noqa: PTH105  atomic, and of two names
            prepared.pop(0)
    finally:
        for temporary, _ in prepared:
            Path(temporary).unlink(missing_ok=True)


def load(document: str) -> Any:
    """Read YAML as plain data. Raises ruamel.yaml.error.YAMLError."""
    return YAML(typ="safe", pure=True).load(document)


def _stack_files(environments: Iterable[str], root: Path) -> Iterable[tuple[str, str, Path, str]]:
    for project in PROJECTS:
        for environment in environments:
            path = root / "projects" / project / f"Pulumi.{environment}.yaml"
            yield project, environment, path, _text(path)


def _environments(before: str, tree: EnvironmentTree) -> str:
    """The file's text with these environments; its comments stay at its head."""
    if before and parse_environments(load(before)) == tree:
        return before
    comments = [line for line in before.splitlines() if line.startswith("#")]
    return "\n".join([*comments, *map(_environment_line, tree.nodes)]) + "\n"


def _environment_line(node: EnvironmentNode) -> str:
    if node.upstream is None:
        return f"{node.name}:"
    if node.wave == 1:
        return f"{node.name}: {node.upstream}"
    return f"{node.name}: {{upstream: {node.upstream}, wave: {node.wave}}}"


def _updated(before: str, wanted: dict[str, Any]) -> str:
    """The stack file's text with the wanted values; comments, order and all other values stay."""
    document = _round_trip().load(before) or {}
    config = document.setdefault("config", {})
    if all(config.get(key) == value for key, value in wanted.items()):
        return before
    for key, value in wanted.items():
        if config.get(key) != value:
            config[key] = _quoted(value)
    return _dumped(document)


def _quoted(value: Any) -> Any:
    """Quote text that consists of digits, which other readers would take for a number."""
    if isinstance(value, dict):
        return {key: _quoted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_quoted(item) for item in value]
    return DoubleQuotedScalarString(value) if isinstance(value, str) and value.isdigit() else value


def _round_trip() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 4096
    return yaml


def _dumped(document: Any) -> str:
    stream = StringIO()
    _round_trip().dump(document, stream)
    return stream.getvalue()


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
