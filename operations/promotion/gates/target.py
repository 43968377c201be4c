"""Gates about the target: no hold, no alarm, nothing in flight, and the right upstream."""

from components.environment import upstreams_of
from operations.promotion.evidence import Evidence
from operations.promotion.gates.gate import Answer, GateFailed, GateNotChecked, GatePassed, listed, minutes


def not_on_hold(evidence: Evidence) -> Answer:
    """Check that the target is not on hold."""
    hold = evidence.target_record.hold
    if hold is None:
        return GatePassed()
    return GateFailed(
        f"{evidence.target} is on hold since {hold.at:%Y-%m-%d %H:%M} UTC, set by {hold.by}: {hold.reason}",
        "Once the cause is removed: "
        f"python scripts/promote.py release-hold --env {evidence.target} --reason TEXT",
    )


def target_healthy(evidence: Evidence) -> Answer:
    """Check that no alarm is active in the target, except named ones."""
    if evidence.alarms_problem:
        return GateNotChecked(
            evidence.alarms_problem, f"See: python scripts/verify.py --env {evidence.target} --no-record"
        )
    refused = [name for name in evidence.alarms if name not in evidence.terms.allow_alarms]
    if refused:
        return GateFailed(
            listed([f"the alarm {name} is on" for name in refused]),
            "Remove the cause: docs/runbook.md. To promote anyway: "
            + " ".join(f"--allow-alarm {name}" for name in refused),
        )
    return GatePassed(f"permitted by hand: {listed(evidence.alarms)}" if evidence.alarms else "")


def nothing_in_flight(evidence: Evidence) -> Answer:
    """Check that no engine and no operation of a live process works on the target."""
    if evidence.locks:
        return GateFailed(
            listed([f"{stack} is locked by {holder}" for stack, holder in evidence.locks.items()]),
            "Wait for its end. If it was killed: "
            + " && ".join(f"pulumi -C projects/{s.project} cancel {s.environment}" for s in evidence.locks),
        )
    if evidence.locks_problem:
        return GateNotChecked(
            f"whether an engine holds a stack is not known: {evidence.locks_problem}",
            "Correct the credentials for the state backend.",
        )
    other = evidence.target_record.in_flight
    if other is None:
        return GatePassed()
    age = minutes(evidence.read_at - other.at)
    said = f"{other.details.get('action', 'an operation')} by {other.actor}, begun {age} ago"
    if evidence.in_flight_alive is False:
        return GatePassed(f"{said}, was killed; it will be recorded as interrupted")
    if evidence.in_flight_alive is None and evidence.terms.take_over:
        return GatePassed(f"{said}, is taken over by hand")
    advice = "Wait for its end."
    if evidence.in_flight_alive is None:
        advice += " If it was killed, go on in its place with --take-over."
    return GateFailed(f"{said}, is in flight", advice)


def lineage_unbroken(evidence: Evidence) -> Answer:
    """Check that the target names the ledgers of its upstreams."""
    source, target = evidence.source_running, evidence.target_running
    upstreams = upstreams_of(evidence.target, evidence.ladder)
    if upstreams[-1:] != (evidence.source,):
        return GateFailed(
            f"{evidence.source} is not the upstream of {evidence.target}: the way of a release is "
            + " → ".join((*upstreams, evidence.target)),
            f"Promote from {upstreams[-1]}." if upstreams else f"Deploy to {evidence.target}.",
        )
    expected = (*source.upstream_table_arns, source.table_arn)
    if len(source.upstream_table_arns) != len(upstreams) - 1:
        return GateFailed(
            f"{evidence.source} names {len(source.upstream_table_arns)} ledgers of upstreams, "
            f"and has {len(upstreams) - 1} upstreams",
            f"Bring {evidence.source} up to date: python scripts/deploy.py up --env {evidence.source}",
        )
    if target is not None and target.upstream_table_arns != expected:
        return GateFailed(
            f"{evidence.target} names other ledgers below it than {evidence.source} and those below it have: "
            f"{', '.join(target.upstream_table_arns) or 'none'}",
            "Find out who replaced a ledger. If that was meant, deploy the environments from below: "
            f"python scripts/deploy.py up --env {evidence.target}",
        )
    return GatePassed()
