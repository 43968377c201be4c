"""A refusal of the promotion gate, as data from the events of the run that was refused."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi.automation import EngineEvent

from components.promotion import REFUSAL_EVENT


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why the gate refused a stack: a code of components.promotion_gate.RefusalCode, and its facts."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def refusal_of(event: EngineEvent) -> Refusal | None:
    """Return the refusal that an event carries: the program sends it as an ephemeral JSON message."""
    diagnostic = event.diagnostic_event
    if diagnostic is None or not diagnostic.ephemeral or REFUSAL_EVENT not in diagnostic.message:
        return None
    try:
        data = json.loads(diagnostic.message)[REFUSAL_EVENT]
        return Refusal(code=str(data["code"]), facts=dict(data["facts"]))
    except (ValueError, KeyError, TypeError):
        return None
