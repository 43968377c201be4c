"""How long the pack takes to start, beside `import pulumi_policy` alone.

python benchmarks/policies/bench_start.py [--json]
"""

import argparse
import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

PACK = Path(__file__).parents[2] / "policies"
RUNS = 7
LIMIT = 1.5


def serve_until_ready() -> None:
    """Start the pack as the engine does, and end it when it says its port."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", "."], cwd=PACK, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip().isdigit()
    process.kill()
    process.wait()


def import_sdk() -> None:
    """What every Python pack pays: the SDK, by the same way in."""
    subprocess.run([sys.executable, "-c", "import pulumi.policy, pulumi_policy"], check=True)


def processor_seconds(work: Any) -> float:
    """Processor time of the child process that `work` waits for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure() -> dict[str, Any]:
    """The fastest of some runs of each, in turn, so that both see the same machine."""
    runs = [(processor_seconds(import_sdk), processor_seconds(serve_until_ready)) for _ in range(RUNS)]
    sdk, pack = min(run[0] for run in runs), min(run[1] for run in runs)
    return {
        "sdkSeconds": sdk,
        "packSeconds": pack,
        "ratio": pack / sdk,
        "limit": LIMIT,
        "ok": pack / sdk <= LIMIT,
    }


def main() -> int:
    """Measure and print; 1 if the limit is exceeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = measure()
    if arguments.json:
        print(json.dumps(found, indent=2))
    else:
        verdict = "ok" if found["ok"] else "TOO SLOW"
        print(f"import pulumi_policy {found['sdkSeconds']:.2f} s of processor time")
        print(f"the pack until it serves {found['packSeconds']:.2f} s")
        print(f"ratio {found['ratio']:.2f}, limit {LIMIT}: {verdict}")
    return 0 if found["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
