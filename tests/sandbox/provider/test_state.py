from typing import Any

import pytest

from sandbox.provider.schema import Kind, Property, described
from sandbox.provider.state import defaults, inputs_from, promised, settle, written
from sandbox.provider.wire import UNKNOWN

PROPERTIES = described(
    name=Property(required=True),
    text=Property(),
    days=Property(kind=Kind.INTEGER, default=3),
    supplied=Property(computed=True),
    window=Property(kind=Kind.INTEGER, local=True),
    policy=Property(kind=Kind.DOCUMENT),
    members=Property(kind=Kind.STRINGS, unordered=True),
    code=Property(kind=Kind.ARCHIVE, local=True),
    block=Property(
        kind=Kind.BLOCK,
        fields={
            "policy": Property(kind=Kind.DOCUMENT),
            "two": Property(computed=True),
            "id": Property(output=True),
        },
    ),
    blocks=Property(
        kind=Kind.BLOCKS,
        unordered=True,
        fields={"name": Property(), "policy": Property(kind=Kind.DOCUMENT)},
    ),
    arn=Property(output=True),
)


@pytest.mark.parametrize(
    ("actual", "known", "settled"),
    [
        ({"policy": '{"a":1}'}, {"policy": '{ "a": 1 }'}, {"policy": '{ "a": 1 }'}),
        ({"policy": '{"a":2}'}, {"policy": '{ "a": 1 }'}, {"policy": '{"a":2}'}),
        ({"members": ["a", "b"]}, {"members": ["b", "a"]}, {"members": ["b", "a"]}),
        ({"members": ["a", "c"]}, {"members": ["b", "a"]}, {"members": ["a", "c"]}),
        ({}, {"window": 7}, {"window": 7}),
        ({}, {"code": {"assets": {"__init__.py": 1}}}, {"code": {"assets": {"__init__.py": 1}}}),
        ({"text": ""}, {}, {}),
        ({"text": ""}, {"text": "a"}, {"text": ""}),
        ({"text": None}, {"text": "a"}, {}),
        ({"supplied": ""}, {}, {"supplied": ""}),
        ({"days": 0}, {}, {"days": 0}),
        (
            {"block": {"policy": '{"a":1}', "two": "2"}},
            {"block": {"policy": '{ "a": 1 }'}},
            {"block": {"policy": '{ "a": 1 }', "two": "2"}},
        ),
        (
            {"blocks": [{"name": "a", "policy": '{"a":1}'}, {"name": "b"}, {"name": "c"}]},
            {"blocks": [{"name": "b"}, {"name": "a", "policy": '{ "a": 1 }'}]},
            {"blocks": [{"name": "b"}, {"name": "a", "policy": '{ "a": 1 }'}, {"name": "c"}]},
        ),
    ],
)
def test_a_state_is_awss_in_the_programs_words(
    actual: dict[str, Any], known: dict[str, Any], settled: dict[str, Any]
) -> None:
    assert settle(PROPERTIES, actual, known) == settled


def test_settling_twice_changes_nothing() -> None:
    actual = {"name": "a", "members": ["a", "b"], "blocks": [{"name": "b"}, {"name": "a"}]}
    known = {"members": ["b", "a"], "blocks": [{"name": "a"}, {"name": "b"}], "window": 7}
    once = settle(PROPERTIES, actual, known)
    assert settle(PROPERTIES, actual, {**known, **once}) == once


def test_a_preview_leaves_unknown_what_aws_supplies() -> None:
    inputs = {"name": "a", "block": {"policy": "{}", "__defaults": []}, "__defaults": []}
    assert promised(PROPERTIES, inputs) == {
        "name": "a",
        "supplied": UNKNOWN,
        "arn": UNKNOWN,
        "block": {"policy": "{}", "two": UNKNOWN, "id": UNKNOWN},
    }


def test_inputs_are_shown_without_what_is_internal_but_archives_are_left_alone() -> None:
    inputs = {"code": {"assets": {"__init__.py": 1}}, "block": {"__defaults": []}, "__defaults": []}
    assert written(PROPERTIES, inputs) == {"code": {"assets": {"__init__.py": 1}}, "block": {}}


def test_an_import_makes_inputs_of_all_that_differs_from_the_defaults() -> None:
    state = {
        "name": "a",
        "text": "",
        "days": 3,
        "supplied": "by AWS",
        "arn": "arn",
        "block": {"two": "2", "id": "7", "policy": ""},
        "blocks": [{"name": "b", "policy": ""}],
    }
    assert inputs_from(PROPERTIES, state, {}) == {
        "name": "a",
        "supplied": "by AWS",
        "block": {"two": "2"},
        "blocks": [{"name": "b"}],
    }


def test_a_refresh_keeps_the_programs_spelling_and_shows_what_drifted() -> None:
    known = {"name": "a", "policy": '{ "a": 1 }', "text": "mine", "window": 7, "__defaults": []}
    state = {"name": "a", "policy": '{"a":1}', "days": 9, "supplied": "by AWS", "window": 7}
    assert inputs_from(PROPERTIES, state, known) == {
        "name": "a",
        "policy": '{ "a": 1 }',
        "days": 9,
        "window": 7,
    }


def test_defaults_are_those_that_are_described() -> None:
    assert defaults(PROPERTIES) == {"days": 3}
