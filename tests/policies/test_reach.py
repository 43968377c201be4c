"""How far resource patterns reach, by the probes that they match."""

import pytest

from policies.reach import reaches_any_key, reaches_any_name

OWN = "us-east-1:111111111111"


@pytest.mark.parametrize(
    "pattern",
    [
        "*",
        "arn:*",
        "arn:aws:*",
        "arn:aws:sqs:*",
        "arn:aws:*:*:*:*",
        "arn:aws:iam::111111111111:role*",
        "arn:aws:iam::111111111111:r*",
        "arn:aws:iam::111111111111:role/*",
        "arn:aws:iam::111111111111:role/?*",
        "arn:aws:iam::111111111111:role/*/*",
        "arn:aws:iam::111111111111:*olicy/*",
        f"arn:aws:lambda:{OWN}:function*",
        f"arn:aws:lambda:{OWN}:function:*",
        f"arn:aws:lambda:{OWN}:function:*:*",
        f"arn:aws:lambda:{OWN}:function:????????????",
        f"arn:aws:lambda:{OWN}:*:*",
        f"arn:aws:dynamodb:{OWN}:table/*/index/*",
        f"arn:aws:dynamodb:{OWN}:table/*-*",
        f"arn:aws:dynamodb:{OWN}:table/p*",
        f"arn:aws:dynamodb:{OWN}:*",
        "arn:aws:dynamodb:*:table/*",
        f"arn:aws:secretsmanager:{OWN}:secret:*-??????",
        f"arn:aws:secretsmanager:{OWN}:secret*",
        f"arn:aws:ssm:{OWN}:parameter*",
        f"arn:aws:ssm:{OWN}:parameter/*/*",
        f"arn:aws:kms:{OWN}:alias/*",
        f"arn:aws:kms:{OWN}:*",
        f"arn:aws:logs:{OWN}:log-group:*:*",
        f"arn:aws:logs:{OWN}:log-group:*",
        f"arn:aws:sqs:{OWN}:*",
        f"arn:aws:sqs:{OWN}:?*",
        "arn:aws:sqs:*:*:*",
        f"arn:aws:sns:{OWN}:*:*",
        "arn:aws:s3:::*-*/*",
        "arn:aws:s3:::*",
        "arn:aws:s3:::*/*",
        f"arn:aws:unheardof:{OWN}:thing/*",
        f"arn:aws:unheardof:{OWN}:thing*",
        f"arn:aws:unheardof:{OWN}:thing/*/part/*",
        "arn:aws-cn:sqs:cn-north-1:111111111111:*",
    ],
)
def test_a_pattern_that_a_strangers_name_matches_reaches_any_name(pattern: str) -> None:
    assert reaches_any_name(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        f"arn:aws:dynamodb:{OWN}:table/payments-table-dev-acme",
        f"arn:aws:dynamodb:{OWN}:table/*-dev-acme",
        f"arn:aws:dynamodb:{OWN}:table/payments-table-dev-acme/index/*",
        f"arn:aws:dynamodb:{OWN}:table/payments-*/index/*",
        f"arn:aws:sns:{OWN}:*-dev-acme:*",
        f"arn:aws:logs:{OWN}:log-group:payments:*",
        f"arn:aws:logs:{OWN}:log-group:/aws/lambda/payments-*:log-stream:*",
        f"arn:aws:ec2:{OWN}:vpc/*",
        f"arn:aws:kms:{OWN}:key/*",
        "arn:aws:s3:::reports-dev-acme/*",
        "arn:aws:s3:::*-dev-acme/*",
        "arn:aws:iam::111111111111:role/payments/dev/*",
        "arn:aws:iam::*:role/payments-*",
        f"arn:aws:secretsmanager:{OWN}:secret:payments-token-??????",
        f"arn:aws:execute-api:{OWN}:a1b2c3/*/POST/payments",
        f"arn:aws:unheardof:{OWN}:thing/payments/*",
        f"arn:aws:states:{OWN}:execution:payments-*:*",
    ],
)
def test_a_pattern_that_names_something_does_not(pattern: str) -> None:
    assert not reaches_any_name(pattern)


@pytest.mark.parametrize("rest", ["*", "key/*", "key*", "k*", "key/????????-*", "*-*", "*/*"])
def test_a_pattern_reaches_any_key_by_whatever_way_its_wildcards_are_placed(rest: str) -> None:
    assert reaches_any_key(f"arn:aws:kms:{OWN}:{rest}")


@pytest.mark.parametrize("rest", ["key/1", "alias/*", "key/11111111-*"])
def test_a_pattern_of_one_key_or_of_aliases_does_not_reach_any_key(rest: str) -> None:
    assert not reaches_any_key(f"arn:aws:kms:{OWN}:{rest}")
