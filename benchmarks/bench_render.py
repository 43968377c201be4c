"""How long it takes to render all nine stacks offline: the programs run on mocks, in one process.

Everything that compares or attributes configurations renders stacks many times over, so this has to be cheap.
"""

import argparse
import json
import statistics
import sys
import time

from components.environment import LADDER
from components.stacks import PROJECTS
from operations.rendering import render_chain

TARGET_SECONDS = 1.0


def nine_stacks() -> tuple[float, int]:
    """Renders all stacks; returns seconds, and the number of resources that they register."""
    began = time.perf_counter()
    resources = sum(len(stack.resources) for stack in render_chain(LADDER[-1]).values())
    return time.perf_counter() - began, resources


def main(arguments: list[str]) -> int:
    """Measure and print; 1 where the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="times that the nine are rendered once more")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    first, resources = nine_stacks()
    rounds = [nine_stacks()[0] for _ in range(options.rounds)]
    figures = {
        "stacks": len(LADDER) * len(PROJECTS),
        "resources": resources,
        "first_seconds": round(first, 3),
        "median_seconds": round(statistics.median(rounds), 3),
        "target_seconds": TARGET_SECONDS,
    }
    if options.json:
        print(json.dumps(figures))
    else:
        print(f"{figures['stacks']} stacks, {resources} resources rendered offline:")
        print(f"  first (loads the AWS SDK's modules)  {first:6.2f} s")
        print(f"  again, median of {options.rounds}                 {statistics.median(rounds):6.2f} s")
        print(f"  target                               {TARGET_SECONDS:6.2f} s")
    return 0 if figures["median_seconds"] < TARGET_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
