from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from pydantic.alias_generators import to_camel

from components.promotion_gate import PromotionState
from operations.deployment.activity import Activity, Watch
from operations.deployment.operate import Operator
from operations.engine.failure import StackName
from operations.verification import Failed, NotVerifiable, Passed, Target, Verification, deployment
from operations.verification.deployment import VerificationFailed, up_and_verify
from tests.builders import STANDING

DIGEST = STANDING.artifact_digest
PASSED = Passed(environment="dev", artifact_digest=DIGEST, seconds=1)
FAILED = Failed(environment="dev", artifact_digest=DIGEST, reasons=("one thing", "another"), seconds=1)
PAYMENTS = StackName(project="payments", environment="dev")
UNVERIFIED = PromotionState(artifact_digest=DIGEST, release="r-1")


@dataclass
class FakeOperator:
    """Deploys nothing, and says what would have changed."""

    changes: Mapping[str, int] = field(default_factory=lambda: {"update": 1})
    phases: list[str] = field(default_factory=list)

    def up(self, name: StackName) -> Mapping[str, int]:
        return self.changes

    @property
    def watch(self) -> Watch:
        def heard(activity: Activity) -> None:
            self.phases.append(activity.phase)

        return heard


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[Verification]:
    found: list[Verification] = []
    monkeypatch.setattr(deployment, "record", lambda verification, *_: found.append(verification))
    return found


def deployed(
    monkeypatch: pytest.MonkeyPatch,
    found: Verification | Exception,
    *,
    name: StackName = PAYMENTS,
    standing: PromotionState = UNVERIFIED,
    operator: FakeOperator | None = None,
) -> Mapping[str, int]:
    def verify(*_: Any, **__: Any) -> Verification:
        if isinstance(found, Exception):
            raise found
        return found

    def target(environment: str) -> Target:
        outputs = {to_camel(key): value for key, value in standing.as_outputs().items()}
        return Target(environment=environment, outputs=outputs, client=lambda _: None)

    monkeypatch.setattr(deployment, "verify", verify)
    return up_and_verify(cast("Operator", operator or FakeOperator()), target)(name)


def test_a_payments_stack_that_is_up_is_verified_and_recorded(
    monkeypatch: pytest.MonkeyPatch, recorded: list[Verification]
) -> None:
    operator = FakeOperator()
    assert deployed(monkeypatch, PASSED, operator=operator) == {"update": 1}
    assert recorded == [PASSED]
    assert operator.phases == ["verify"]


def test_other_stacks_are_not_verified(monkeypatch: pytest.MonkeyPatch, recorded: list[Verification]) -> None:
    for project in ("bootstrap-iam", "network"):
        deployed(monkeypatch, PASSED, name=StackName(project=project, environment="dev"))
    assert recorded == []


def test_a_failed_verification_is_recorded_and_fails_the_stack(
    monkeypatch: pytest.MonkeyPatch, recorded: list[Verification]
) -> None:
    with pytest.raises(VerificationFailed, match=r"payments/dev is up.*\n  one thing\n  another"):
        deployed(monkeypatch, FAILED)
    assert recorded == [FAILED]


def test_what_could_not_be_found_out_fails_the_stack_and_is_not_recorded(
    monkeypatch: pytest.MonkeyPatch, recorded: list[Verification]
) -> None:
    with pytest.raises(NotVerifiable, match=r"payments/dev is up\. AWS can't be reached"):
        deployed(monkeypatch, NotVerifiable("AWS can't be reached"))
    assert recorded == []


@pytest.mark.parametrize(
    ("changes", "standing", "times"),
    [
        ({"same": 42}, STANDING, 0),
        ({"same": 42, "update": 0}, STANDING, 0),
        ({"same": 41, "update": 1}, STANDING, 1),
        ({"same": 42}, UNVERIFIED, 1),
    ],
)
def test_what_is_verified_and_did_not_change_is_not_verified_again(
    monkeypatch: pytest.MonkeyPatch,
    recorded: list[Verification],
    changes: Mapping[str, int],
    standing: PromotionState,
    times: int,
) -> None:
    deployed(monkeypatch, PASSED, standing=standing, operator=FakeOperator(changes=changes))
    assert len(recorded) == times
