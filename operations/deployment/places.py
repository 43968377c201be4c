"""Where each stack of a plan is, for people to see before they agree to it."""

from pathlib import Path

from components.stack_files import read_project
from operations.deployment.plan import Plan
from operations.engine.failure import StackName


def places(plan: Plan, root: Path) -> dict[StackName, str]:
    """Account and region of each stack, as its file under `root` has them; empty where it doesn't.

    Raises components.configuration.InvalidConfiguration for a file that can't be read.
    """
    found = {}
    for stack in plan.stacks:
        files = read_project(root / "projects" / stack.project, (stack.environment,))
        values = files.get(stack.environment, {})
        place = [str(values.get(f"{stack.project}:{key}", "")) for key in ("accountId", "region")]
        found[stack] = " ".join(filter(None, place))
    return found
