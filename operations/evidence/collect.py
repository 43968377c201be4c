"""Collect the evidence about one environment into a JSON document with a digest.

The digest covers `content`: everything but the moment of generation. The same inputs on the same day give the
same digest.
"""

import hashlib
import json
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from components.environment import LADDER
from components.stacks import PROJECTS, PaymentsOutputs
from operations.drift.export import Unreadable as UnreadableStack
from operations.drift.export import read_export
from operations.drift.identity import identity
from operations.drift.report import Classification
from operations.drift.report import Report as DriftReport
from operations.drift.stack import Stack
from operations.drift.unmanaged.ignores import Ignore
from operations.drift.waivers import Waiver
from operations.engine.failure import OperationFailed, StackName
from operations.errors import ExitCode
from operations.evidence import access
from operations.evidence.history import holds, operations
from operations.evidence.redaction import redacted
from operations.evidence.sources import RestoreDrill, StackExports
from operations.promotion.deployed_state import of_outputs
from operations.promotion.evidence import DeployedState
from operations.promotion.record import PromotionRecord
from policies import export
from policies.check import check_state
from policies.compliance import FSBP, REQUIREMENTS, requirements_of, rules_of
from policies.configuration import PackConfiguration
from policies.report import PolicyFinding, PolicyReport
from policies.resource import CheckedResource
from policies.rules import RULES
from policies.stack_files import MissingConfigurationError, read_config
from policies.version import VERSION as PACK_VERSION

SCHEMA_VERSION = 1
TOOLS = ("pulumi", "pulumi-aws", "pulumi-policy", "boto3")


@dataclass(frozen=True, kw_only=True)
class EvidenceRequest:
    """What the evidence is about, and where it comes from."""

    environment: str
    exports: StackExports
    record: Callable[[], PromotionRecord]
    """Reads the promotion record. Raises OperationFailed."""
    drift: Callable[[], DriftReport]
    root: Path
    """Checkout with the stack files that the deployed state is judged by."""
    configuration: PackConfiguration
    """The policy pack's own."""
    waivers: tuple[Waiver, ...] = ()
    ignored: tuple[Ignore, ...] = ()
    restore_drills: tuple[RestoreDrill, ...] = ()
    commit: str = ""
    """The checkout's commit; empty if unknown."""
    now: datetime
    """UTC. Decides which exceptions are in force."""


@dataclass(frozen=True, kw_only=True)
class _DeployedStack:
    """A stack as it is deployed, and as the rules judge it."""

    stack: Stack
    resources: tuple[CheckedResource, ...]
    policies: PolicyReport
    engine: str
    digest: str
    """Of the state, but for the moment at which the engine wrote it."""


def collect(request: EvidenceRequest) -> dict[str, Any]:
    """Return the evidence as a JSON document. What cannot be read is listed in its `gaps`."""
    gaps: list[dict[str, str]] = []
    deployed: dict[str, _DeployedStack] = {}
    for project in PROJECTS:
        name = StackName(project=project, environment=request.environment)
        try:
            deployed[project] = _deployed(request, name)
        except (
            OperationFailed,
            UnreadableStack,
            export.UnreadableDocumentError,
            MissingConfigurationError,
        ) as error:
            gaps.append(_gap(f"stack {name}", error))
    record = None
    try:
        record = request.record()
    except OperationFailed as error:
        gaps.append(_gap("promotion record", error))
    drift = request.drift()
    gaps += _drift_gaps(drift)
    content: dict[str, Any] = redacted(_content(request, deployed, record, drift, gaps))
    return {
        "schemaVersion": SCHEMA_VERSION,
        "generatedAt": request.now.astimezone(UTC).isoformat(timespec="seconds"),
        "digest": digest(content),
        "content": content,
    }


