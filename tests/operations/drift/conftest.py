"""Exports of the stacks of the deployed sandbox, taken once."""

from typing import Any

import pytest

from components.environment import LADDER
from components.stacks import PROJECTS
from operations.engine.failure import StackName
from sandbox import Sandbox

Exports = dict[StackName, dict[str, Any]]


@pytest.fixture(scope="session")
def exports(deployed: Sandbox) -> Exports:
    """Stack to what `pulumi stack export` writes of it. Copy a document before changing it."""
    return {
        StackName(project=project, environment=environment): deployed.export(project, environment)
        for project in PROJECTS
        for environment in LADDER
    }
