"""Where a verification acts: an environment's payments stack, and how its account is reached."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.stacks import PaymentsOutputs
from operations import REPOSITORY
from operations.engine.command import EngineCommand
from operations.engine.failure import StackMissing
from operations.workspace import outputs, session

ROLE = "verifier"
"""The role of bootstrap-iam that may touch the reserved payments, and no others."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """One environment to verify."""

    environment: str
    outputs: Mapping[str, Any]
    """Of its payments stack."""
    client: Callable[[str], Any]
    """A boto3 client of the verifier, by service, in the environment's account and region."""
    deliver: Callable[[], object] | None = None
    """Has what waits in the queue processed; None where something does that by itself, as Lambda does."""


def target_of(environment: str, *, root: Path = REPOSITORY, command: EngineCommand | None = None) -> Target:
    """The environment as the projects in `root` have it, reached with this process's own credentials.

    Raises AccessRefused, or what operations.workspace.outputs raises.
    """
    project = PaymentsOutputs.PROJECT
    found = outputs(project, environment, root=root, command=command)
    if "artifactDigest" not in found:
        raise StackMissing(
            f"{project}/{environment} is not deployed, or no longer. "
            f"Deploy it: python scripts/deploy.py up --env {environment}"
        )
    return Target(
        environment=environment,
        outputs=found,
        client=session(environment, role=ROLE, root=root).client,
    )
