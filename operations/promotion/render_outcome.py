"""Format promotion outcomes and records as text and JSON; map them to exit codes."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from operations.errors import kind_of
from operations.promotion.apply import PromotionOutcome
from operations.promotion.plan import PromotionPlan
from operations.promotion.record import Entry, EntryKind, OperationResult, PromotionRecord

_CODES: Mapping[OperationResult, int] = {
    OperationResult.PROMOTED: 0,
    OperationResult.ROLLED_BACK: 0,
    OperationResult.DEPLOYED: 0,
    OperationResult.DESTROYED: 0,
    OperationResult.FAILED_PUT_BACK: 1,
    OperationResult.FAILED: 1,
    OperationResult.INTERRUPTED: 130,
}


def exit_code(outcome: PromotionOutcome) -> int:
    """Return 0 if it is done, 1 if it failed (whatever was redeployed), 130 if it was interrupted."""
    return _CODES[outcome.result]


def plan_code(plan: PromotionPlan) -> int:
    """Return 0 if every gate passed, 1 if one failed, 2 if one was only not checked."""
    if plan.ready:
        return 0
    return 1 if any(gate.status == "failed" for gate in plan.gates) else 2


def text(outcome: PromotionOutcome) -> str:
    """Describe what happened, what runs now, and what to do next."""
    where, release, lines = outcome.environment, outcome.release, []
    match outcome.result:
        case OperationResult.PROMOTED:
            lines.append(f"Promoted: {where} runs release {release}, verified.")
        case OperationResult.ROLLED_BACK:
            lines.append(f"Rolled back: {where} runs release {release}, verified.")
        case OperationResult.DEPLOYED | OperationResult.DESTROYED:
            lines.append(f"{where}: {outcome.result}.")
        case OperationResult.FAILED_PUT_BACK:
            lines.append(f"FAILED: release {release} did not make it in {where}.")
            lines.append(_indented(outcome.reason))
            lines.append(f"Put back: {where} runs release {outcome.running} again, verified and serving.")
        case OperationResult.FAILED:
            again = outcome.redeployed
            ending = f"Release {again} was deployed again, unverified." if again else "Nothing was put back."
            lines.append(f"FAILED: release {release} did not make it in {where}. {ending}")
            lines.append(_indented(outcome.reason))
            lines.append(f"{where} may hold parts of two releases. Look at it now: docs/runbook.md.")
        case OperationResult.INTERRUPTED:
            lines.append(f"INTERRUPTED ({outcome.reason}): {where} may hold parts of two releases.")
            lines.append("Run the same command again to go on, or: promote.py rollback --env " + where)
    if outcome.held:
        lines.append(
            f"{where} is on hold. Once the cause is removed: "
            f"python scripts/promote.py release-hold --env {where} --reason TEXT"
        )
    return "\n".join(lines)


def document(
    plan: PromotionPlan, outcome: PromotionOutcome | None, refused: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return the plan's heads, the gates that refused it, and the outcome, for JSON."""
    return {
        "action": plan.action,
        "source": plan.source,
        "target": plan.target,
        "release": plan.release,
        "plan": plan.digest,
        "gates": [gate.model_dump() for gate in plan.gates],
        "refused": list(refused),
        "outcome": asdict(outcome) if outcome else None,
    }


def refusal_document(reason: BaseException) -> dict[str, Any]:
    """Return a refusal before there was a plan, for JSON: its kind and its message."""
    return {"refused": [kind_of(reason)], "reason": str(reason), "outcome": None}


def refusal_json(reason: BaseException) -> str:
    """Format a refusal before there was a plan as JSON."""
    return to_json(refusal_document(reason))


def to_json(document: Mapping[str, Any]) -> str:
    """Format a document for standard output."""
    return json.dumps(document, indent=2) + "\n"


def history(record: PromotionRecord) -> str:
    """Format the record, one line per entry, earliest first."""
    return "\n".join(_line(entry) for entry in record.entries)


def history_json(record: PromotionRecord) -> str:
    """Format the record's stored entries as a JSON array."""
    return json.dumps([entry.model_dump(mode="json") for entry in record.entries], indent=2) + "\n"


def _line(entry: Entry) -> str:
    details = entry.details
    match entry.kind:
        case EntryKind.BEGAN:
            said = f"{details['action']} began"
            if details.get("release"):
                said = f"{details['action']} of release {details['release']} began"
                said += f", in place of {details['replaces'] or 'none'}, by plan {details['plan'][:12]}"
            if details["permitted"]:
                said += f"; permitted by hand: {', '.join(details['permitted'])}"
        case EntryKind.APPLIED:
            said = f"{details['project']} holds release {details.get('release') or 'of the checkout'}"
        case EntryKind.REFUTED:
            said = f"release {details['release']} failed its verification: {details['said']}"
        case EntryKind.VERIFIED:
            said = f"release {details['release']} verified: {details['said']}"
        case EntryKind.ENDED:
            said = details["result"] + (f": {details['reason']}" if "reason" in details else "")
        case EntryKind.HELD:
            said = f"hold set: {details['reason']}"
        case EntryKind.RELEASED:
            said = f"hold lifted: {details['reason']}"
    return f"{entry.at:%Y-%m-%d %H:%M:%S}  {entry.environment}  {entry.actor.user}  {said}".replace(
        "\n", "\n    "
    )


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
