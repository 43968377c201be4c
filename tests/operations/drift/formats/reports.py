"""Canned reports, which every format shows."""

from dataclasses import replace
from datetime import UTC, date, datetime

from operations.drift.report import (
    ABSENT,
    MASKED,
    Check,
    Classification,
    Finding,
    Kind,
    NotChecked,
    Report,
    Severity,
    WaiverNotice,
)

FUNCTION = "aws:lambda/function:Function"

DEBUG = Finding(
    check=Check.PARITY,
    project="payments",
    environment="prod",
    resource="payments-function",
    type=FUNCTION,
    path="environment.variables.LOG_LEVEL",
    kind=Kind.CHANGED,
    classification=Classification.DRIFT,
    severity=Severity.HIGH,
    baseline="INFO",
    target="DEBUG",
    fix="python scripts/deploy.py up --env prod --project payments",
    since=datetime(2026, 11, 20, 2, 0, tzinfo=UTC),
)
"""Valid; tests spoil a field of it."""

MEMORY = replace(
    DEBUG,
    path="memorySize",
    classification=Classification.CONTROLLED,
    severity=Severity.MEDIUM,
    baseline=1024,
    target=2048,
    explained_by="payments:memoryMb",
    reason="CPU comes with memory: prod buys latency, dev does not need it.",
    fix="Nothing: it may vary.",
    since=None,
)

OPENED = replace(
    DEBUG,
    check=Check.CLOUD,
    project="network",
    resource="function-security-group",
    type="aws:ec2/securityGroup:SecurityGroup",
    path="ingress[0]",
    kind=Kind.EXTRA,
    severity=Severity.CRITICAL,
    baseline=ABSENT,
    target={"fromPort": 22, "toPort": 22, "protocol": "tcp", "cidrBlocks": ["0.0.0.0/0"]},
    fix="python scripts/deploy.py up --env prod --project network",
)

LOST = replace(
    DEBUG,
    check=Check.CODE,
    resource="errors-alarm",
    type="aws:cloudwatch/metricAlarm:MetricAlarm",
    path="",
    kind=Kind.MISSING,
    baseline={"name": "errors-alarm-prod-acme", "secret": MASKED},
    target=ABSENT,
    since=None,
)

TAGGED = replace(
    DEBUG,
    resource="payments-table",
    type="aws:dynamodb/table:Table",
    path="tags.cost-centre",
    classification=Classification.WAIVED,
    severity=Severity.LOW,
    baseline="4711",
    target="0815",
    explained_by="cost-centre-of-prod",
    reason="Finance moves prod to its own cost centre in December.",
)

REPORT = Report(
    baseline="staging",
    target="prod",
    source="live",
    generated_at=datetime(2026, 11, 24, 2, 0, tzinfo=UTC),
    checks=tuple(Check),
    projects=("bootstrap-iam", "network", "payments"),
    findings=(MEMORY, DEBUG, LOST, TAGGED, OPENED),
    not_checked=(
        NotChecked(
            check=Check.CLOUD,
            project="bootstrap-iam",
            environment="staging",
            reason="arn:aws:iam::222222222222:role/deployer-role-staging-acme can't be assumed",
            fix="Use the credentials of one of bootstrap-iam:deployerPrincipals.",
        ),
    ),
    waivers=(
        WaiverNotice(
            waiver="old-retention",
            problem="expired",
            owner="payments-team",
            expires=date(2026, 10, 31),
            reason="Kept for the audit of October",
        ),
    ),
    notes={"break-glass": "payments/prod allows an unreleased artifact"},
)
"""Something of everything."""

IN_SYNC = replace(REPORT, findings=(MEMORY,), not_checked=(), waivers=(), notes={})

UNSEEN = replace(
    REPORT,
    findings=(),
    not_checked=tuple(
        replace(REPORT.not_checked[0], check=check, project=project, environment=environment)
        for check in Check
        for project in REPORT.projects
        for environment in ("staging", "prod")
    ),
    waivers=(),
    notes={},
)
"""Nothing could be looked at."""

EMPTY = replace(IN_SYNC, findings=())
