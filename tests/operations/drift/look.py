"""A whole search for drift in what is deployed, with its calls: several tests have something to say of it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from operations.drift.report import Report
from sandbox import Sandbox
from sandbox.provider import call_log
from tests.operations.drift.runs import run, states


@dataclass(frozen=True, kw_only=True)
class Look:
    """With the reader's role, as it runs every night."""

    report: Report
    calls: tuple[dict[str, Any], ...]
    """What the provider called meanwhile, as `sandbox.provider.call_log` has it."""
    touched: frozenset[str]
    """Files of the state that it changed."""


def take_a_look(box: Sandbox, log: Path) -> Look:
    """At dev against its account and its program, and at prod against staging."""
    before = states(box)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(call_log.FILE, str(log))
        patch.setenv("STACK_ACCESS", "reader")
        report = run(box, environments=("dev",))
    after = states(box)
    touched = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    return Look(
        report=report,
        calls=tuple(map(json.loads, log.read_text(encoding="utf-8").splitlines())),
        touched=frozenset(touched),
    )
