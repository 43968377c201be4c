"""The report of docs/drift-example.html. To update it: python -m tests.docs.drift_example"""

import json
from dataclasses import replace
from datetime import timedelta

from operations import REPOSITORY
from operations.drift.formats.as_html import render
from operations.drift.report import Check, Kind, NotChecked, Past, Report, Severity
from tests.operations.drift.formats.reports import DEBUG, MEMORY, OPENED, REPORT, TAGGED

PAGE = REPOSITORY / "docs" / "drift-example.html"
NOW = REPORT.generated_at


def _policy(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": [*actions], "Resource": "${payments-table.arn}"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


WIDENED = replace(
    OPENED,
    project="payments",
    resource="payments-function-policy",
    type="aws:iam/rolePolicy:RolePolicy",
    path="policy",
    kind=Kind.CHANGED,
    baseline=_policy("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:TransactWriteItems"),
    target=_policy("dynamodb:GetItem", "dynamodb:*"),
    fix="Undo it: pulumi -C projects/payments -s prod refresh && "
    "python scripts/deploy.py up --env prod --project payments",
    since=NOW,
)

VARIATIONS = (
    ("payments:reservedConcurrency", "payments-function", "reservedConcurrentExecutions", 10, 100),
    (
        "payments:reservedConcurrency",
        "payments-event-source-mapping",
        "scalingConfig.maximumConcurrency",
        10,
        100,
    ),
    ("payments:memoryMb", "payments-function", "memorySize", 1024, 2048),
    ("payments:maxReceiveCount", "payments-queue", "redrivePolicy.maxReceiveCount", 3, 5),
    ("payments:deadLetterAlarmThreshold", "payments-dead-letter-depth-alarm", "threshold", 5, 1),
)
REASONS = {
    "payments:reservedConcurrency": "Payments processed at once follow the traffic.",
    "payments:memoryMb": "CPU comes with memory: prod buys latency.",
    "payments:maxReceiveCount": "Prod waits out longer disturbances before parking a payment.",
    "payments:deadLetterAlarmThreshold": "One dead letter is an incident in prod.",
}

EXAMPLE: Report = replace(
    REPORT,
    findings=(
        OPENED,
        WIDENED,
        DEBUG,
        replace(DEBUG, path="timeout", severity=Severity.MEDIUM, baseline=30, target=60),
        TAGGED,
        *(
            replace(
                MEMORY,
                explained_by=by,
                resource=name,
                path=path,
                baseline=ours,
                target=theirs,
                reason=REASONS[by],
            )
            for by, name, path, ours, theirs in VARIATIONS
        ),
    ),
    not_checked=(
        NotChecked(
            check=Check.CODE,
            project="network",
            environment="staging",
            reason="network/staging is locked: somebody is deploying it.",
            fix="Wait for it; one that died is ended by: pulumi -C projects/network -s staging cancel",
        ),
    ),
    notes={},
    history=tuple(
        Past(
            at=NOW - timedelta(days=21 - night),
            drift={
                Severity.CRITICAL: int(night > 16),
                Severity.MEDIUM: night % 3,
                Severity.LOW: int(night < 5),
            },
            complete=night != 11,
        )
        for night in range(21)
    ),
)

if __name__ == "__main__":
    PAGE.write_text(render(EXAMPLE), encoding="utf-8")
