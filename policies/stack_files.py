"""A stack's configuration from its project's files, for where the engine doesn't hand it over."""

import json
from pathlib import Path
from typing import Any

import yaml


class MissingConfigurationError(Exception):
    """A project's or a stack's file can't be read."""


def read_config(project_directory: Path, stack: str) -> dict[str, str]:
    """`project:key` to text, defaults of `Pulumi.yaml` filled in; encrypted values are left out.

    Raises:
        MissingConfiguration: naming the file that can't be read.
    """
    project = _load(project_directory / "Pulumi.yaml")
    settings = _load(project_directory / f"Pulumi.{stack}.yaml")
    name = str(project.get("name", ""))
    found: dict[str, object] = {}
    for key, declared in (project.get("config") or {}).items():
        if isinstance(declared, dict) and "default" in declared:
            found[_qualified(key, name)] = declared["default"]
        elif isinstance(declared, dict) and "value" in declared:
            found[_qualified(key, name)] = declared["value"]
    for key, value in (settings.get("config") or {}).items():
        if isinstance(value, dict) and set(value) == {"secure"}:
            found.pop(_qualified(key, name), None)
        else:
            found[_qualified(key, name)] = value
    return {key: _text(value) for key, value in found.items() if value is not None}


def _qualified(key: str, project: str) -> str:
    return key if ":" in key else f"{project}:{key}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _load(file: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise MissingConfigurationError(f"{file} can't be read: {error}") from error
    if not isinstance(document, dict):
        raise MissingConfigurationError(f"{file} must hold a mapping")
    return document
