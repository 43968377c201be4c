"""Runs of the search for drift, over exported states and over a sandbox's stacks."""

import copy
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from components.stacks import PROJECTS
from operations import REPOSITORY
from operations.drift.detect import Request, detect
from operations.drift.export import Unreadable, read_export
from operations.drift.report import Check, Classification, Finding, Report
from operations.drift.sources import Live
from operations.drift.stack import Stack
from operations.drift.unmanaged.account import Clients
from operations.engine.failure import StackName
from sandbox import Sandbox


@dataclass(frozen=True)
class Documents:
    """A source of exports that are in memory."""

    documents: Mapping[StackName, Any]
    name: str = "export"

    def read(self, name: StackName) -> Stack:
        if name not in self.documents:
            raise Unreadable(f"there is no export of {name}", "Export it.")
        return read_export(self.documents[name], name)


def parity(
    documents: Mapping[StackName, Any],
    *,
    baseline: str = "staging",
    target: str = "prod",
    projects: tuple[str, ...] = PROJECTS,
    root: Path = REPOSITORY,
) -> Report:
    return detect(
        Request(
            source=Documents(documents),
            baseline=baseline,
            target=target,
            checks=(Check.PARITY,),
            projects=projects,
            root=root,
        )
    )


def run(
    box: Sandbox,
    *checks: Check,
    projects: tuple[str, ...] = PROJECTS,
    environments: tuple[str, ...] | None = None,
    inventory: bool = False,
) -> Report:
    command = box.command()
    return detect(
        Request(
            source=Live(root=box.root, command=command),
            root=box.root,
            command=command,
            checks=checks or tuple(Check),
            projects=projects,
            environments=environments,
            clients=lambda environment: reader_clients(box, environment),
            inventory=inventory,
        )
    )


def reader_clients(box: Sandbox, environment: str) -> Clients:
    """The clients of an environment's reader role, as AWS's own SDK makes them for it."""
    names = f"reader-role-{environment}-{box.account(environment).suffix}"
    session = box.session(environment, names)
    return cache(lambda service: session.client(service, endpoint_url=box.url))


def of_class(report: Report, classification: Classification) -> list[Finding]:
    return [finding for finding in report.findings if finding.classification is classification]


def drift(report: Report) -> list[Finding]:
    return of_class(report, Classification.DRIFT)


def places(findings: list[Finding]) -> set[tuple[str, str]]:
    return {(finding.resource, finding.path) for finding in findings}


def resources(document: Mapping[str, Any], prefix: str = "aws:") -> list[dict[str, Any]]:
    return [each for each in document["deployment"]["resources"] if each["type"].startswith(prefix)]


def resource(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    (found,) = [each for each in resources(document) if each["urn"].endswith(f"::{name}")]
    return found


def logical_name(resource: Mapping[str, Any]) -> str:
    return str(resource["urn"]).rpartition("::")[2]


def changed(documents: Mapping[StackName, Any], name: StackName) -> dict[StackName, Any]:
    """The documents, with a copy of one that may be changed."""
    return {**documents, name: copy.deepcopy(documents[name])}


def copy_of_projects(folder: Path) -> Path:
    """A root whose projects a test may change."""
    shutil.copytree(REPOSITORY / "projects", folder / "projects")
    return folder


def states(box: Sandbox) -> dict[str, bytes]:
    folder = box.folder / "state"
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
