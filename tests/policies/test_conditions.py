"""IAM's condition operators, by the examples of their documentation."""

import pytest

from policies.conditions import satisfied


@pytest.mark.parametrize(
    ("operator", "wanted", "actual", "expected"),
    [
        ("stringequals", ("a", "b"), ("b",), True),
        ("stringequals", ("*",), ("b",), False),
        ("stringequals", ("a",), None, False),
        ("stringequalsifexists", ("a",), None, True),
        ("stringequalsifexists", ("a",), ("b",), False),
        ("stringnotequals", ("a",), None, True),
        ("stringnotequals", ("a", "b"), ("b",), False),
        ("stringlike", ("a*:b",), ("a:c/d:b",), True),
        ("stringequalsignorecase", ("A",), ("a",), True),
        ("forallvalues:stringequals", ("a", "b"), ("a", "b"), True),
        ("forallvalues:stringequals", ("a",), ("a", "b"), False),
        ("forallvalues:stringequals", ("a",), None, True),
        ("foranyvalue:stringequals", ("a",), ("a", "b"), True),
        ("foranyvalue:stringequals", ("a",), None, False),
        ("foranyvalue:stringnotequals", ("a",), ("a", "b"), True),
        ("foranyvalue:stringnotequals", ("a",), None, False),
        ("arnlike", ("arn:aws:sns:*:111111111111:a*",), ("arn:aws:sns:us-east-1:111111111111:a:b",), True),
        ("arnlike", ("arn:aws:sns:*:a",), ("arn:aws:sns:us-east-1:111111111111:a",), False),
        ("null", ("true",), None, True),
        ("null", ("true",), ("a",), False),
        ("null", ("false",), ("a",), True),
        ("bool", ("TRUE",), ("true",), True),
        ("ipaddress", ("10.0.0.0/8",), ("10.1.2.3",), True),
        ("notipaddress", ("10.0.0.0/8",), ("10.1.2.3",), False),
        ("numericlessthanequals", ("10",), ("10.0",), True),
        ("numericgreaterthan", ("10",), ("ten",), False),
        ("dategreaterthan", ("2026-01-01T00:00:00Z",), ("2026-02-01T00:00:00Z",), True),
        ("datelessthan", ("1700000000",), ("1600000000",), True),
        ("stringsimilar", ("a",), ("a",), False),
    ],
)
def test_an_operator_is_satisfied_as_iam_documents_it(
    operator: str, wanted: tuple[str, ...], actual: tuple[str, ...] | None, expected: bool
) -> None:
    assert satisfied(operator, wanted, actual) is expected
