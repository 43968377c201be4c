"""Gates about the upstream: it verified the release and has no drift."""

from collections.abc import Sequence

from operations.drift.report import Check, Classification, Finding
from operations.promotion.evidence import Evidence, WaveMember
from operations.promotion.gates.gate import Answer, GateFailed, GateNotChecked, GatePassed, listed, minutes
from operations.promotion.waves import has_verified


def upstream_verified(evidence: Evidence) -> Answer:
    """Check that the upstream runs the release, verified."""
    source, running, release = evidence.source, evidence.source_running, evidence.release
    if running.release != release:
        return GateFailed(
            f"{source} runs release {running.release.id} with the artifact "
            f"{running.release.artifact_digest[:12]}, not {release.id} with {release.artifact_digest[:12]}",
            f"Promote what {source} runs, or bring the release to {source} first.",
        )
    mixed = evidence.source_record.partially_deployed
    if mixed is not None:
        return GateFailed(
            f"{source} may hold parts of two releases: "
            f"an operation of {mixed.at:%Y-%m-%d %H:%M} UTC did not end well",
            f"Promote to {source} again, or roll it back: python scripts/promote.py rollback --env {source}",
        )
    if not running.proven or running.proven[0].release != release:
        last = f"release {running.proven[0].release.id}" if running.proven else "nothing"
        return GateFailed(
            f"{source} was verified last with {last}",
            f"Verify what it runs: python scripts/verify.py --env {source}",
        )
    absent = [project for project in evidence.projects if project not in running.proven[0].projects]
    if absent:
        return GateFailed(
            f"{source} was verified while {listed(absent)} held other content than release {release.id}",
            f"Deploy and verify all of it: python scripts/deploy.py up --env {source} --verify",
        )
    return GatePassed()


def upstream_soaked(evidence: Evidence) -> Answer:
    """Check that the upstream has run the release for the required time."""
    proven = evidence.source_running.proven
    if not proven or proven[0].release != evidence.release:
        return GateNotChecked(
            f"release {evidence.release.id} is not what was verified last in {evidence.source}",
            f"Verify it: python scripts/verify.py --env {evidence.source}",
        )
    soaked, wanted = evidence.read_at - proven[0].since, evidence.terms.soak
    if soaked < wanted:
        return GateFailed(
            f"soaked for {minutes(soaked)} of the required {minutes(wanted)}",
            f"Wait {minutes(wanted - soaked)}, or ask for less with --soak MINUTES.",
        )
    return GatePassed(f"for {minutes(soaked)}")


def earlier_waves_verified(evidence: Evidence) -> Answer:
    """Check that all environments of earlier waves run the release, verified, for the required time."""
    problems = [problem for member in evidence.earlier_waves if (problem := _problem(member, evidence))]
    if problems:
        return GateFailed(
            listed(problems),
            "Promote the earlier waves first: "
            f"python scripts/promote.py --from {evidence.source} --wave next",
        )
    done = ", ".join(member.environment for member in evidence.earlier_waves)
    return GatePassed(f"verified in {done}" if done else "")


def _problem(member: WaveMember, evidence: Evidence) -> str | None:
    name, running, release = member.environment, member.running, evidence.release
    if running is None:
        return f"{name} is not deployed"
    if member.record.hold is not None:
        return f"{name} is on hold: {member.record.hold.reason}"
    if member.record.partially_deployed is not None:
        return f"{name} may hold parts of two releases"
    if not has_verified(running, release):
        return f"{name} runs release {running.release.id}, and has not verified release {release.id}"
    soaked = evidence.read_at - running.proven[0].since
    if soaked < evidence.terms.soak:
        return f"{name} soaked for {minutes(soaked)} of the required {minutes(evidence.terms.soak)}"
    return None


def upstream_no_drift(evidence: Evidence) -> Answer:
    """Check that the upstream's account matches its state, and its state the release's code."""
    source, target = evidence.source, evidence.target
    command = f"python scripts/drift.py --baseline {source} --target {target}"
    return _drift(evidence, (Check.CLOUD, Check.CODE), source, command)


def target_parity(evidence: Evidence) -> Answer:
    """Check that the target, by the release's code, differs in controlled variations only."""
    source, target = evidence.source, evidence.target
    command = f"python scripts/drift.py --check parity --baseline {source} --target {target}"
    return _drift(evidence, (Check.PARITY,), target, command)


def _drift(evidence: Evidence, checks: Sequence[Check], environment: str, command: str) -> Answer:
    report = evidence.drift
    if report is None:
        return GateNotChecked(evidence.drift_failure or "no report on drift", f"See: {command}")
    drift: list[Finding] = []
    explained = 0
    for check in checks:
        if check not in report.checks:
            return GateNotChecked(f"the check {check} was not run", f"Run it: {command}")
        for left_out in report.not_checked:
            if left_out.check is check and left_out.environment == environment:
                return GateNotChecked(f"{left_out.project}, {check}: {left_out.reason}", left_out.fix)
        drift += [
            finding
            for finding in report.of(check, Classification.DRIFT)
            if finding.environment == environment
        ]
        explained += len(report.of(check, Classification.CONTROLLED))
    if drift:
        worst = sorted(drift, key=lambda finding: -finding.severity.rank)
        said = [f"{f.project} {f.resource} {f.path} ({f.check}, {f.severity})" for f in worst]
        return GateFailed(listed(said), f"See all: {command}")
    return GatePassed(f"{explained} controlled variations" if explained else "")
