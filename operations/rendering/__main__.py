"""Render one stack offline and write its resources to standard output: JSON, URN to inputs.

python -m operations.rendering PROJECTS PROJECT ENVIRONMENT
"""

import json
import sys
from pathlib import Path

from operations.drift.sources import Code
from operations.engine.failure import StackName


def main(arguments: list[str]) -> int:
    """Render the stack that `arguments` name."""
    projects, project, environment = arguments
    found = Code(projects=Path(projects)).rendered(StackName(project=project, environment=environment))
    resources = {each.urn: each.inputs for each in found.resources if each.custom}
    sys.stdout.write(json.dumps(resources, default=str, sort_keys=True) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
