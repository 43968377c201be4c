"""Being quick with what is the same to the letter hides nothing that a closer look finds."""

import json
from typing import Any

import pytest

from operations.drift import stack_differences as module
from operations.drift.canonical import Identity, canonical_pair
from operations.drift.stack import Resource, Stack
from operations.engine.failure import StackName

STAGING = Identity(environment="staging", account="222222222222", region="us-west-2", suffix="acme")
PROD = Identity(environment="prod", account="333333333333", region="eu-west-1", suffix="acme")


def stack(identity: Identity, *resources: Resource) -> Stack:
    return Stack(
        name=StackName(project="payments", environment=identity.environment),
        resources={each.key: each for each in resources},
        outputs={},
        references={},
        providers={},
    )


def key(own: str) -> Resource:
    return Resource(key="aws:kms/key:Key::key", type="aws:kms/key:Key", name="key", asked={}, id=own)


def queue(**asked: Any) -> Resource:
    return Resource(key="aws:sqs/queue:Queue::queue", type="aws:sqs/queue:Queue", name="queue", asked=asked)


def found(ours: Any, theirs: Any) -> set[str]:
    """The paths that differ, of a queue beside a key with an identifier of its own in each environment."""
    stacks = (
        stack(STAGING, key("1111aaaa-made-up"), queue(value=ours)),
        stack(PROD, key("2222bbbb-made-up"), queue(value=theirs)),
    )
    return {each.path for each in module.stack_differences(stacks, canonical_pair(*stacks, (STAGING, PROD)))}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("queue-staging-acme", "queue-prod-acme"),
        ("us-west-2a", "eu-west-1a"),
        ("key/1111aaaa-made-up", "key/2222bbbb-made-up"),
        (json.dumps({"Key": "1111aaaa-made-up"}), json.dumps({"Key": "2222bbbb-made-up"})),
        (json.dumps({"of": json.dumps({"a": "staging"})}), json.dumps({"of": json.dumps({"a": "prod"})})),
        ("a\nstaging", "a\nprod"),
    ],
)
def test_identities_are_no_difference(ours: Any, theirs: Any) -> None:
    assert found(ours, theirs) == set()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("queue-staging-acme", "queue-staging-acme"),
        ("xstaging", "xprod"),
        ("stagingx", "prodx"),
        ("a\nstaging", "a\nstaging"),
        (222222222222, 333333333333),
        (json.dumps([222222222222]), json.dumps([333333333333])),
        ("us-west-2a", "eu-west-1b"),
        ("key/1111aaaa-made-up", "key/1111aaaa-made-up"),
        ("1111aaaa-made-up", "2222cccc-made-up"),
        ({"staging": 1}, {"staging": 1}),
        (":staging", ":staging"),
    ],
)
def test_all_else_is_a_difference(ours: Any, theirs: Any) -> None:
    assert found(ours, theirs)


def test_what_is_the_same_to_the_letter_is_not_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    taken_apart: list[Any] = []

    def take_apart(ours: Any, theirs: Any) -> tuple[()]:
        taken_apart.append((ours, theirs))
        return ()

    monkeypatch.setattr(module, "differences", take_apart)
    assert found("queue-staging-acme", "queue-prod-acme") == set()
    assert taken_apart == [({}, {}), ({}, {})]
