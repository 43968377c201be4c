"""Whose key encrypts something."""

import pytest

from policies.keys import wrong_key
from policies.rule import RuleContext
from policies.stack import CheckedStack
from tests.policies.engine import config_of

CONTEXT = RuleContext(stack=CheckedStack(project="payments", environment="dev", config=config_of("dev")))
OTHER = "arn:aws:kms:us-east-1:222222222222:key/1"


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        (None, "not set"),
        ("", "not set"),
        ("alias/aws/sqs", "alias/aws/sqs, a key of AWS's own"),
        (OTHER, f"{OTHER}, a key of another account"),
    ],
)
def test_a_key_that_is_not_ours_is_wrong(found: str | None, wrong: str) -> None:
    assert wrong_key(found, CONTEXT) == wrong


@pytest.mark.parametrize(
    "found", ["arn:aws:kms:us-east-1:111111111111:key/1", "alias/payments-key-dev-acme", "1"]
)
def test_a_key_of_the_account_is_ours_also_by_its_id_or_alias(found: str) -> None:
    assert wrong_key(found, CONTEXT) == ""
