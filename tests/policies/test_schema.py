"""The part of JSON schema that the settings use says the same as a full implementation of it."""

from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.configuration import rule_schema
from policies.rules import RULES
from policies.schema import validate

SCHEMAS = [schema for rule in RULES for schema in rule_schema(rule).values()]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 400) | st.sampled_from(["", "prod", "2026-06-01", "x" * 12]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["urn", "reason", "owner", "expires", "prod"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(schema=st.sampled_from(SCHEMAS), value=VALUES)
def test_it_refuses_exactly_what_jsonschema_refuses(schema: dict[str, Any], value: object) -> None:
    assert (validate(value, schema, "here") == []) == jsonschema.Draft7Validator(schema).is_valid(value)


@pytest.mark.parametrize(
    ("value", "schema", "wanted"),
    [
        (True, {"type": "number"}, ["here must be of type number"]),
        ("b", {"enum": ["a", "c"]}, ["here must be one of a, c"]),
        (
            {"a": {"b": 1}},
            {"additionalProperties": {"additionalProperties": {"type": "string"}}},
            ["here.a.b must be of type string"],
        ),
    ],
)
def test_every_misfit_has_its_path(value: object, schema: dict[str, Any], wanted: list[str]) -> None:
    assert validate(value, schema, "here") == wanted
