"""Conditions that confine nothing, each with the reason."""

import pytest

from policies.vacuity import vacuous

MISSING = "a request without the key satisfies it"


@pytest.mark.parametrize(
    ("operator", "key", "values", "reason"),
    [
        ("stringequalsifexists", "aws:resourcetag/team", ("a",), MISSING),
        ("stringnotequals", "aws:resourcetag/team", ("a",), MISSING),
        ("stringnotlike", "aws:resourcetag/team", ("a*",), MISSING),
        ("arnnotlike", "aws:principalarn", ("arn:aws:iam::111111111111:role/a",), MISSING),
        ("forallvalues:stringequals", "aws:tagkeys", ("a",), MISSING),
        ("null", "kms:viaservice", ("false",), "it only asks that the key is there"),
        ("stringequals", "aws:resourcetag/team", (), "it names no value"),
        ("stringequals", "aws:resourcetag/team", ("",), "it names no value"),
        ("stringlike", "kms:requestalias", ("alias/*",), "alias/a-qz_7.X-a satisfies it"),
        ("stringlike", "kms:requestalias", ("*/*",), "alias/a-qz_7.X-a satisfies it"),
        ("stringlike", "aws:resourcetag/team", ("?*",), "a-qz_7.X-a satisfies it"),
        ("stringlike", "aws:resourcetag/team", ("ours", "*"), "a-qz_7.X-a satisfies it"),
        ("stringlike", "aws:principalaccount", ("????????????",), "071043965820 satisfies it"),
        (
            "stringlike",
            "kms:viaservice",
            ("*.us-east-1.amazonaws.com",),
            "ec2.us-east-1.amazonaws.com satisfies it",
        ),
        ("stringlike", "iam:passedtoservice", ("*.amazonaws.com",), "ec2.amazonaws.com satisfies it"),
        ("bool", "aws:multifactorauthpresent", ("false",), "false satisfies it"),
        (
            "arnlike",
            "aws:principalarn",
            ("arn:aws:iam::111111111111:role/*",),
            "arn:aws:iam::111111111111:role/a-qz_7.X-a satisfies it",
        ),
        (
            "stringequals",
            "aws:principalaccount",
            ("${aws:PrincipalAccount}",),
            "it compares the caller with themselves",
        ),
    ],
)
def test_a_condition_that_a_stranger_satisfies_is_vacuous(
    operator: str, key: str, values: tuple[str, ...], reason: str
) -> None:
    assert vacuous(operator, key, values) == reason


@pytest.mark.parametrize(
    ("operator", "key", "values"),
    [
        ("stringequals", "aws:resourcetag/team", ("ours",)),
        ("stringequals", "aws:resourcetag/team", ("*",)),  # a literal asterisk: nobody has that
        ("stringequals", "aws:resourcetag/team", ("${aws:PrincipalTag/team}",)),
        ("stringequals", "aws:resourceaccount", ("${aws:PrincipalAccount}",)),
        ("foranyvalue:stringlike", "kms:resourcealiases", ("alias/*-dev-acme",)),
        ("stringlike", "kms:viaservice", ("sqs.*.amazonaws.com",)),
        ("bool", "aws:multifactorauthpresent", ("true",)),
        ("arnlike", "aws:principalarn", ("arn:aws:iam::111111111111:role/payments-*",)),
        ("stringequalsignorecase", "aws:principalorgid", ("o-1234567890",)),
        ("numericlessthan", "aws:multifactorauthage", ("3600",)),
    ],
)
def test_a_condition_that_names_something_confines(operator: str, key: str, values: tuple[str, ...]) -> None:
    assert vacuous(operator, key, values) == ""
