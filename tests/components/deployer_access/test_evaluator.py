import json

import pytest

from tests.components.deployer_access.evaluator import Call, decide


def document(**changed: object) -> str:
    statement = {"Effect": "Allow", "Action": "sqs:Send*", "Resource": "arn:aws:sqs:*:1:a-*", **changed}
    return json.dumps({"Statement": [statement]})


SEND = Call(action="sqs:SendMessage", resource="arn:aws:sqs:us-east-1:1:a-queue", conditions={"k": "v"})


@pytest.mark.parametrize(
    ("changed", "decision"),
    [
        ({}, "allowed"),
        ({"Effect": "Deny"}, "denied"),
        ({"Action": ["x:Y", "SQS:SENDMESSAGE"]}, "allowed"),
        ({"Action": "sqs:Receive*"}, "not allowed"),
        ({"Resource": "arn:aws:sqs:*:2:a-*"}, "not allowed"),
        ({"Resource": "*"}, "allowed"),
        ({"Condition": {"StringEquals": {"K": "v"}}}, "allowed"),
        ({"Condition": {"StringEquals": {"k": ["u", "v"]}}}, "allowed"),
        ({"Condition": {"StringEquals": {"k": "V"}}}, "not allowed"),
        ({"Condition": {"ForAnyValue:StringEquals": {"k": ["u", "v"]}}}, "allowed"),
        ({"Condition": {"ForAnyValue:StringEquals": {"missing": "v"}}}, "not allowed"),
        ({"Condition": {"StringEquals": {"k": "v", "missing": "v"}}}, "not allowed"),
        ({"Condition": {"Null": {"missing": "true"}}}, "allowed"),
        ({"Condition": {"Null": {"k": "true"}}}, "not allowed"),
        ({"Condition": {"StringEquals": {"k": "v"}, "Null": {"k": "true"}}}, "not allowed"),
    ],
)
def test_a_call_is_decided_by_all_elements_of_a_statement(changed: dict[str, object], decision: str) -> None:
    assert decide([document(**changed)], SEND) == decision


def test_a_denial_wins_over_any_permission() -> None:
    assert decide([document(), document(Effect="Deny")], SEND) == "denied"


@pytest.mark.parametrize(
    ("pattern", "decision"),
    [
        ("arn:aws:iam::1:role/*", "allowed"),
        ("arn:*:role/x", "not allowed"),
        ("arn:aws:iam::2:role/*", "not allowed"),
    ],
)
def test_arn_conditions_compare_part_by_part(pattern: str, decision: str) -> None:
    call = Call(action=SEND.action, resource=SEND.resource, conditions={"k": "arn:aws:iam::1:role/x"})
    assert decide([document(Condition={"ArnLike": {"k": pattern}})], call) == decision


@pytest.mark.parametrize(
    ("values", "decision"),
    [(["a-1"], "allowed"), (["a-1", "a-2"], "allowed"), (["a-1", "b"], "not allowed"), ([], "allowed")],
)
def test_for_all_values_holds_where_none_is_another(values: list[str], decision: str) -> None:
    call = Call(action=SEND.action, resource=SEND.resource, conditions={"k": values})
    condition = {"ForAllValues:StringLike": {"k": ["a-*"]}}
    assert decide([document(Condition=condition)], call) == decision


def test_booleans_compare_in_any_spelling() -> None:
    call = Call(action=SEND.action, resource=SEND.resource, conditions={"k": True})
    assert decide([document(Condition={"Bool": {"k": "true"}})], call) == "allowed"


@pytest.mark.parametrize("changed", [{"NotAction": "x:Y"}, {"Condition": {"IpAddress": {"k": "10.0.0.0/8"}}}])
def test_it_does_not_guess_about_what_it_does_not_know(changed: dict[str, object]) -> None:
    with pytest.raises(NotImplementedError):
        decide([document(**changed)], SEND)
