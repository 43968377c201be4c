"""A valid evidence, with which every gate passes; a test spoils one thing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from components.environment import LADDER
from operations.drift.report import Check, Classification, Finding, Kind, NotChecked, Report, Severity
from operations.engine.failure import StackName
from operations.promotion.evidence import (
    Change,
    DeployedState,
    Evidence,
    PromotionOptions,
    ReleaseRef,
    StackPreview,
    VerifiedRelease,
)
from operations.promotion.record import Actor, EntryKind, PromotionRecord
from operations.promotion.review import Review

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ACTOR = Actor(user="ada", host="desk", process=4711)
PAYMENTS = StackName(project="payments", environment="prod")
RELEASE = ReleaseRef(id="r-new", commit="c" * 40, artifact_digest="ab" * 32)
OLD = ReleaseRef(id="r-old", commit="b" * 40, artifact_digest="cd" * 32)


def recorded(
    environment: str, *events: tuple[EntryKind, dict[str, Any]], minutes_ago: int = 60
) -> PromotionRecord:
    """A record of these events, a second apart."""
    record = PromotionRecord(environment=environment)
    at = NOW - timedelta(minutes=minutes_ago)
    for number, (kind, details) in enumerate(events):
        entry = record.next(kind, at=at + timedelta(seconds=number), actor=ACTOR, **details)
        record = PromotionRecord(environment=environment, entries=(*record.entries, entry))
    return record


def change(**changed: Any) -> Change:
    """The update that a new release makes: the function's code."""
    valid: dict[str, Any] = {
        "stack": PAYMENTS,
        "urn": "urn:pulumi:prod::payments::aws:lambda/function:Function::payments-function",
        "type": "aws:lambda/function:Function",
        "operation": "update",
        "properties": ("code", "sourceCodeHash"),
    }
    return Change(**{**valid, **changed})


def finding(**changed: Any) -> Finding:
    valid: dict[str, Any] = {
        "check": Check.CLOUD,
        "project": "payments",
        "environment": "staging",
        "resource": "payments-queue",
        "type": "aws:sqs/queue:Queue",
        "path": "visibilityTimeoutSeconds",
        "kind": Kind.CHANGED,
        "classification": Classification.DRIFT,
        "severity": Severity.HIGH,
        "baseline": 181,
        "target": 30,
        "fix": "deploy",
    }
    return Finding(**{**valid, **changed})


def drift(**changed: Any) -> Report:
    valid: dict[str, Any] = {
        "baseline": "staging",
        "target": "prod",
        "source": "live",
        "generated_at": NOW,
        "checks": tuple(Check),
        "projects": ("bootstrap-iam", "network", "payments"),
    }
    return Report(**{**valid, **changed})


def not_checked(**changed: Any) -> NotChecked:
    valid: dict[str, Any] = {
        "check": Check.CLOUD,
        "project": "payments",
        "environment": "staging",
        "reason": "the state is locked",
        "fix": "wait",
    }
    return NotChecked(**{**valid, **changed})


def proven(
    release: ReleaseRef = RELEASE,
    *,
    minutes_ago: int = 60,
    projects: tuple[str, ...] = ("bootstrap-iam", "network", "payments"),
) -> VerifiedRelease:
    return VerifiedRelease(release=release, since=NOW - timedelta(minutes=minutes_ago), projects=projects)


def source_running(**changed: Any) -> DeployedState:
    valid = DeployedState(
        environment="staging",
        release=RELEASE,
        proven=(proven(), proven(OLD, minutes_ago=9000)),
        table_arn="arn:staging",
        upstream_table_arns=("arn:dev",),
    )
    return replace(valid, **changed)


def target_running(**changed: Any) -> DeployedState:
    valid = DeployedState(
        environment="prod",
        release=OLD,
        proven=(proven(OLD, minutes_ago=8000),),
        table_arn="arn:prod",
        upstream_table_arns=("arn:dev", "arn:staging"),
    )
    return replace(valid, **changed)


def evidence(**changed: Any) -> Evidence:
    valid: dict[str, Any] = {
        "terms": PromotionOptions(soak=timedelta(minutes=30)),
        "source": "staging",
        "target": "prod",
        "ladder": LADDER,
        "projects": ("bootstrap-iam", "network", "payments"),
        "read_at": NOW,
        "release": RELEASE,
        "review": Review(commit=RELEASE.commit, branch="origin/main", on_branch=True),
        "put_back": OLD,
        "source_running": source_running(),
        "target_running": target_running(),
        "source_record": recorded("staging"),
        "target_record": recorded("prod", (EntryKind.VERIFIED, {"release": OLD.id}), minutes_ago=8000),
        "drift": drift(),
        "drift_failure": None,
        "previews": (StackPreview(stack=PAYMENTS, changes=(change(),)),),
        "in_flight_alive": None,
        "fingerprints": {"state of payments/prod": "1", "configuration": "2", "code": "3"},
    }
    return Evidence(**{**valid, **changed})