def digest(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of JSON data in canonical form (sorted keys, no spaces), hexadecimal."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def exit_code(document: Mapping[str, Any], *, allow_incomplete: bool = False) -> ExitCode:
    """Return the exit code: incomplete evidence first, unless it is allowed."""
    summary = document["content"]["summary"]
    if summary["gaps"] and not allow_incomplete:
        return ExitCode.NOT_CHECKED
    return ExitCode.FINDINGS if summary["attention"] else ExitCode.DONE


def _gap(subject: str, error: Exception) -> dict[str, str]:
    return {"subject": subject, "reason": str(error), "fix": str(getattr(error, "fix", ""))}


def _drift_gaps(drift: DriftReport) -> Iterator[dict[str, str]]:
    """Yield what the drift checks left out, one entry per reason."""
    by_reason: dict[tuple[str, str], list[str]] = {}
    for item in drift.not_checked:
        stack = f"{item.check} of {item.project}/{item.environment}"
        by_reason.setdefault((item.reason, item.fix), []).append(stack)
    for (reason, fix), stacks in by_reason.items():
        yield {"subject": f"drift: {', '.join(stacks)}", "reason": reason, "fix": fix}


def _deployed(request: EvidenceRequest, name: StackName) -> _DeployedStack:
    document = request.exports.read(name)
    stack = read_export(document, name)
    state = export.read(document)
    config = read_config(request.root / "projects" / name.project, name.environment)
    return _DeployedStack(
        stack=stack,
        resources=state.outputs,
        policies=check_state(
            export.with_config(state, config),
            configuration=request.configuration,
            today=request.now.date(),
        ),
        engine=str((document["deployment"].get("manifest") or {}).get("version", "")),
        digest=digest({key: value for key, value in document["deployment"].items() if key != "manifest"}),
    )


def _content(
    request: EvidenceRequest,
    deployed: Mapping[str, _DeployedStack],
    record: PromotionRecord | None,
    drift: DriftReport,
    gaps: list[dict[str, str]],
) -> dict[str, Any]:
    payments = deployed.get(PaymentsOutputs.PROJECT)
    running = of_outputs(request.environment, payments.stack.outputs) if payments else None
    resources = [resource for item in deployed.values() for resource in item.resources]
    rules = list(_rules(deployed, request.configuration))
    exceptions = list(_exceptions(request, deployed, record))
    differences = list(_drift_findings(drift))
    drills = [item for item in request.restore_drills if item.environment == request.environment]
    violations = sum(rule["verdict"] == "violated" for rule in rules)
    drifted = sum(item["classification"] == Classification.DRIFT for item in differences)
    return {
        "environment": request.environment,
        "asOf": request.now.date().isoformat(),
        "source": request.exports.name,
        "summary": {
            "attention": bool(violations or drifted or (running is not None and running.break_glass)),
            "rulesViolated": violations,
            "rulesPassed": sum(rule["verdict"] == "passed" for rule in rules),
            "drift": drifted,
            "exceptionsInForce": sum(item["inForce"] for item in exceptions),
            "gaps": len(gaps),
        },
        "release": _release(running, request.commit),
        "stacks": {
            project: {"resources": len(item.resources), "stateDigest": item.digest}
            for project, item in deployed.items()
        },
        "history": {
            "operations": operations(record) if record else [],
            "holds": holds(record) if record else [],
            "entries": len(record.entries) if record else None,
            "lastEntryDigest": record.entries[-1].digest if record and record.entries else None,
        },
        "rules": rules,
        "requirements": list(_requirements(rules)),
        "exceptions": exceptions,
        "drift": {
            "checks": {check.value: drift.status(check).value for check in drift.checks},
            "controlled": sum(item.classification is Classification.CONTROLLED for item in drift.findings),
            "identity": sum(item.classification is Classification.IDENTITY for item in drift.findings),
            "findings": differences,
        },
        "encryption": {"resources": access.encryption(resources), "keys": access.keys(resources)},
        "access": {
            "roles": access.roles(resources),
            "resourcePolicies": access.resource_policies(resources),
        },
        "restoreDrills": [
            item.model_dump(mode="json") for item in sorted(drills, key=lambda item: item.date, reverse=True)
        ],
        "versions": _versions(request, deployed),
        "gaps": gaps,
    }


def _release(running: DeployedState | None, commit: str) -> dict[str, Any] | None:
    if running is None:
        return None
    latest = running.proven[0] if running.proven else None
    return {
        "id": running.release.id,
        "commit": running.release.commit,
        "artifactDigest": running.release.artifact_digest,
        "contentDigest": running.release.content_digest,
        "configurationDigest": running.configuration_digest,
        "unreleased": running.unreleased,
        "verifiedAt": latest.since.isoformat() if latest and latest.release == running.release else None,
        "judgedByItsOwnCommit": bool(commit) and commit == running.release.commit,
    }


def _rules(
    deployed: Mapping[str, _DeployedStack], configuration: PackConfiguration
) -> Iterator[dict[str, Any]]:
    """Yield the verdict of every rule over all stacks."""
    for rule in RULES:
        findings = [
            finding
            for item in deployed.values()
            for finding in item.policies.findings
            if finding.violation.rule.id == rule.id
        ]
        unknown = [
            {"urn": outcome.urn, "path": outcome.path}
            for item in deployed.values()
            for outcome in item.policies.not_evaluated
            if outcome.rule.id == rule.id
        ]
        examined = sum(item.policies.examined.get(rule.id, 0) for item in deployed.values())
        yield {
            "id": rule.id,
            "title": rule.title,
            "severity": rule.severity.value,
            "level": configuration.level(rule).value,
            "requirements": requirements_of(rule),
            "resources": examined,
            "verdict": _verdict(findings, unknown, examined),
            "violations": [
                {
                    "urn": finding.violation.urn,
                    "message": finding.violation.message,
                    "acceptedBy": finding.accepted.owner if finding.accepted else None,
                }
                for finding in findings
            ],
            "notEvaluated": unknown,
        }


def _verdict(findings: Sequence[PolicyFinding], unknown: Sequence[object], examined: int) -> str:
    if any(finding.accepted is None for finding in findings):
        return "violated"
    if unknown:
        return "not evaluated"
    if findings:
        return "accepted"
    return "passed" if examined else "not applicable"


_WORST = ("violated", "not evaluated", "accepted", "passed", "not applicable")


def _requirements(rules: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield each mapped requirement with the worst verdict of the rules that test a part of it."""
    verdicts = {rule["id"]: rule["verdict"] for rule in rules}
    for requirement in REQUIREMENTS:
        tested = [rule.id for rule in rules_of(requirement, RULES)]
        yield {
            "framework": requirement.framework,
            "id": requirement.id,
            "title": requirement.title,
            "rules": tested,
            "verdict": min((verdicts[name] for name in tested), key=_WORST.index) if tested else None,
            "elsewhere": requirement.elsewhere,
            "notCovered": requirement.left_out,
        }
    controls: dict[str, list[str]] = {}
    for rule in RULES:
        for name in requirements_of(rule).get(FSBP, ()):
            controls.setdefault(name, []).append(rule.id)
    for name, tested in sorted(controls.items()):
        yield {
            "framework": FSBP,
            "id": name,
            "title": "",
            "rules": tested,
            "verdict": min((verdicts[rule] for rule in tested), key=_WORST.index),
            "elsewhere": "",
            "notCovered": "",
        }


def _exceptions(
    request: EvidenceRequest, deployed: Mapping[str, _DeployedStack], record: PromotionRecord | None
) -> Iterator[dict[str, Any]]:
    """Yield every exception that concerns the environment, with its owner and its last day."""
    today = request.now.date()
    for waiver in request.waivers:
        if request.environment in waiver.environments:
            yield _exception("drift waiver", waiver.path, waiver.reason, waiver.owners, waiver.expires, today)
    for ignore in request.ignored:
        yield _exception("unmanaged", ignore.arn, ignore.reason, ignore.owners, ignore.expires, today)
    for accepted in request.configuration.exceptions:
        if any(accepted.concerns(request.environment, project) for project in PROJECTS):
            subject = f"{accepted.rule} on {accepted.urn}"
            yield _exception("rule", subject, accepted.reason, accepted.owner, accepted.expires, today)
    for project, item in deployed.items():
        glass = item.stack.outputs.get("breakGlass")
        if isinstance(glass, Mapping) and glass:
            expires = datetime.fromisoformat(str(glass["expires"]))
            yield {
                **_exception(
                    "break-glass",
                    f"{project}/{request.environment}",
                    str(glass.get("reason", "")),
                    _operator(record),
                    expires.date(),
                    today,
                ),
                "inForce": expires >= request.now,
            }


def _exception(
    kind: str, subject: str, reason: str, owner: str, expires: date, today: date
) -> dict[str, Any]:
    return {
        "kind": kind,
        "subject": subject,
        "reason": reason,
        "owner": owner,
        "expires": expires.isoformat(),
        "inForce": expires >= today,
    }


def _operator(record: PromotionRecord | None) -> str:
    """Return who began the latest operation: a break-glass setting has no owner of its own."""
    began = [item["by"] for item in operations(record)] if record else []
    return f"deployed by {began[-1]}" if began else "not recorded"


def _drift_findings(report: DriftReport) -> Iterator[dict[str, Any]]:
    """Yield drift and waived findings without the values, which may be confidential."""
    shown = (Classification.DRIFT, Classification.WAIVED)
    for finding in sorted(report.findings, key=lambda item: (-item.severity.rank, identity(item))):
        if finding.classification in shown:
            yield {
                "id": identity(finding),
                "check": finding.check.value,
                "stack": f"{finding.project}/{finding.environment}",
                "resource": finding.resource,
                "type": finding.type,
                "path": finding.path,
                "kind": finding.kind.value,
                "classification": finding.classification.value,
                "severity": finding.severity.value,
                "explainedBy": finding.explained_by,
                "fix": finding.fix,
            }


def _versions(request: EvidenceRequest, deployed: Mapping[str, _DeployedStack]) -> dict[str, Any]:
    return {
        "evidence": SCHEMA_VERSION,
        "policyPack": PACK_VERSION,
        "checkoutCommit": request.commit,
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in TOOLS},
        "stacks": {
            project: {"engine": item.engine, "providers": dict(sorted(item.stack.providers.items()))}
            for project, item in deployed.items()
        },
        "ladder": list(LADDER),
    }
