"""What the configuration of two stacks of one project declares: what may differ, and what must not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.project_settings import SECTIONS
from components.settings import Scaling
from components.stack_files import read_project
from operations.drift.canonical import Identity
from operations.drift.notes import BREAK_GLASS
from operations.engine.failure import StackName
from operations.rendering import configuration


@dataclass(frozen=True, kw_only=True)
class Field:
    """A configuration value that two environments may declare differently."""

    key: str
    """With its namespace: `payments:memoryMb`."""
    scaling: bool
    """A controlled variation; else part of what makes the environment itself."""
    description: str


@dataclass(frozen=True, kw_only=True)
class Declared:
    """The configuration of a stack, complete."""

    name: StackName
    projects: Path
    values: Mapping[str, str]
    """Key with namespace to value as programs get it, defaults included."""
    in_file: Mapping[str, Any]
    """What the stack file itself sets."""

    @property
    def identity(self) -> Identity:
        """What makes the stack its environment's."""
        value = {key.partition(":")[2]: value for key, value in self.values.items()}
        return Identity(
            environment=self.name.environment,
            account=value.get("accountId", ""),
            region=value.get("region", ""),
            suffix=value.get("environmentSuffix", ""),
        )


@dataclass(frozen=True, kw_only=True)
class Misdeclared:
    """A key that a stack file of the pair should not set, or should set as the other does."""

    key: str
    baseline: Any
    target: Any
    """The values in the files; None where a file does not set it."""
    reason: str


def declared(name: StackName, projects: Path) -> Declared:
    """What a stack's configuration declares. Raises InvalidConfiguration, or OSError."""
    return Declared(
        name=name,
        projects=projects,
        values=configuration(name.project, name.environment, projects=projects),
        in_file=read_project(projects / name.project, (name.environment,)).get(name.environment, {}),
    )


def fields(project: str) -> tuple[Field, ...]:
    """The fields in which the project's environments may differ."""
    return tuple(
        Field(
            key=f"{project}:{field.alias}",
            scaling=issubclass(section, Scaling),
            description=field.description or "",
        )
        for section in SECTIONS.get(project, ())
        for field in section.model_fields.values()
    )


def varying(baseline: Declared, target: Declared) -> tuple[Field, ...]:
    """The fields in which the two declare different values, but for those that are uniform."""
    uniform = uniform_keys(baseline.name.project)
    return tuple(
        field
        for field in fields(baseline.name.project)
        if field.key not in uniform and baseline.values.get(field.key) != target.values.get(field.key)
    )


def uniform_keys(project: str) -> frozenset[str]:
    """Return the keys with one value for all environments, the default in `Pulumi.yaml`."""
    return frozenset(
        f"{project}:{key}" for section in SECTIONS.get(project, ()) for key in section.uniform_keys()
    )


def misdeclared(baseline: Declared, target: Declared) -> Iterator[Misdeclared]:
    """What the two stack files hold that they may not, or that only one of them holds."""
    uniform = uniform_keys(baseline.name.project)
    known = {field.key for field in fields(baseline.name.project)}
    for key in sorted(baseline.in_file.keys() | target.in_file.keys()):
        ours, theirs = baseline.in_file.get(key), target.in_file.get(key)
        where = " and ".join(side.name.environment for side in (baseline, target) if key in side.in_file)
        reason = ""
        if key in uniform:
            reason = f"a uniform value is set in the stack file of {where}: it has one value everywhere"
        elif key == f"{baseline.name.project}:{BREAK_GLASS}":
            continue  # it is meant for one environment and a while; the report notes it
        elif key not in known:
            reason = f"the stack file of {where} sets a key that the project does not know"
        elif key not in baseline.in_file or key not in target.in_file:
            reason = f"only the stack file of {where} sets it"
        if reason:
            yield Misdeclared(key=key, baseline=ours, target=theirs, reason=reason)
