"""What the pack adds to a preview of 500 resources by the real engine, beside a pack with one empty rule.

    python benchmarks/policies/bench_engine.py [--resources 500] [--runs 3] [--json]

The accounts are the sandbox's. Both packs run in turn, so that both see the same machine, and the fastest run
of each counts: by the clock, and by the processor time of the engine and all that it starts.
"""

import argparse
import json
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from pulumi.automation import Stack

from sandbox import Sandbox

PACK = Path(__file__).parents[2] / "policies"
LIMIT = 1.5

EMPTY = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

PolicyPack(
    name="empty",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[
        ResourceValidationPolicy(name="nothing", description="Nothing.", validate=lambda args, report: None)
    ],
)
"""

PROGRAM = """
import json
import pulumi
import pulumi_aws as aws

role = "arn:aws:iam::111111111111:role/OrganizationAccountAccessRole"
tags = {"Project": "payments", "Environment": "dev", "EnvironmentSuffix": "acme", "ManagedBy": "pulumi"}
provider = aws.Provider(
    "aws",
    region="us-east-1",
    allowed_account_ids=["111111111111"],
    assume_roles=[{"role_arn": role}],
    default_tags={"tags": tags},
)
opts = pulumi.ResourceOptions(provider=provider)
key = "arn:aws:kms:us-east-1:111111111111:key/1"


def arn(service, name):
    return f"arn:aws:{service}:us-east-1:111111111111:{name}"


def deny(action, on):
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": on,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


for n in range(COUNT // 8):
    parking = f"n{n}-dead-letter-queue-dev-acme"
    work = f"n{n}-queue-dev-acme"
    redrive = {"deadLetterTargetArn": arn("sqs", parking), "maxReceiveCount": 2}
    allow = {"redrivePermission": "byQueue", "sourceQueueArns": [arn("sqs", work)]}
    for name, more in (
        (parking, {"message_retention_seconds": 1209600}),
        (work, {"redrive_policy": json.dumps(redrive)}),
    ):
        queue = aws.sqs.Queue(name, name=name, kms_master_key_id=key, opts=opts, **more)
        aws.sqs.QueuePolicy(
            f"{name}-policy",
            queue_url=f"https://sqs/{name}",
            policy=json.dumps({"Statement": deny("sqs:*", arn("sqs", name))}),
            opts=opts,
        )
    aws.sqs.RedriveAllowPolicy(
        f"{parking}-allow",
        queue_url=f"https://sqs/{parking}",
        redrive_allow_policy=json.dumps(allow),
        opts=opts,
    )
    aws.cloudwatch.LogGroup(
        f"n{n}-log-group", name=f"n{n}-log-group-dev-acme", retention_in_days=30, kms_key_id=key, opts=opts
    )
    aws.dynamodb.Table(
        f"n{n}-table",
        name=f"n{n}-table-dev-acme",
        hash_key="pk",
        attributes=[{"name": "pk", "type": "S"}],
        billing_mode="PAY_PER_REQUEST",
        server_side_encryption={"enabled": True, "kms_key_arn": key},
        point_in_time_recovery={"enabled": False},
        opts=opts,
    )
    aws.cloudwatch.MetricAlarm(
        f"n{n}-alarm",
        name=f"n{n}-depth-alarm-dev-acme",
        alarm_actions=[arn("sns", "operators")],
        namespace="AWS/SQS",
        metric_name="ApproximateNumberOfMessagesVisible",
        dimensions={"QueueName": parking},
        comparison_operator="GreaterThanOrEqualToThreshold",
        evaluation_periods=1,
        threshold=10,
        period=60,
        statistic="Maximum",
        opts=opts,
    )
"""


def preview(stack: Stack, pack: Path | None) -> tuple[float, float]:
    """Seconds by the clock, and of processor time, of one preview."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    stack.preview(policy_packs=[str(pack)] if pack else None)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - begin, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(resources: int, runs: int) -> dict[str, Any]:
    """The fastest of some previews under each pack, and under none."""
    folder = Path(tempfile.mkdtemp(prefix="empty-pack-"))
    (folder / "PulumiPolicy.yaml").write_text(
        f"runtime:\n  name: python\n  options:\n    virtualenv: {sys.prefix}\n"
    )
    (folder / "__main__.py").write_text(EMPTY)
    try:
        with Sandbox() as box:
            program = box.root / "projects" / "payments" / "__main__.py"
            program.write_text(PROGRAM.replace("COUNT", str(resources)))
            stack = box.stack("payments", "dev")
            found: dict[str, list[tuple[float, float]]] = {"none": [], "empty": [], "whole": []}
            for _ in range(runs):
                for name, pack in (("none", None), ("empty", folder), ("whole", PACK)):
                    found[name].append(preview(stack, pack))
    finally:
        shutil.rmtree(folder)
    clock = {name: min(run[0] for run in times) for name, times in found.items()}
    processor = {name: min(run[1] for run in times) for name, times in found.items()}
    ratio = clock["whole"] / clock["empty"]
    return {
        "resources": resources,
        "clockSeconds": clock,
        "processorSeconds": processor,
        "clockRatio": ratio,
        "processorRatio": processor["whole"] / processor["empty"],
        "limit": LIMIT,
        "ok": min(ratio, processor["whole"] / processor["empty"]) <= LIMIT,
    }


def main() -> int:
    """Measure and print; 1 if the limit is exceeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resources", type=int, default=500)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = measure(arguments.resources, arguments.runs)
    if arguments.json:
        print(json.dumps(found, indent=2))
    else:
        print(f"a preview of {found['resources']} resources, seconds by the clock (of processor time):")
        for name in ("none", "empty", "whole"):
            clock, processor = found["clockSeconds"][name], found["processorSeconds"][name]
            print(f"  {name:>5} pack  {clock:6.2f}  ({processor:.2f})")
        verdict = "ok" if found["ok"] else "TOO SLOW"
        ratios = f"{found['clockRatio']:.2f} ({found['processorRatio']:.2f})"
        print(f"whole to empty: {ratios}, limit {LIMIT}: {verdict}")
    return 0 if found["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
