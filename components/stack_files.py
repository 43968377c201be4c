"""The stack files `Pulumi.<environment>.yaml`: read as they stand, and compared with one another.

A program sees its own stack's values only. That the environments are in distinct accounts, and that their
files have the same keys, can be seen in the files alone.
"""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from components.configuration import InvalidConfiguration, Mistake
from components.environment import LADDER

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""As safe and ten times as fast, where PyYAML comes with libyaml, as its wheels do."""


def read_project(directory: str | Path, ladder: Iterable[str] = LADDER) -> dict[str, dict[str, Any]]:
    """A project's configuration values by environment, keys with their namespace, as far as files exist.

    Raises:
        InvalidConfiguration: a file is not YAML with a mapping `config`.
    """
    return {
        environment: _read(path)
        for environment in ladder
        if (path := Path(directory) / f"Pulumi.{environment}.yaml").exists()
    }


def project_defaults(directory: Path) -> dict[str, Any]:
    """Return the defaults of a project's `Pulumi.yaml`, by key without namespace. Raises OSError."""
    text = (directory / "Pulumi.yaml").read_text(encoding="utf-8")
    document = yaml.load(text, Loader=LOADER)  # noqa: S506 # safe
    return {
        key: declaration["default"]
        for key, declaration in (document.get("config") or {}).items()
        if ":" not in key and "default" in declaration
    }


def value_text(value: Any) -> str:
    """Return a configuration value as the text that a program gets."""
    return value if isinstance(value, str) else json.dumps(value)


def mistakes(
    files: Mapping[str, Mapping[str, Any]],
    environment: str,
    *,
    transient: frozenset[str] = frozenset(),
    exceptional: frozenset[str] = frozenset(),
) -> list[Mistake]:
    """Return the mistakes in an environment's file, compared with the project's other files.

    No file may hold a `transient` key. An `exceptional` one may stand in one file alone.
    """
    if environment not in files:
        return []
    mine = files[environment]
    found = [
        Mistake(
            key=key,
            value=mine[key],
            allowed="in no stack file: scripts pass it to one deployment",
            fix=f"remove it from Pulumi.{environment}.yaml",
        )
        for key in mine
        if key in transient
    ]
    for other, theirs in files.items():
        if other == environment:
            continue
        found += [
            Mistake(
                key=key,
                value=mine[key],
                allowed=f"an account of its own; {other} has the same",
                fix=f"set the account id of {environment} in Pulumi.{environment}.yaml",
            )
            for key in mine
            if key.endswith(":accountId") and str(mine[key]) == str(theirs.get(key))
        ]
        found += [
            Mistake(
                key=key,
                allowed=f"set here too, as it is in Pulumi.{other}.yaml (or in no stack file)",
                fix=f"set it in Pulumi.{environment}.yaml, so that the files can be compared line by line",
            )
            for key in theirs
            if key not in mine
            and key not in transient | exceptional
            and key not in {mistake.key for mistake in found}
        ]
    return found


ENGINE_KEYS = frozenset({"encryptedkey", "encryptionsalt", "secretsprovider"})
"""Top-level keys that the engine writes into a stack file; they belong to one backend's stack."""


def without_engine_keys(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stack file's document without the engine's own keys, which secret values alone need."""
    values = (document.get("config") or {}).values()
    if any(isinstance(value, Mapping) and "secure" in value for value in values):
        return dict(document)
    return {key: value for key, value in document.items() if key not in ENGINE_KEYS}


def same_meaning(one: str, other: str) -> bool:
    """Whether two texts of a stack file give a program the same values.

    The engine rewrites a file with other quotes, order and layout, and adds its own keys. None of that
    counts. A text that is not a stack file means nothing, so it is never the same.
    """
    meanings = [_meaning(text) for text in (one, other)]
    return meanings[0] is not None and meanings[0] == meanings[1]


def changed_keys(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the keys whose values differ for a program, in order."""
    return tuple(
        key for key in sorted(one.keys() | other.keys()) if _plain(one.get(key)) != _plain(other.get(key))
    )


def parse_text(text: str, origin: str) -> dict[str, Any]:
    """Return the configuration values in the text of a stack file. Raises InvalidConfiguration."""
    return _values(text, Path(origin))


def _meaning(text: str) -> dict[str, Any] | None:
    try:
        document = yaml.load(text, Loader=LOADER) or {}  # noqa: S506 # safe
    except yaml.YAMLError:
        return None
    if not isinstance(document, dict):
        return None
    return {key: _plain(value) for key, value in document.items() if key not in ENGINE_KEYS}


def _plain(value: Any) -> Any:
    """A value with every scalar as the text that a program gets: `100` and `"100"` are the same."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, str) else json.dumps(value, default=str)


def dump(document: Mapping[str, Any]) -> str:
    """Return the text of a stack file in which every reader finds the same values."""
    return yaml.dump(dict(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True)


class _Dumper(yaml.SafeDumper):
    """Quotes every text that begins like a number, as account ids do.

    PyYAML follows YAML 1.1, in which `090817263544` is text without quotes. The engine follows YAML 1.2
    and reads a number.
    """


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if _NUMERIC.match(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_NUMERIC = re.compile(r"[-+.0-9]")
"""The first character of every text that some version of YAML may read as a number or a date."""
_Dumper.add_representer(str, _represent_text)


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise _unreadable(path, "YAML", str(error)) from None
    return _values(text, path)


def _values(text: str, path: Path) -> dict[str, Any]:
    try:
        document = yaml.load(text, Loader=LOADER) or {}  # noqa: S506 # safe
    except yaml.YAMLError as error:
        raise _unreadable(path, "YAML", str(error).replace("\n", " ")) from None
    config = (document.get("config") or {}) if isinstance(document, dict) else None
    if not isinstance(config, dict):
        raise _unreadable(path, "a mapping 'config' of keys to values", "its top level is something else")
    return {str(key): value for key, value in config.items()}


def _unreadable(path: Path, allowed: str, problem: str) -> InvalidConfiguration:
    mistake = Mistake(key=path.name, value=problem, allowed=allowed, fix="correct the file's syntax")
    return InvalidConfiguration(str(path), [mistake])
