"""Each gate fails when its condition is spoiled, and only then."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from components.environment import EnvironmentTree
from operations.drift.report import Check, Classification
from operations.promotion.evidence import Evidence, PromotionOptions, StackPreview, WaveMember
from operations.promotion.gates import GATES, GateFailed, GateNotChecked, GatePassed, judge
from operations.promotion.record import EntryKind, OperationResult
from operations.promotion.review import Review
from tests.operations.promotion.evidences import (
    OLD,
    PAYMENTS,
    RELEASE,
    change,
    drift,
    evidence,
    finding,
    not_checked,
    proven,
    recorded,
    source_running,
    target_running,
)

TABLE = "urn:pulumi:prod::payments::aws:dynamodb/table:Table::payments-table"
SOAK = timedelta(minutes=30)
OTHER = replace(RELEASE, artifact_digest="0" * 64)


def _previews(*changes: Any) -> dict[str, Any]:
    return {"previews": (StackPreview(stack=PAYMENTS, changes=changes),)}


def _replacement(type_: str) -> dict[str, Any]:
    return _previews(change(type=type_, operation="replace", urn=f"urn:pulumi:prod::payments::{type_}::it"))


def _policy(action: str) -> dict[str, Any]:
    document = {"Statement": [{"Effect": "Allow", "Action": action, "Resource": "arn:it"}]}
    return {"policy": document}


def member(**changed: Any) -> WaveMember:
    """An environment of an earlier wave that runs the release, verified."""
    valid = WaveMember(environment="canary", running=source_running(), record=recorded("canary"))
    return replace(valid, **changed)


WIDER = change(type="aws:iam/policy:Policy", before=_policy("sqs:SendMessage"), after=_policy("sqs:*"))
NARROWER = change(type="aws:iam/policy:Policy", before=_policy("sqs:*"), after=_policy("sqs:SendMessage"))
BEGAN = (EntryKind.BEGAN, {"action": "promotion", "release": RELEASE.id})
ENDED_BADLY = (EntryKind.ENDED, {"result": OperationResult.FAILED})

ELSEWHERE = Review(commit=RELEASE.commit, branch="origin/main", on_branch=False)
UNKNOWN = replace(ELSEWHERE, on_branch=None)

SPOILED: list[tuple[str, str, dict[str, Any]]] = [
    ("commit-reviewed", "on another branch", {"review": ELSEWHERE}),
    ("commit-reviewed", "no such branch", {"review": UNKNOWN}),
    ("no-downgrade", "an older release", {"downgrade": True}),
    ("put-back-possible", "lost", {"put_back_problem": "there is no such commit"}),
    ("upstream-verified", "another artifact", {"source_running": source_running(release=OTHER)}),
    (
        "upstream-verified",
        "an operation that ended badly",
        {"source_record": recorded("staging", BEGAN, ENDED_BADLY)},
    ),
    ("upstream-soaked", "too short", {"source_running": source_running(proven=(proven(minutes_ago=29),))}),
    ("earlier-waves-verified", "not deployed", {"earlier_waves": (member(running=None),)}),
    (
        "earlier-waves-verified",
        "the second runs another release",
        {"earlier_waves": (member(), member(running=target_running()))},
    ),
    (
        "earlier-waves-verified",
        "verified another release last",
        {"earlier_waves": (member(running=source_running(proven=(proven(OLD), proven()))),)},
    ),
    (
        "earlier-waves-verified",
        "too short",
        {"earlier_waves": (member(running=source_running(proven=(proven(minutes_ago=29),))),)},
    ),
    (
        "earlier-waves-verified",
        "on hold",
        {
            "earlier_waves": (
                member(record=recorded("canary", (EntryKind.HELD, {"reason": "payments were lost"}))),
            )
        },
    ),
    (
        "earlier-waves-verified",
        "an operation that ended badly",
        {"earlier_waves": (member(record=recorded("canary", BEGAN, ENDED_BADLY)),)},
    ),
    ("upstream-no-drift", "cloud", {"drift": drift(findings=(finding(),))}),
    ("upstream-no-drift", "code", {"drift": drift(findings=(finding(check=Check.CODE),))}),
    ("upstream-no-drift", "not looked at", {"drift": drift(not_checked=(not_checked(),))}),
    ("upstream-no-drift", "not run", {"drift": drift(checks=(Check.PARITY, Check.CODE))}),
    (
        "target-parity",
        "difference",
        {"drift": drift(findings=(finding(check=Check.PARITY, environment="prod"),))},
    ),
    (
        "target-parity",
        "not looked at",
        {"drift": drift(not_checked=(not_checked(check=Check.PARITY, environment="prod"),))},
    ),
    ("target-parity", "not run", {"drift": drift(checks=(Check.CLOUD, Check.CODE))}),
    ("data-kept", "table", _replacement("aws:dynamodb/table:Table")),
    ("data-kept", "queue", _replacement("aws:sqs/queue:Queue")),
    ("data-kept", "key", _replacement("aws:kms/key:Key")),
    (
        "data-kept",
        "deletion",
        _previews(change(type="aws:kms/key:Key", operation="delete")),
    ),
    ("iam-not-wider", "wider", _previews(WIDER)),
    (
        "not-on-hold",
        "held",
        {"target_record": recorded("prod", (EntryKind.HELD, {"reason": "payments were lost"}))},
    ),
    ("target-healthy", "an alarm", {"alarms": ("errors-alarm-prod-acme",)}),
    (
        "target-healthy",
        "another alarm than the permitted one",
        {
            "alarms": ("depth-alarm-prod-acme", "errors-alarm-prod-acme"),
            "terms": PromotionOptions(soak=SOAK, allow_alarms=frozenset({"depth-alarm-prod-acme"})),
        },
    ),
    ("target-healthy", "alarms nobody can read", {"alarms_problem": "access denied"}),
    (
        "upstream-verified",
        "a stack that held other content",
        {"source_running": source_running(proven=(proven(projects=("bootstrap-iam", "payments")),))},
    ),
    ("nothing-in-flight", "locks nobody can read", {"locks_problem": "access denied"}),
    ("nothing-in-flight", "somebody else", {"target_record": recorded("prod", BEGAN)}),
    (
        "nothing-in-flight",
        "alive, whatever is asked for",
        {
            "target_record": recorded("prod", BEGAN),
            "in_flight_alive": True,
            "terms": PromotionOptions(soak=SOAK, take_over=True),
        },
    ),
    (
        "nothing-in-flight",
        "an engine, although the promotion is dead",
        {
            "target_record": recorded("prod", BEGAN),
            "in_flight_alive": False,
            "locks": {PAYMENTS: "ada@desk (process 4712) since 12:00"},
        },
    ),
    (
        "lineage-unbroken",
        "another ledger",
        {"target_running": target_running(upstream_table_arns=("arn:dev", "arn:other"))},
    ),
    (
        "lineage-unbroken",
        "a skipped environment",
        {
            "target_running": target_running(upstream_table_arns=("arn:staging",)),
            "source_running": source_running(upstream_table_arns=()),
        },
    ),
    (
        "lineage-unbroken",
        "not the upstream of prod",
        {"ladder": EnvironmentTree.line("dev", "staging", "canary", "prod")},
    ),
]


def test_a_verified_earlier_wave_opens_its_gate() -> None:
    assert _shut(evidence(earlier_waves=(member(), member(environment="other")))) == {}


def _shut(judged: Evidence) -> dict[str, GateFailed | GateNotChecked]:
    return {
        item.gate.id: item.answer
        for item in judge(judged)
        if isinstance(item.answer, GateFailed | GateNotChecked)
    }


def test_a_valid_promotion_passes_every_gate() -> None:
    assert _shut(evidence()) == {}


@pytest.mark.parametrize(
    ("gate", "changed"),
    [(gate, changed) for gate, _, changed in SPOILED],
    ids=[f"{gate}: {how}" for gate, how, _ in SPOILED],
)
def test_a_gate_closes_when_its_condition_is_spoiled_and_only_then(
    gate: str, changed: dict[str, Any]
) -> None:
    shut = _shut(evidence(**changed))

    assert set(shut) == {gate}
    assert shut[gate].reason
    assert shut[gate].fix


def test_every_gate_but_that_of_the_policy_pack_is_spoiled_alone() -> None:
    """A preview that the pack refuses has no changes to judge: see the next claim."""
    assert {gate for gate, _, _ in SPOILED} == {gate.id for gate in GATES} - {"policy-clean"}


def test_a_refusal_of_the_policy_pack_leaves_what_could_not_be_previewed_unchecked() -> None:
    shut = _shut(
        evidence(previews=(StackPreview(stack=PAYMENTS, failure="table-encryption: no key", violation=True),))
    )

    assert isinstance(shut["policy-clean"], GateFailed)
    assert "table-encryption" in shut["policy-clean"].reason
    assert {gate: type(answer) for gate, answer in shut.items() if gate != "policy-clean"} == {
        "data-kept": GateNotChecked,
        "iam-not-wider": GateNotChecked,
    }


@pytest.mark.parametrize("previews", [(), (StackPreview(stack=PAYMENTS, failure="no credentials"),)])
def test_stacks_without_preview_pass_no_gate_on_changes(previews: tuple[StackPreview, ...]) -> None:
    shut = _shut(evidence(previews=previews))

    assert {gate: type(answer) for gate, answer in shut.items()} == dict.fromkeys(
        ("policy-clean", "data-kept", "iam-not-wider"), GateNotChecked
    )


def test_an_alarm_that_was_permitted_by_name_opens_the_gate_and_shows() -> None:
    terms = PromotionOptions(soak=SOAK, allow_alarms=frozenset({"depth-alarm-prod-acme"}))
    permitted = evidence(alarms=("depth-alarm-prod-acme",), terms=terms)
    (healthy,) = [item.answer for item in judge(permitted) if item.gate.id == "target-healthy"]
    assert healthy == GatePassed("permitted by hand: depth-alarm-prod-acme")


def test_a_lock_is_reported_with_the_command_that_removes_it() -> None:
    shut = _shut(evidence(locks={PAYMENTS: "ada@desk (process 4712)"}))["nothing-in-flight"]

    assert shut.reason == "payments/prod is locked by ada@desk (process 4712)"
    assert shut.fix.endswith("pulumi -C projects/payments cancel prod")


def test_without_a_report_on_drift_neither_of_its_gates_passes() -> None:
    shut = _shut(evidence(drift=None, drift_failure="the engine was interrupted"))

    assert {gate: type(answer) for gate, answer in shut.items()} == dict.fromkeys(
        ("upstream-no-drift", "target-parity"), GateNotChecked
    )


@pytest.mark.parametrize("found", [(), (proven(OLD),), (proven(OLD), proven()), (proven(OTHER),)])
def test_a_release_that_was_not_verified_last_upstream_has_not_soaked_either(found: Any) -> None:
    shut = _shut(evidence(source_running=source_running(proven=found)))

    assert {gate: type(answer) for gate, answer in shut.items()} == {
        "upstream-verified": GateFailed,
        "upstream-soaked": GateNotChecked,
    }


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"target_running": None}, id="a target's first release"),
        pytest.param(
            {"drift": drift(findings=(finding(classification=Classification.CONTROLLED),))},
            id="controlled variation",
        ),
        pytest.param(
            {"drift": drift(findings=(finding(classification=Classification.WAIVED),))},
            id="waived difference",
        ),
        pytest.param(
            {"drift": drift(findings=(finding(environment="prod"),))},
            id="drift of the target itself, which the promotion overwrites",
        ),
        pytest.param(_replacement("aws:lambda/function:Function"), id="replacement of what keeps no data"),
        pytest.param(
            _previews(change(type="aws:dynamodb/table:Table", operation="update")), id="update of a table"
        ),
        pytest.param(_previews(NARROWER), id="narrower rights"),
        pytest.param(
            {
                "target_record": recorded(
                    "prod", (EntryKind.HELD, {"reason": "lost"}), (EntryKind.RELEASED, {"reason": "found"})
                )
            },
            id="a hold that was lifted",
        ),
        pytest.param(
            {
                "target_record": recorded(
                    "prod", BEGAN, (EntryKind.ENDED, {"result": OperationResult.PROMOTED})
                )
            },
            id="an operation that is over",
        ),
        pytest.param(
            {"target_record": recorded("prod", BEGAN), "in_flight_alive": False}, id="a killed operation"
        ),
        pytest.param(
            {"target_record": recorded("prod", BEGAN), "terms": PromotionOptions(soak=SOAK, take_over=True)},
            id="an operation taken over by hand",
        ),
        pytest.param(
            {"source_running": source_running(proven=(proven(minutes_ago=30),))}, id="exactly soaked"
        ),
        pytest.param(
            {
                **_replacement("aws:kms/key:Key"),
                "terms": PromotionOptions(
                    soak=SOAK, allow_replace=frozenset({"urn:pulumi:prod::payments::aws:kms/key:Key::it"})
                ),
            },
            id="a replacement permitted by URN",
        ),
        pytest.param(
            {**_previews(WIDER), "terms": PromotionOptions(soak=SOAK, allow_iam_widening=True)},
            id="wider rights, confirmed",
        ),
        pytest.param(
            {"review": ELSEWHERE, "terms": PromotionOptions(soak=SOAK, allow_unreviewed="incident 4711")},
            id="an unreviewed commit, opened by hand",
        ),
        pytest.param(
            {"downgrade": True, "terms": PromotionOptions(soak=SOAK, allow_downgrade=True)},
            id="an older one, permitted",
        ),
        pytest.param(
            {"put_back_problem": "gone", "terms": PromotionOptions(soak=SOAK, allow_no_put_back=True)},
            id="nothing to put back, permitted",
        ),
    ],
)
def test_harmless_changes_stop_nothing(changed: dict[str, Any]) -> None:
    assert _shut(evidence(**changed)) == {}


def test_permitted_exceptions_are_shown() -> None:
    terms = PromotionOptions(soak=SOAK, allow_iam_widening=True)
    answers = {item.gate.id: item.answer for item in judge(evidence(**_previews(WIDER), terms=terms))}

    answer = answers["iam-not-wider"]
    assert isinstance(answer, GatePassed)
    assert "sqs:*" in answer.note


def test_permission_for_one_resource_is_none_for_another() -> None:
    terms = PromotionOptions(soak=SOAK, allow_replace=frozenset({TABLE}))
    assert set(_shut(evidence(**_replacement("aws:kms/key:Key"), terms=terms))) == {"data-kept"}
