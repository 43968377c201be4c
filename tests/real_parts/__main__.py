"""`python -m tests.real_parts --seconds 600`: a longer trial, with a report in JSON (`make soak`)."""

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from tests.real_parts.parts import PartsUnavailableError, fetch, running
from tests.real_parts.trial import run


def main(arguments: list[str]) -> int:
    """Run a trial; exit with 0 if nothing was violated, 1 if something was, 2 if the parts cannot run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="seconds of payments, kills and faults")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="chooses kills, faults, contents")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as logs:
        try:
            with running(fetch(), Path(logs)) as parts:
                report = run(parts, Path(logs), seconds=options.seconds, seed=options.seed)
        except PartsUnavailableError as reason:
            sys.stderr.write(f"The real parts cannot run: {reason}\n")
            return 2
    sys.stdout.write(json.dumps({"seed": options.seed, **asdict(report)}, indent=2) + "\n")
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
