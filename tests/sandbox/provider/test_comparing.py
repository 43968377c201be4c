import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.provider.comparing import Change, changes, same, top, under
from sandbox.provider.schema import Kind, Property, described
from sandbox.provider.wire import UNKNOWN

PROPERTIES = described(
    name=Property(replaces=True),
    text=Property(),
    supplied=Property(computed=True),
    policy=Property(kind=Kind.DOCUMENT),
    order=Property(kind=Kind.STRINGS),
    members=Property(kind=Kind.STRINGS, unordered=True),
    labels=Property(kind=Kind.MAP),
    code=Property(kind=Kind.ARCHIVE),
    block=Property(
        kind=Kind.BLOCK,
        fields={"one": Property(), "two": Property(computed=True), "id": Property(replaces=True)},
    ),
    fixed=Property(kind=Kind.BLOCK, replaces=True, fields={"one": Property()}),
    blocks=Property(kind=Kind.BLOCKS, unordered=True, fields={"name": Property(), "type": Property()}),
    arn=Property(output=True),
)


def _changes(actual: dict[str, Any], wanted: dict[str, Any]) -> list[tuple[str, str, bool]]:
    return [(each.path, each.kind, each.replaces) for each in changes(PROPERTIES, actual, wanted)]


@pytest.mark.parametrize(
    ("actual", "wanted"),
    [
        ({"arn": "a"}, {}),
        ({"supplied": "by AWS"}, {}),
        ({"text": ""}, {}),
        ({}, {"text": ""}),
        ({"members": ["a", "b"]}, {"members": ["b", "a"]}),
        ({"blocks": [{"name": "a"}, {"name": "b"}]}, {"blocks": [{"name": "b"}, {"name": "a"}]}),
        ({"code": {"hash": "1", "path": "a"}}, {"code": {"hash": "1", "path": "b"}}),
        ({"block": {"one": "1", "two": "2"}}, {"block": {"one": "1"}}),
        ({"policy": '{"a": [1]}'}, {"policy": '{ "a":[1] }'}),
    ],
)
def test_what_means_the_same_is_no_change(actual: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert _changes(actual, wanted) == []


@pytest.mark.parametrize(
    ("actual", "wanted", "expected"),
    [
        ({"name": "a"}, {"name": "b"}, [("name", "update", True)]),
        ({}, {"text": "a"}, [("text", "add", False)]),
        ({"text": "a"}, {}, [("text", "delete", False)]),
        ({"text": "a"}, {"text": UNKNOWN}, [("text", "update", False)]),
        ({"order": ["a", "b"]}, {"order": ["b", "a"]}, [("order", "update", False)]),
        ({"members": ["a"]}, {"members": ["a", UNKNOWN]}, [("members", "update", False)]),
        ({"code": {"hash": "1"}}, {"code": {"hash": "2"}}, [("code", "update", False)]),
        ({"policy": '{"a": 1}'}, {"policy": '{"a": 2}'}, [("policy", "update", False)]),
        (
            {"labels": {"a": "1", "b": "2", "aws/c": "3"}},
            {"labels": {"a": "0", "d": "4"}},
            [
                ("labels.a", "update", False),
                ('labels["aws/c"]', "delete", False),
                ("labels.b", "delete", False),
                ("labels.d", "add", False),
            ],
        ),
        (
            {"block": {"one": "1", "id": "1"}},
            {"block": {"one": "2", "id": "1"}},
            [("block.one", "update", False)],
        ),
        ({"block": {"id": "1"}}, {"block": {"id": "2"}}, [("block.id", "update", True)]),
        ({"block": {"one": "1"}}, {}, [("block", "delete", False)]),
        ({"fixed": {"one": "1"}}, {"fixed": {"one": "2"}}, [("fixed.one", "update", True)]),
        (
            {"blocks": [{"name": "a"}, {"name": "b"}]},
            {"blocks": [{"name": "b"}, {"name": "c"}, {"name": "d"}]},
            [("blocks[1].name", "update", False), ("blocks[2]", "add", False)],
        ),
        ({"blocks": [{"name": "a"}]}, {"blocks": []}, [("blocks[0]", "delete", False)]),
    ],
)
def test_what_differs_is_told_path_by_path(
    actual: dict[str, Any], wanted: dict[str, Any], expected: list[tuple[str, str, bool]]
) -> None:
    assert sorted(_changes(actual, wanted)) == sorted(expected)


def test_an_unknown_value_means_the_same_as_nothing() -> None:
    assert not same(Property(), UNKNOWN, UNKNOWN)


texts = st.text("ab", max_size=2)
states = st.fixed_dictionaries(
    {},
    optional={
        "name": texts,
        "text": texts,
        "supplied": texts,
        "policy": st.dictionaries(texts, st.integers(), max_size=2).map(json.dumps),
        "order": st.lists(texts, max_size=3),
        "members": st.lists(texts, max_size=3),
        "labels": st.dictionaries(texts, texts, max_size=3),
        "block": st.fixed_dictionaries({}, optional={"one": texts, "two": texts, "id": texts}),
        "blocks": st.lists(st.fixed_dictionaries({"name": texts, "type": texts}), max_size=3),
    },
)


@given(states)
def test_a_state_never_differs_from_itself(state: dict[str, Any]) -> None:
    assert changes(PROPERTIES, state, state) == []


@given(states, states)
def test_a_change_is_told_once_and_under_a_property_that_differs(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    found = changes(PROPERTIES, one, other)
    assert len({each.path for each in found}) == len(found)
    assert {each.name for each in found} <= {name for name in PROPERTIES if one.get(name) != other.get(name)}


def test_paths_know_their_property_and_their_ancestors() -> None:
    assert top("metricQueries[0].id") == "metricQueries"
    assert Change("tags.Name", "add", replaces=False).name == "tags"
    assert under("tags.Name", "tags")
    assert under("blocks[0]", "blocks")
    assert not under("tagsAll", "tags")
