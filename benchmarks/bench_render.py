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


def nine_stacks() -> tuple[float, float, int]:
    """Renders all stacks; returns seconds, seconds of CPU, and the number of resources that they register."""
    began, began_cpu = time.perf_counter(), time.process_time()
    resources = sum(len(stack.resources) for stack in render_chain(*LADDER).values())
    return time.perf_counter() - began, time.process_time() - began_cpu, resources


def main(arguments: list[str]) -> int:
    """Measure and print; 1 where the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="times that the nine are rendered once more")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    first, _, resources = nine_stacks()
    rounds = [nine_stacks() for _ in range(options.rounds)]
    seconds, cpu_seconds = (statistics.median(round_[index] for round_ in rounds) for index in (0, 1))
    figures = {
        "stacks": len(LADDER) * len(PROJECTS),
        "resources": resources,
        "first_seconds": round(first, 3),
        "median_seconds": round(seconds, 3),
        "median_cpu_seconds": round(cpu_seconds, 3),
        "target_seconds": TARGET_SECONDS,
    }
    if options.json:
        print(json.dumps(figures))
    else:
        print(f"{figures['stacks']} stacks, {resources} resources rendered offline:")
        print(f"  first (loads the AWS SDK's modules)  {first:6.2f} s")
        print(f"  again, median of {options.rounds}                 {seconds:6.2f} s")
        print(f"  of CPU, which is all on a quiet core {cpu_seconds:6.2f} s")
        print(f"  target                               {TARGET_SECONDS:6.2f} s")
    return 0 if figures["median_seconds"] < TARGET_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
