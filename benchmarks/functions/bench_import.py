"""CPU time of a cold start: importing the handler, with its two clients, against boto3 with the same two.

Each import is a process of its own, in turn, with the code of the deployed zip. Counted is CPU time, which
other processes on the machine disturb least, until the import is done: a cold start has no share in what the
process takes to end. The smallest of all rounds, because whatever disturbs only adds.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from components.artifact import build

TARGET_RATIO = 1.0
HANDLER = "import payment_processor.handler"
BARE = "import boto3"
CLIENTS = f"{BARE}; boto3.client('dynamodb'); boto3.client('sns')"
ENVIRONMENT = {
    "TABLE_NAME": "payments-table",
    "TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:payments",
    "VERIFICATION_QUEUE_ARN": "arn:aws:sqs:us-east-1:123456789012:payments-verification-queue-dev-acme",
    "MAXIMUM_AMOUNTS": "EUR:1000000",
    "NEAR_DUPLICATE_SECONDS": "3600",
    "RETENTION_DAYS": "0",
    "ENVIRONMENT": "dev",
    "LOG_LEVEL": "INFO",
    "POWERTOOLS_SERVICE_NAME": "payments",
    "POWERTOOLS_METRICS_NAMESPACE": "Payments",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
}


def cpu_milliseconds(python: str, statement: str, **environment: str) -> float:
    """CPU time of a process until it has run one statement."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    variables = {**inherited, **ENVIRONMENT, **environment}
    command = [python, "-c", f"{statement}\nimport time\nprint(time.process_time())"]
    done = subprocess.run(command, check=True, env=variables, stdout=subprocess.PIPE)  # noqa: S603 # our own
    return float(done.stdout) * 1000


def measure(python: str, rounds: int) -> dict[str, float]:
    """The smallest CPU time of each import, in milliseconds."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(build("payment_processor").path) as archive:
        compiled, deployed = str(Path(folder, "compiled")), str(Path(folder, "deployed"))
        archive.extractall(compiled)
        shutil.copytree(compiled, deployed)
        cpu_milliseconds(python, HANDLER, PYTHONPATH=compiled)  # writes the bytecode
        samples = [
            (
                cpu_milliseconds(python, "pass"),
                cpu_milliseconds(python, BARE),
                cpu_milliseconds(python, CLIENTS),
                cpu_milliseconds(python, HANDLER, PYTHONPATH=compiled),
                cpu_milliseconds(python, HANDLER, PYTHONPATH=deployed, PYTHONDONTWRITEBYTECODE="1"),
            )
            for _ in range(rounds)
        ]
    names = ("python_ms", "boto3_ms", "clients_ms", "handler_ms", "handler_without_bytecode_ms")
    return {name: round(min(times), 1) for name, times in zip(names, zip(*samples, strict=True), strict=True)}


def main(arguments: list[str]) -> int:
    """Measure and print; 1 where the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="processes started for each figure")
    parser.add_argument("--python", default=sys.executable, help="interpreter that has boto3")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    size = round(build("payment_processor").path.stat().st_size / 1024)
    figures = measure(options.python, options.rounds)
    ratio = round(figures["handler_ms"] / figures["clients_ms"], 2)
    without = round(figures["handler_without_bytecode_ms"] / figures["clients_ms"], 2)
    figures |= {
        "ratio": ratio,
        "ratio_without_bytecode": without,
        "target_ratio": TARGET_RATIO,
        "zip_kb": size,
    }
    if options.json:
        print(json.dumps(figures))
    else:
        print(f"CPU time of a process until then, smallest of {options.rounds}:")
        print(f"  python alone                           {figures['python_ms']:6.0f} ms")
        print(f"  import boto3                           {figures['boto3_ms']:6.0f} ms")
        print(f"  import boto3, create the two clients   {figures['clients_ms']:6.0f} ms")
        print(f"  the handler, with its two clients made {figures['handler_ms']:6.0f} ms  x {ratio:.2f}")
        bare = figures["handler_without_bytecode_ms"]
        print(f"  the same, its own bytecode not there   {bare:6.0f} ms  x {without:.2f}")
        print(f"  target                                            x {TARGET_RATIO:.2f}")
        print(f"The zip has {size} KB; boto3 is the runtime's.")
    return 0 if ratio <= TARGET_RATIO else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
