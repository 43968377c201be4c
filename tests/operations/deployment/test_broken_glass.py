from typing import Any

from operations.deployment.broken_glass import broken_glass
from operations.deployment.outcome import Failed, Report, Succeeded
from operations.deployment.plan import Action
from operations.engine.failure import StackName

GLASS = {"artifactDigest": "ab" * 32, "reason": "payments are lost", "expires": "2026-01-31T12:00:00Z"}
DEV, PROD = (StackName(project="payments", environment=name) for name in ("dev", "prod"))
NETWORK = StackName(project="network", environment="prod")


def told(action: Action = Action.UP) -> list[str]:
    outputs: dict[StackName, dict[str, Any]] = {DEV: {"breakGlass": {}}, PROD: {"breakGlass": GLASS}}
    outcomes = [Succeeded(stack=stack, seconds=1) for stack in (NETWORK, DEV, PROD)]
    return broken_glass(Report(action=action, outcomes=tuple(outcomes)), outputs.__getitem__)


def test_a_broken_glass_is_told_with_artifact_reason_and_expiry() -> None:
    (line,) = told()
    assert "payments/prod" in line
    for word in GLASS.values():
        assert word in line


def test_only_what_is_up_is_asked() -> None:
    assert told(Action.PREVIEW) == told(Action.DESTROY) == []
    failed = Report(action=Action.UP, outcomes=(Failed(stack=PROD, reason="no", seconds=1),))
    assert broken_glass(failed, lambda _: {"breakGlass": GLASS}) == []


def test_an_earlier_versions_outputs_show_none() -> None:
    report = Report(action=Action.UP, outcomes=(Succeeded(stack=PROD, seconds=1),))
    assert broken_glass(report, lambda _: {}) == []
