"""Read what the evidence is made from: stack exports, reviewed files, restore drills."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from operations.engine.command import EngineCommand
from operations.engine.failure import OperationFailed, StackName
from operations.errors import CommandError
from operations.workspace import project_directory, translating


class StackExports(Protocol):
    """Reads the exports of stacks."""

    @property
    def name(self) -> str:
        """`live` or `export`."""

    def read(self, name: StackName) -> Mapping[str, Any]:
        """Return the parsed export of a stack. Raises OperationFailed."""


@dataclass(frozen=True, kw_only=True)
class BackendExports:
    """Exports that the engine reads from the state backend. Secrets stay encrypted."""

    root: Path
    command: EngineCommand
    name: str = "live"

    def read(self, name: StackName) -> Mapping[str, Any]:
        """Return the parsed export of a stack. Raises OperationFailed."""
        with translating(name.project, name.environment):
            result = self.command.run(
                ["stack", "export", "--stack", name.environment],
                str(project_directory(name.project, self.root)),
                {},
            )
        return _object(result.stdout, f"the export of {name}")


@dataclass(frozen=True, kw_only=True)
class FolderExports:
    """Exports in a folder, as files PROJECT.ENVIRONMENT.json."""

    folder: Path
    name: str = "export"

    def read(self, name: StackName) -> Mapping[str, Any]:
        """Return the parsed export of a stack. Raises OperationFailed."""
        path = self.folder / f"{name.project}.{name.environment}.json"
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise OperationFailed(
                f"cannot read the export {path}: {getattr(error, 'strerror', None) or error}. Run: pulumi -C "
                f"projects/{name.project} stack export -s {name.environment} --file {path}"
            ) from error
        return _object(text, f"the export {path}")


def _object(text: str, what: str) -> Mapping[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise OperationFailed(f"{what} is not valid JSON: {error}") from error
    if not isinstance(document, dict):
        raise OperationFailed(f"{what} is not a JSON object")
    return document


class RestoreDrill(BaseModel):
    """A rehearsal of the restore of an environment's ledger, as its owner recorded it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    environment: Annotated[str, Field(min_length=1)]
    date: date
    restored_to: Annotated[str, Field(min_length=4)]
    """Point in time or backup that was restored."""
    minutes: Annotated[float, Field(gt=0)]
    """From the start of the restore to the comparison of the items."""
    result: Literal["passed", "failed"]
    compared: Annotated[str, Field(min_length=10)]
    """How the restored data was checked."""
    owner: Annotated[str, Field(min_length=3)]


class InvalidRestoreDrillsError(CommandError):
    """The record of restore drills is invalid. The message lists every mistake."""


def read_restore_drills(path: Path) -> tuple[RestoreDrill, ...]:
    """Return the drills of a YAML file with one list, `drills`. Raises InvalidRestoreDrillsError."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidRestoreDrillsError(f"{path} cannot be read: {error}") from error
    listed = document.get("drills") if isinstance(document, dict) else None
    if not isinstance(listed, list) or set(document) != {"drills"}:
        raise InvalidRestoreDrillsError(f"{path} must hold one list, `drills`; docs/evidence.md shows one.")
    drills, mistakes = [], []
    for position, entry in enumerate(listed, start=1):
        try:
            drills.append(RestoreDrill.model_validate(entry))
        except ValidationError as error:
            mistakes += [
                f"number {position}: {'.'.join(map(str, each['loc'])) or 'entry'}: {each['msg']}"
                for each in error.errors()
            ]
    if mistakes:
        raise InvalidRestoreDrillsError("\n  - ".join([f"{path} has mistakes:", *mistakes]))
    return tuple(drills)
