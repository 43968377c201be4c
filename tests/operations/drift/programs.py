"""Copies of the projects whose programs or stack files a test changes, compared as they would be deployed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from operations.drift.detect import Request, detect
from operations.drift.report import Check, Report
from operations.drift.sources import Code
from tests.operations.drift.runs import copy_of_projects

TRANSFORMED = """
import json
import pulumi

def _setting(key):
    return pulumi.Config({project!r}).get(key) or ""

def _transformed(args):
    if args.name == {name!r} and ({condition}):
        return pulumi.ResourceTransformationResult(props={{**args.props, **({change})}}, opts=args.opts)

pulumi.runtime.register_stack_transformation(_transformed)
"""
"""Where `condition` holds, `change` (properties to set) is made to one resource."""


def transformed(folder: Path, project: str, name: str, condition: str, change: str) -> Path:
    """A root in which a program changes one of its resources under a condition."""
    return changed_program(
        folder,
        project,
        TRANSFORMED.format(project=project, name=name, condition=condition, change=change),
    )


def changed_program(folder: Path, project: str, before: str = "", after: str = "") -> Path:
    """A root in which a program has code before and after its own."""
    root = copy_of_projects(folder)
    program = root / "projects" / project / "__main__.py"
    program.write_text(f"{before}\n{program.read_text()}\n{after}")
    return root


def configure(root: Path, project: str, environment: str, values: Mapping[str, Any]) -> None:
    """Set values in a stack file, keys without namespace."""
    path = root / "projects" / project / f"Pulumi.{environment}.yaml"
    document = yaml.safe_load(path.read_text())
    document["config"].update({f"{project}:{key}": value for key, value in values.items()})
    path.write_text(yaml.safe_dump(document))


def as_deployed(root: Path, *projects: str, baseline: str = "staging", target: str = "prod") -> Report:
    """Parity of what the programs of a root would deploy."""
    return detect(
        Request(
            source=Code(projects=root / "projects"),
            baseline=baseline,
            target=target,
            checks=(Check.PARITY,),
            projects=projects,
            root=root,
        )
    )
