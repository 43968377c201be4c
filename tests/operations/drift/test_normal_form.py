"""Values that mean the same are one value, and no others are."""

import json
from typing import Any

import pytest

from operations.drift.compare import differences
from operations.drift.documented_defaults import DEFAULTS, default_of
from operations.drift.normal_form import identical, means_the_same, normal
from operations.drift.plain import plain
from operations.drift.report import ABSENT
from operations.drift.settable import settable

QUEUE, FUNCTION = "aws:sqs/queue:Queue", "aws:lambda/function:Function"
EMPTY: tuple[Any, ...] = (ABSENT, None, [], {}, "")


@pytest.mark.parametrize("ours", EMPTY)
@pytest.mark.parametrize("theirs", EMPTY)
def test_absent_null_and_empty_are_one_value(ours: Any, theirs: Any) -> None:
    assert means_the_same(FUNCTION, "layers", ours, theirs)


@pytest.mark.parametrize("empty", EMPTY)
def test_a_documented_default_means_the_same_as_none(empty: Any) -> None:
    assert means_the_same(QUEUE, "delaySeconds", empty, 0)
    assert not means_the_same(QUEUE, "delaySeconds", empty, 9)
    assert not means_the_same(QUEUE, "messageRetentionSeconds", empty, 0)
    assert means_the_same(FUNCTION, "tracingConfig", empty, {"mode": "PassThrough"})
    assert not means_the_same(FUNCTION, "tracingConfig", empty, {"mode": "Active"})
    assert means_the_same("aws:dynamodb/table:Table", "ttl", empty, {"attributeName": "", "enabled": False})
    assert not means_the_same(
        "aws:dynamodb/table:Table", "ttl", empty, {"attributeName": "x", "enabled": True}
    )


@pytest.mark.parametrize("path", ["tags.Owner", "tagsAll.Owner", "environment.variables.LEVEL"])
def test_an_empty_text_that_a_user_named_is_a_value(path: str) -> None:
    assert not means_the_same(FUNCTION, path, ABSENT, "")


@pytest.mark.parametrize("empty", [None, "", {}, []])
def test_an_empty_member_of_a_list_is_a_member(empty: Any) -> None:
    assert not means_the_same(FUNCTION, "layers[0]", ABSENT, empty)


@pytest.mark.parametrize(("ours", "theirs"), [(True, 1), (False, 0), ([True], [1]), ({"a": True}, {"a": 1})])
def test_a_flag_is_no_number(ours: Any, theirs: Any) -> None:
    assert not identical(ours, theirs)
    assert [each.path for each in differences({"a::b": {"x": ours}}, {"a::b": {"x": theirs}})]


def policy(**changed: Any) -> str:
    statement = {
        "Effect": "Allow",
        "Action": ["sqs:SendMessage", "sqs:ReceiveMessage"],
        "Principal": {"AWS": ["arn:aws:iam::111111111111:root"]},
        "Resource": "arn:aws:sqs:eu-west-1:111111111111:queue",
        "Condition": {"Bool": {"aws:SecureTransport": "true"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | changed]})


@pytest.mark.parametrize(
    "changed",
    [
        {"Action": ["sqs:ReceiveMessage", "sqs:SendMessage"]},
        {"Action": ["sqs:ReceiveMessage", "sqs:SendMessage", "sqs:SendMessage"]},
        {"Principal": {"AWS": "111111111111"}},
        {"Principal": {"AWS": "arn:aws:iam::111111111111:root"}},
        {"Resource": ["arn:aws:sqs:eu-west-1:111111111111:queue"]},
        {"Condition": {"Bool": {"aws:SecureTransport": ["true"]}}},
        {"Condition": {"Bool": {"aws:SecureTransport": True}}},
        {"NotAction": []},
    ],
)
def test_forms_in_which_services_return_a_policy_are_equal(changed: dict[str, Any]) -> None:
    ours, theirs = ({"policy": plain(text)} for text in (policy(), policy(**changed)))
    assert [*differences({"a::b": ours}, {"a::b": theirs})] == []


def test_one_statement_alone_and_blanks_are_equal_too() -> None:
    document = json.loads(policy())
    document["Statement"] = document["Statement"][0]
    assert normal(plain(json.dumps(document, indent=3))) == normal(plain(policy()))


def test_everybody_is_one_principal_in_either_form() -> None:
    assert normal(plain(policy(Principal="*"))) == normal(plain(policy(Principal={"AWS": ["*"]})))


@pytest.mark.parametrize(
    "changed",
    [
        {"Effect": "Deny"},
        {"Action": ["sqs:SendMessage"]},
        {"Action": "sqs:*"},
        {"Principal": {"AWS": "222222222222"}},
        {"Principal": {"Service": "arn:aws:iam::111111111111:root"}},
        {"Principal": "*"},
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {"Condition": {}},
        {"NotAction": "sqs:*"},
    ],
)
def test_another_meaning_of_a_policy_differs(changed: dict[str, Any]) -> None:
    ours, theirs = ({"policy": plain(text)} for text in (policy(), policy(**changed)))
    assert [*differences({"a::b": ours}, {"a::b": theirs})]


@pytest.mark.parametrize("type_", DEFAULTS)
def test_defaults_are_of_properties_that_a_program_may_set(type_: str) -> None:
    for path, value in DEFAULTS[type_].items():
        assert path.partition(".")[0] in settable(type_)
        assert default_of(type_, path) == value


def test_a_default_with_a_position_in_its_path_is_the_same_one() -> None:
    assert default_of("aws:dynamodb/table:Table", "ttl[0].enabled") is False


SCHEMA = [{"attributeName": "day", "keyType": "HASH"}, {"attributeName": "state", "keyType": "RANGE"}]
INDEX = {"name": "by-day", "projectionType": "ALL"}


@pytest.mark.parametrize(
    "spelled",
    [
        {"keySchemas": SCHEMA},
        {"hashKey": "day", "rangeKey": "state"},
        {"hashKey": "day", "rangeKey": "state", "keySchemas": SCHEMA},
    ],
)
def test_the_keys_of_an_index_are_one_value_by_name_and_as_a_schema(spelled: dict[str, Any]) -> None:
    assert normal({**INDEX, **spelled}) == {**INDEX, "keySchemas": SCHEMA}


@pytest.mark.parametrize(
    "other",
    [
        {"hashKey": "day"},
        {"hashKey": "day", "rangeKey": "other", "keySchemas": SCHEMA},
        {"keySchemas": SCHEMA[:1]},
        {"keySchemas": [SCHEMA[0], {"attributeName": "other", "keyType": "RANGE"}]},
    ],
)
def test_other_keys_of_an_index_are_another_value(other: dict[str, Any]) -> None:
    assert normal({**INDEX, **other}) != normal({**INDEX, "keySchemas": SCHEMA})
