"""Summarize an environment's promotion record: operations with who ran and permitted them, and holds."""

from typing import Any

from operations.promotion.record import Entry, EntryKind, PromotionRecord


def operations(record: PromotionRecord) -> list[dict[str, Any]]:
    """Return each operation and each separate verification, oldest first.

    `by` is the person or workflow that ran it, and `permitted` what that person permitted by hand. Approvals
    in GitHub are not in the record.
    """
    listed: list[dict[str, Any]] = []
    current: dict[str, Any] | None = None
    for entry in record.entries:
        match entry.kind:
            case EntryKind.BEGAN:
                current = _began(entry)
                listed.append(current)
            case EntryKind.VERIFIED | EntryKind.REFUTED if current is not None:
                current["verification"] = entry.kind.value
            case EntryKind.VERIFIED | EntryKind.REFUTED:
                listed.append({**_began(entry), "action": "verification", **_ended(entry, entry.kind.value)})
            case EntryKind.ENDED if current is not None:
                current |= _ended(entry, str(entry.details["result"]))
                current = None
    return listed


def holds(record: PromotionRecord) -> list[dict[str, Any]]:
    """Return when promotions were held and released, by whom and why."""
    return [
        {
            "entry": entry.number,
            "kind": entry.kind.value,
            "at": entry.at.isoformat(),
            "by": entry.actor.user,
            "reason": entry.details.get("reason", ""),
        }
        for entry in record.entries
        if entry.kind in (EntryKind.HELD, EntryKind.RELEASED)
    ]


def _began(entry: Entry) -> dict[str, Any]:
    details = entry.details
    return {
        "entry": entry.number,
        "action": details.get("action"),
        "release": details.get("release"),
        "commit": details.get("commit"),
        "source": details.get("source"),
        "replaces": details.get("replaces"),
        "plan": details.get("plan"),
        "permitted": list(details.get("permitted") or ()),
        "by": entry.actor.user,
        "host": entry.actor.host,
        "began": entry.at.isoformat(),
        "ended": None,
        "verification": None,
        "result": "in flight",
        "reason": "",
    }


def _ended(entry: Entry, result: str) -> dict[str, Any]:
    reason = entry.details.get("reason") or entry.details.get("said") or ""
    return {"ended": entry.at.isoformat(), "result": result, "reason": str(reason)}
