from typing import Any

import pytest

from operations.drift.canonical import Canonical, Identity, canonical_pair
from operations.drift.stack import Resource, Stack
from operations.engine.failure import StackName

STAGING = Identity(environment="staging", account="222222222222", region="us-west-2", suffix="acme")
PROD = Identity(environment="prod", account="333333333333", region="eu-west-1", suffix="acme")


def stack(identity: Identity, own: str, upstream: Any, **seen: Any) -> Stack:
    key = Resource(key="key", type="aws:kms/key:Key", name="key", asked={}, seen=seen, id=own)
    return Stack(
        name=StackName(project="payments", environment=identity.environment),
        resources={"key": key},
        outputs={},
        references={f"organization/network/{identity.environment}": {"subnetIds": upstream}},
        providers={},
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("payments-table-prod-acme", "payments-table-${environment}-${suffix}"),
        ("arn:aws:sns:eu-west-1:333333333333:topic", "arn:aws:sns:${region}:${account}:topic"),
        ("eu-west-1b", "${region}b"),
        ("https://sqs.eu-west-1.amazonaws.com", "https://sqs.${region}.amazonaws.com"),
        # Only where a word ends and begins:
        ("production", "production"),
        ("reprod", "reprod"),
        ("eu-west-11", "eu-west-11"),
        ("13333333333330", "13333333333330"),
        ("acmeology", "acmeology"),
        ("", ""),
    ],
)
def test_what_belongs_to_the_environment_is_named(text: str, found: str) -> None:
    assert Canonical(PROD)(text) == found


def test_keys_and_lists_are_canonical_too_and_other_values_stay() -> None:
    value = {"queue-prod": ["a-prod", 1, None, True, {"acme": 2.5}]}
    expected = {"queue-${environment}": ["a-${environment}", 1, None, True, {"${suffix}": 2.5}]}
    assert Canonical(PROD)(value) == expected


def test_an_identifier_that_aws_made_up_is_named_by_its_resource_in_both_stacks() -> None:
    ours, theirs = canonical_pair(
        stack(STAGING, "1111aaaa", ["subnet-1", "subnet-2"], arn="arn:of:1111aaaa"),
        stack(PROD, "2222bbbb", ["subnet-8", "subnet-9"], arn="arn:of:2222bbbb"),
        (STAGING, PROD),
    )
    assert ours("arn:aws:kms:us-west-2:222222222222:key/1111aaaa") == theirs(
        "arn:aws:kms:eu-west-1:333333333333:key/2222bbbb"
    )
    assert (ours("1111aaaa"), theirs("2222bbbb")) == ("${key.id}", "${key.id}")
    assert (ours("arn:of:1111aaaa"), theirs("arn:of:2222bbbb")) == ("${key.arn}", "${key.arn}")
    assert (ours("subnet-2"), theirs("subnet-9")) == ("${network.subnetIds[1]}",) * 2
    # One side's identifier on the other side is a difference.
    assert theirs("1111aaaa") == "1111aaaa"


def test_an_identifier_that_both_have_or_that_is_too_short_to_be_one_stays() -> None:
    ours, theirs = canonical_pair(
        stack(STAGING, "shared-id", ["a1"]), stack(PROD, "shared-id", ["b2"]), (STAGING, PROD)
    )
    assert (ours("shared-id"), theirs("shared-id")) == ("shared-id", "shared-id")
    assert (ours("a1"), theirs("b2")) == ("a1", "b2")
