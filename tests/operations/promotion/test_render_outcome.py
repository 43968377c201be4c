import json
from typing import Any

import pytest

from operations.promotion.apply import PromotionOutcome
from operations.promotion.plan import plan
from operations.promotion.record import EntryKind, OperationResult
from operations.promotion.render_outcome import document, exit_code, history, history_json, plan_code, text
from tests.operations.promotion.evidences import OLD, evidence, recorded, source_running


def outcome(**changed: Any) -> PromotionOutcome:
    valid: dict[str, Any] = {
        "environment": "prod",
        "release": "r-new",
        "result": OperationResult.PROMOTED,
        "running": "r-new",
    }
    return PromotionOutcome(**{**valid, **changed})


FAILED = outcome(
    result=OperationResult.FAILED_PUT_BACK, running="r-old", reason="payments lost\nthree", held=True
)


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (OperationResult.PROMOTED, 0),
        (OperationResult.ROLLED_BACK, 0),
        (OperationResult.FAILED_PUT_BACK, 1),
        (OperationResult.FAILED, 1),
        (OperationResult.INTERRUPTED, 130),
    ],
)
def test_the_exit_code_says_how_it_ended(result: OperationResult, code: int) -> None:
    assert exit_code(outcome(result=result)) == code


def test_a_refusal_is_a_failure_only_where_a_gate_failed() -> None:
    assert plan_code(plan(evidence(drift=None))) == 2
    assert plan_code(plan(evidence(source_running=source_running(release=OLD), drift=None))) == 1


def test_a_failure_says_what_happened_what_runs_and_how_to_lift_the_hold() -> None:
    said = text(FAILED)

    assert "FAILED: release r-new did not make it in prod." in said
    assert "  payments lost\n  three" in said
    assert "prod runs release r-old again, verified and serving" in said
    assert "release-hold --env prod" in said


@pytest.mark.parametrize("result", [OperationResult.FAILED, OperationResult.INTERRUPTED])
def test_partially_deployed_environments_are_reported(result: OperationResult) -> None:
    assert "parts of two releases" in text(outcome(result=result, running=None, reason="no quota"))


@pytest.mark.parametrize("result", OperationResult)
def test_every_result_has_words_of_its_own(result: OperationResult) -> None:
    assert text(outcome(result=result))


def test_machines_get_gates_reasons_and_outcome() -> None:
    shown = document(plan(evidence()), FAILED, ("the code changed",))

    assert shown["outcome"]["result"] == "failed-put-back"
    assert shown["outcome"]["running"] == "r-old"
    assert shown["refused"] == ["the code changed"]
    assert {gate["status"] for gate in shown["gates"]} == {"passed"}


def test_history_is_a_line_an_entry() -> None:
    record = recorded(
        "prod",
        (
            EntryKind.BEGAN,
            {
                "action": "promotion",
                "release": "r-new",
                "replaces": None,
                "plan": "f" * 64,
                "permitted": ["--allow-iam-widening"],
            },
        ),
        (EntryKind.APPLIED, {"project": "network", "release": "r-new"}),
        (EntryKind.VERIFIED, {"release": "r-new", "said": "4 payments"}),
        (EntryKind.ENDED, {"result": OperationResult.PROMOTED}),
        (EntryKind.HELD, {"reason": "payments were lost"}),
        (EntryKind.RELEASED, {"reason": "they were found"}),
    )
    lines = history(record).splitlines()

    assert len(lines) == len(record.entries)
    assert "promotion of release r-new began, in place of none, by plan ffffffffffff" in lines[0]
    assert "permitted by hand: --allow-iam-widening" in lines[0]
    assert lines[-1].endswith("hold lifted: they were found")
    assert [entry["kind"] for entry in json.loads(history_json(record))] == [
        entry.kind for entry in record.entries
    ]


def test_an_empty_record_has_no_history() -> None:
    assert history(recorded("prod")) == ""
