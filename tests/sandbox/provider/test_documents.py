import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.provider.documents import equivalent, problem


def _policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (_policy(Action="sqs:SendMessage"), _policy(Action=["sqs:SendMessage"])),
        (_policy(Action=["a:A", "b:B"]), _policy(Action=["b:B", "a:A"])),
        (_policy(Principal="*"), _policy(Principal={"AWS": "*"})),
        (
            _policy(Principal={"AWS": "111111111111"}),
            _policy(Principal={"AWS": ["arn:aws:iam::111111111111:root"]}),
        ),
        (_policy(Condition={"Bool": {"a:b": True}}), _policy(Condition={"Bool": {"a:b": "true"}})),
        (_policy(Sid=""), _policy()),
        (
            _policy(Sid="one"),
            json.dumps({"Statement": {"Sid": "one", "Effect": "Allow"}, "Version": "2012-10-17"}),
        ),
        ('{"maxReceiveCount": 3, "a": 1}', '{"a":1,"maxReceiveCount":3}'),
        ("not json", "not json"),
    ],
)
def test_documents_that_mean_the_same_are_equivalent(one: str, other: str) -> None:
    assert equivalent(one, other)
    assert equivalent(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (_policy(Action="sqs:SendMessage"), _policy(Action="sqs:*")),
        (_policy(Effect="Allow"), _policy(Effect="Deny")),
        (_policy(Principal="*"), _policy(Principal={"Service": "*"})),
        (_policy(Condition={"Bool": {"a:b": "true"}}), _policy(Condition={"Bool": {"a:b": "false"}})),
        (_policy(Sid="one"), _policy(Sid="two")),
        ('{"maxReceiveCount": 3}', '{"maxReceiveCount": 4}'),
        ('{"widgets": [1, 2]}', '{"widgets": [2, 1]}'),
        ("not json", "{}"),
        ("", "{}"),
    ],
)
def test_documents_that_mean_something_else_are_not(one: str, other: str) -> None:
    assert not equivalent(one, other)


statements = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"])},
    optional={
        "Action": st.lists(st.sampled_from(["a:A", "b:B", "c:C"]), min_size=1, unique=True),
        "Resource": st.one_of(st.just("*"), st.lists(st.sampled_from(["x", "y"]), min_size=1, unique=True)),
        "Sid": st.sampled_from(["one", "two"]),
    },
)


@given(st.lists(statements, max_size=4), st.randoms())
def test_the_order_of_statements_actions_and_keys_means_nothing(
    drawn: list[dict[str, Any]], random: Any
) -> None:
    shuffled = []
    for statement in drawn:
        items = [(key, list(value) if isinstance(value, list) else value) for key, value in statement.items()]
        random.shuffle(items)
        for _, value in items:
            if isinstance(value, list):
                random.shuffle(value)
        shuffled.append(dict(items))
    random.shuffle(shuffled)
    assert equivalent(json.dumps({"Statement": drawn}), json.dumps({"Statement": shuffled}))


def test_what_is_wrong_with_a_text_is_told() -> None:
    assert problem("{}") is None
    assert problem("[]") == "contains an invalid JSON: an object was expected"
    assert str(problem("{")).startswith("contains an invalid JSON: Expecting property name")
