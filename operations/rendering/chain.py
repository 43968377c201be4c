"""Renders whole environments: each program with the outputs of those that it reads."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from components.environment import LADDER, upstreams_of
from components.stacks import PROJECTS
from operations import REPOSITORY
from operations.engine.failure import StackName
from operations.rendering.program import render
from operations.rendering.recording import ORGANIZATION, Recorder


def render_chain(
    *environments: str,
    projects: Path = REPOSITORY / "projects",
    names: Sequence[str] = PROJECTS,
    ladder: Sequence[str] = LADDER,
) -> dict[StackName, Recorder]:
    """Render all stacks of the environments and of their upstreams, in the order of their deployment.

    Raises Unrenderable where a program fails.
    """
    rendered: dict[StackName, Recorder] = {}
    outputs: dict[str, Mapping[str, Any]] = {}
    needed = {name for each in environments for name in (each, *upstreams_of(each, ladder))}
    for environment in ladder:
        for project in names if environment in needed else ():
            found = render(project, environment, projects=projects, references=outputs)
            rendered[StackName(project=project, environment=environment)] = found
            outputs[f"{ORGANIZATION}/{project}/{environment}"] = found.outputs
    return rendered
