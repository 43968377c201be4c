from operations.evidence.history import holds, operations
from operations.promotion.record import EntryKind, OperationResult, PromotionRecord
from tests.operations.promotion.evidences import recorded

BEGAN = {"action": "deployment", "projects": ["payments"], "permitted": ["--despite-hold hotfix of 3 March"]}


def test_an_operation_that_never_ended_is_in_flight() -> None:
    found = operations(recorded("prod", (EntryKind.BEGAN, BEGAN)))
    assert [(item["action"], item["result"], item["ended"]) for item in found] == [
        ("deployment", "in flight", None)
    ]
    assert found[0]["permitted"] == BEGAN["permitted"]


def test_a_failed_operation_gives_its_reason() -> None:
    record = recorded(
        "prod",
        (EntryKind.BEGAN, {**BEGAN, "action": "promotion", "release": "r-2"}),
        (EntryKind.REFUTED, {"release": "r-2", "said": "no payment arrived"}),
        (EntryKind.ENDED, {"result": OperationResult.FAILED_PUT_BACK, "reason": "no payment arrived"}),
    )
    (found,) = operations(record)
    assert (found["verification"], found["result"], found["reason"]) == (
        "verification-failed",
        "failed-put-back",
        "no payment arrived",
    )


def test_a_verification_of_its_own_is_listed_beside_operations() -> None:
    record = recorded(
        "prod",
        (EntryKind.BEGAN, BEGAN),
        (EntryKind.ENDED, {"result": OperationResult.DEPLOYED}),
        (EntryKind.VERIFIED, {"release": "r-2", "said": "by scripts/verify.py"}),
    )
    assert [(item["action"], item["result"]) for item in operations(record)] == [
        ("deployment", "deployed"),
        ("verification", "verified"),
    ]


def test_holds_are_listed_with_their_reasons() -> None:
    record = recorded(
        "prod", (EntryKind.HELD, {"reason": "audit"}), (EntryKind.RELEASED, {"reason": "audit is over"})
    )
    assert [(item["kind"], item["by"], item["reason"]) for item in holds(record)] == [
        ("held", "ada", "audit"),
        ("released", "ada", "audit is over"),
    ]
    assert holds(PromotionRecord(environment="prod")) == []
