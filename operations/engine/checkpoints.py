"""Keeps from the engine each checkpoint that is not judged safe: a stack's own, and those that it reads.

    EngineCommand.run → guard → backend's files → judge → the engine

Backends other than `file://` and `s3://` are not judged: a service such as Pulumi Cloud keeps no files to
read, and decides itself who may write a state.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from components.configuration import InvalidConfiguration
from components.environment import LADDER, environments_of, upstreams_of
from components.stacks import PROJECTS, PaymentsOutputs
from operations.engine.backend_files import BackendFiles, BackendUnreadableError, FolderFiles, backend_files
from operations.engine.checkpoint import PASSPHRASE, judge, read_checkpoint
from operations.engine.failure import BackendUnreachable, OperationFailed, StackName

SECRETS_PROVIDER = "STACK_SECRETS_PROVIDER"
"""Environment variable: what encrypts the secrets of stacks that are yet to be made; by default a passphrase.

Such as `awskms://alias/acme-payments-state-secrets-{environment}?region=eu-west-1`."""
META = ".pulumi/meta.yaml"
"""Which layout the backend has: the engine looks for states in other places where that says so."""
LAYOUT = 1

_RUNS_PROGRAM = frozenset({"up", "preview", "refresh", "destroy", "import", "watch"})
_READS_NO_STATE = frozenset({("stack", "init"), ("config",)})
_PASSPHRASE_VARIABLES = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")
_READS = 50
_SECONDS_BETWEEN_READS = 0.1


class StateRefused(OperationFailed):
    """A state holds what the engine must not be given."""


def guard(arguments: Sequence[str], cwd: str, environ: Mapping[str, str]) -> None:
    """Judges every checkpoint that `pulumi ARGUMENTS`, run in `cwd`, would read.

    Raises StateRefused, or BackendUnreachable where one can't be read.
    """
    environment = _stack(arguments)
    if environment is None or any(tuple(arguments[: len(each)]) == each for each in _READS_NO_STATE):
        return
    project = _document(Path(cwd) / "Pulumi.yaml")
    name = StackName(project=str(project.get("name", "")), environment=environment.rpartition("/")[2])
    read = [name]
    if arguments[0] in _RUNS_PROGRAM:
        read += [each for each in stacks_read_by(name, environments_of(Path(cwd).parent)) if each != name]
    try:
        files = backend_files(_backend(project, environ), environ)
        if files is not None:
            for each in read:
                _judge(each, files, declared_secrets(each, Path(cwd), environ))
    except BackendUnreadableError as error:
        raise BackendUnreachable(
            f"{name}: {error}\nCheck PULUMI_BACKEND_URL, the network and the credentials for it."
        ) from error


def stacks_read_by(name: StackName, ladder: Sequence[str] = LADDER) -> Iterator[StackName]:
    """The stacks whose outputs a program may read: those of its environment, and payments below it."""
    yield from (StackName(project=project, environment=name.environment) for project in PROJECTS)
    try:
        below = upstreams_of(name.environment, ladder)
    except InvalidConfiguration:
        below = ()
    yield from (StackName(project=PaymentsOutputs.PROJECT, environment=each) for each in below)


def declared_secrets(name: StackName, folder: Path, environ: Mapping[str, str]) -> frozenset[str]:
    """The secrets providers that a stack may have: by the variable, its stack file, or a passphrase.

    `folder` is the project's, or a neighbour's.
    """
    template = environ.get(SECRETS_PROVIDER, "")
    declared = {template.replace("{environment}", name.environment)} if template else set()
    own = folder / f"Pulumi.{name.environment}.yaml"
    neighbour = folder.parent / name.project / f"Pulumi.{name.environment}.yaml"
    written = _document(neighbour if neighbour.is_file() else own).get("secretsprovider")
    if isinstance(written, str) and written:
        declared.add(written)
    if not declared or any(variable in environ for variable in _PASSPHRASE_VARIABLES):
        declared.add(PASSPHRASE)
    return frozenset(declared)


def stack_outputs(name: StackName, files: BackendFiles) -> Mapping[str, Any]:
    """Return a stack's outputs from its checkpoint; none if it is not deployed.

    It starts no engine, so it takes milliseconds. Secret outputs stay encrypted.

    Raises BackendUnreadableError.
    """
    for suffix in ("", ".gz"):
        document = _read(f".pulumi/stacks/{name.project}/{name.environment}.json{suffix}", files)
        if document is None:
            continue
        latest = (document.get("checkpoint") or {}).get("latest") or {}
        for resource in latest.get("resources") or ():
            if resource.get("type") == "pulumi:pulumi:Stack":
                outputs: Mapping[str, Any] = resource.get("outputs") or {}
                return outputs
    return {}


def _judge(name: StackName, files: BackendFiles, secrets: frozenset[str]) -> None:
    for suffix in ("", ".gz"):
        path = f".pulumi/stacks/{name.project}/{name.environment}.json{suffix}"
        document = _read(path, files)
        if document is None:
            continue
        found = judge(document, secrets=secrets)
        layout = _layout(files)
        if layout != LAYOUT:
            found.append(f"{META} says layout {layout}, and {LAYOUT} is the one that is used here")
        if found:
            reasons = "".join(f"\n  {reason}" for reason in found)
            raise StateRefused(
                f"{name}: its state is not given to the engine, which would act on it:{reasons}\n"
                f"Find out who wrote {path}, and put back an earlier version of it. "
                "docs/deployment.md tells what a state may hold, and how a version or a key changes."
            )


def _read(path: str, files: BackendFiles) -> Any:
    """The document at a path; None where there is none. Raises BackendUnreadableError."""
    for patience in reversed(range(_READS)):
        content = files.read(path)
        if content is None:
            return None
        try:
            return read_checkpoint(content)
        except ValueError as error:
            # The engine writes a file in place: another process may be in the midst of it.
            if not (patience and isinstance(files, FolderFiles)):
                raise BackendUnreadableError(f"{path} is not a checkpoint: {error}") from error
            time.sleep(_SECONDS_BETWEEN_READS)
    return None


def _layout(files: BackendFiles) -> Any:
    try:
        found = yaml.safe_load(files.read(META) or b"")
    except yaml.YAMLError:
        return "that can't be read"
    return found.get("version") if isinstance(found, Mapping) else None


def _stack(arguments: Sequence[str]) -> str | None:
    for position, word in enumerate(arguments):
        option, equals, value = word.partition("=")
        if option in ("--stack", "-s"):
            return value if equals else next(iter(arguments[position + 1 :]), None)
    return None


def _backend(project: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """URL of the backend, found as the engine finds it."""
    named = environ.get("PULUMI_BACKEND_URL") or (project.get("backend") or {}).get("url")
    if named:
        return str(named)
    home = environ.get("PULUMI_HOME") or str(Path(environ.get("HOME", "~"), ".pulumi").expanduser())
    try:
        return str(json.loads(Path(home, "credentials.json").read_text(encoding="utf-8")).get("current", ""))
    except (OSError, ValueError):
        return ""


def _document(path: Path) -> Mapping[str, Any]:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError):
        return {}
    return found if isinstance(found, Mapping) else {}
