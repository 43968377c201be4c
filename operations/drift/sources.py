"""Where stacks are read from: the backend, exported files, or the programs themselves."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Protocol

from pulumi import automation as auto

from components.configuration import InvalidConfiguration
from components.environment import environments_of, upstreams_of
from components.stacks import PROJECTS
from operations.drift.collection import paused_collection
from operations.drift.export import Unreadable, read_export
from operations.drift.plain import plain
from operations.drift.program import declared_properties
from operations.drift.stack import PROVIDERS, Resource, Stack, options_of
from operations.engine.command import EngineCommand
from operations.engine.failure import NotLoggedIn, OperationFailed, StackName
from operations.engine.locks import BackendUnreadableError, holder
from operations.rendering import Recorder, Unrenderable, render
from operations.rendering.recording import ORGANIZATION
from operations.workspace import project_directory, translating


class Source(Protocol):
    """Reads stacks."""

    @property
    def name(self) -> str:
        """`live`, `export` or `code`."""

    def read(self, name: StackName) -> Stack:
        """The stack. Raises Unreadable."""


@dataclass(frozen=True, kw_only=True)
class Live:
    """The backend, through the engine."""

    root: Path
    command: EngineCommand
    name: str = "live"

    def read(self, name: StackName) -> Stack:
        """The stack as its last deployment left it. Raises Unreadable."""
        try:
            with translating(name.project, name.environment):
                result = self.command.run(
                    ["stack", "export", "--stack", name.environment],
                    str(project_directory(name.project, self.root)),
                    {},
                )
            held = holder(self._backend, name, self.command.environ)
        except OperationFailed as failure:
            raise unreadable(failure) from failure
        except BackendUnreadableError as error:
            raise Unreadable(
                f"whether {name} is being deployed to is not known: {error}",
                "Correct the credentials for the state backend, then check again.",
            ) from error
        if held is not None:
            raise Unreadable(
                f"{name} is locked by {held}: it is being deployed to",
                f"Wait for the end. If it was killed: pulumi -C projects/{name.project} cancel "
                f"{name.environment}",
            )
        with paused_collection():
            return read_export(json.loads(result.stdout), name)

    @cached_property
    def _backend(self) -> str:
        """The backend's URL."""
        try:
            result = self.command.run(["whoami", "--json"], str(self.root), {})
            return str(json.loads(result.stdout).get("url", ""))
        except (auto.CommandError, ValueError):
            return ""


@dataclass(frozen=True, kw_only=True)
class Exported:
    """A folder of `pulumi stack export`: `PROJECT.ENVIRONMENT.json` or `PROJECT/ENVIRONMENT.json`."""

    folder: Path
    name: str = "export"

    def read(self, name: StackName) -> Stack:
        """The stack as its export has it. Raises Unreadable."""
        places = [
            self.folder / f"{name.project}.{name.environment}.json",
            self.folder / name.project / f"{name.environment}.json",
        ]
        export = (
            f"Export it: pulumi -C projects/{name.project} stack export -s {name.environment} "
            f"--file {places[0]}"
        )
        path = next((place for place in places if place.is_file()), None)
        if path is None:
            raise Unreadable(f"there is no export of {name}: {places[0]} is missing", export)
        try:
            with paused_collection():
                document = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise Unreadable(f"the export {path} is malformed: {error}", export) from error
        with paused_collection():
            return read_export(document, name)


@dataclass(frozen=True, kw_only=True)
class Code:
    """What the programs would deploy; nothing needs to be deployed."""

    projects: Path
    order: Sequence[str] = PROJECTS
    name: str = "code"

    def read(self, name: StackName) -> Stack:
        """The stack as it would be deployed. Raises Unreadable."""
        try:
            return self._stack(name, self.rendered(name))
        except (Unrenderable, InvalidConfiguration, OSError) as error:
            raise Unreadable(str(error), "Correct the program or its configuration.") from error

    def rendered(self, name: StackName) -> Recorder:
        """What its program registers. Raises Unrenderable, InvalidConfiguration or OSError."""
        return _render(self, name)

    def references(self, name: StackName) -> Mapping[str, Mapping[str, Any]]:
        """The outputs of what the stack reads."""
        own = self.order[: self.order.index(name.project)]
        read = [StackName(project=project, environment=name.environment) for project in own]
        read += [
            StackName(project=name.project, environment=lower)
            for lower in upstreams_of(name.environment, environments_of(self.projects))
        ]
        return {f"{ORGANIZATION}/{each}": self.rendered(each).outputs for each in read}

    def _stack(self, name: StackName, rendered: Recorder) -> Stack:
        resources = [
            Resource(
                key=each.urn.split("::", 2)[2],
                type=each.type,
                name=each.name,
                asked=declared_properties(each.type, each.inputs),
                options=options_of(
                    protect=each.protect,
                    retain_on_delete=each.retain_on_delete,
                    ignore_changes=each.ignore_changes,
                ),
            )
            for each in rendered.resources
        ]
        return Stack(
            name=name,
            resources={each.key: each for each in resources},
            outputs=plain(rendered.outputs),
            references=rendered.references,
            providers={
                each.type.removeprefix(PROVIDERS): str(each.inputs.get("version", ""))
                for each in rendered.resources
                if each.type.startswith(PROVIDERS)
            },
        )


NO_BACKEND = (
    "Set PULUMI_BACKEND_URL or run `pulumi login`. Without a backend: python scripts/drift.py --from-code "
    "compares the programs, and python scripts/sandbox.py up makes stacks to try it on."
)


def unreadable(failure: OperationFailed) -> Unreadable:
    """Return why a stack cannot be checked, after an operation failed."""
    if isinstance(failure, NotLoggedIn):
        return Unreadable("no Pulumi backend is set", NO_BACKEND)
    reason = str(failure).removesuffix(failure.remedy).rstrip()
    return Unreadable(reason, failure.remedy or "Correct that, then check again.")


@cache
def _render(source: Code, name: StackName) -> Recorder:
    references = source.references(name)
    return render(name.project, name.environment, projects=source.projects, references=references)
