import json
from dataclasses import replace
from typing import Any

import pytest

from operations.promotion.evidence import StackPreview
from operations.promotion.gates import GATES
from operations.promotion.plan import SavedPlanError, changed_since, from_json, plan, to_json
from operations.promotion.record import EntryKind
from tests.operations.promotion.evidences import (
    NOW,
    OLD,
    PAYMENTS,
    RELEASE,
    change,
    evidence,
    proven,
    recorded,
    source_running,
    target_running,
)

PLAN = plan(evidence())


def test_a_plan_holds_every_gate_and_every_change() -> None:
    assert PLAN.ready
    assert [gate.id for gate in PLAN.gates] == [gate.id for gate in GATES]
    assert [(item.project, item.name, item.operation, item.properties) for item in PLAN.changes] == [
        ("payments", "payments-function", "update", ("code", "sourceCodeHash"))
    ]
    assert (PLAN.release, PLAN.replaces) == (RELEASE.id, "r-old")


def test_a_plan_with_a_closed_gate_is_not_ready() -> None:
    shut = plan(evidence(source_running=source_running(release=OLD)))
    assert not shut.ready
    assert shut.checked
    assert not plan(evidence(drift=None)).checked


def test_a_saved_plan_is_read_as_it_was() -> None:
    assert from_json(to_json(PLAN), "plan.json") == PLAN


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "",
        lambda text: "[]",
        lambda text: "{}",
        lambda text: text.replace("promotion-plan/1", "promotion-plan/2"),
        lambda text: text.replace('"source": "staging"', '"source": 5'),
        lambda text: text.replace('"passed"', '"perhaps"', 1),
    ],
)
def test_a_malformed_plan_is_refused(spoil: Any) -> None:
    with pytest.raises(SavedPlanError, match=r"plan\.json holds no plan"):
        from_json(spoil(to_json(PLAN)), "plan.json")


def test_a_saved_plan_that_was_edited_is_refused() -> None:
    document = json.loads(to_json(PLAN))
    document["artifact_digest"] = "ef" * 32

    with pytest.raises(SavedPlanError, match=r"changed after it was saved"):
        from_json(json.dumps(document), "plan.json")


def test_a_plan_that_is_made_again_later_is_the_same() -> None:
    later = plan(evidence(read_at=NOW.replace(hour=20)))

    assert later.digest == PLAN.digest
    assert changed_since(PLAN, later) == ()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"release": replace(RELEASE, id="r-other")}, "the release was r-new, and is r-other"),
        ({"release": replace(RELEASE, commit="d" * 40)}, "the release's commit was"),
        ({"release": replace(RELEASE, artifact_digest="ef" * 32)}, "the release's artifact was"),
        ({"target_running": target_running(release=RELEASE)}, "was r-old, and is r-new"),
        ({"target_running": None}, "was r-old, and is none"),
        (
            {"target_record": recorded("prod", *[(EntryKind.VERIFIED, {"release": "r-old"})] * 3)},
            "the record of prod has 2 new entries",
        ),
        (
            {"fingerprints": {**PLAN.fingerprints, "state of payments/prod": "9"}},
            "state of payments/prod changed",
        ),
        ({"fingerprints": {**PLAN.fingerprints, "configuration": "9"}}, "configuration changed"),
        ({"fingerprints": {**PLAN.fingerprints, "code": "9"}}, "code changed"),
        ({"fingerprints": {}}, "code changed"),
        (
            {"projects": ("payments",)},
            "what is deployed was bootstrap-iam, network, payments, and is payments",
        ),
        (
            {"source_running": source_running(proven=(proven(minutes_ago=1),))},
            "the gate upstream-soaked was passed, and is failed",
        ),
        (
            {"previews": (StackPreview(stack=PAYMENTS, changes=(change(), change(operation="delete"))),)},
            "other changes to resources",
        ),
        ({"target_running": target_running(break_glass="an incident, by ada")}, "the notes changed"),
    ],
)
def test_relevant_changes_since_the_plan_was_saved_are_listed(changed: dict[str, Any], said: str) -> None:
    now = plan(evidence(**changed))

    assert any(said in line for line in changed_since(PLAN, now))
    assert now.digest != PLAN.digest


def test_omitted_projects_are_noted() -> None:
    (note,) = plan(evidence(projects=("network", "payments"))).notes
    assert note == "bootstrap-iam is left out: neither looked at nor deployed"


def test_a_break_glass_setting_and_a_mixed_target_are_noted() -> None:
    made = plan(
        evidence(
            target_running=target_running(break_glass="an incident, by ada"),
            target_record=recorded("prod", (EntryKind.BEGAN, {"action": "promotion"})),
        )
    )

    assert any("an incident, by ada" in note for note in made.notes)
    assert any("parts of two releases" in note for note in made.notes)
