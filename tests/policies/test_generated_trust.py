"""Trust policies spoiled at random: the pack's verdict is that of an independent evaluator over requests of
strangers: other accounts, other customers of a service, other repositories and branches, other audiences.
"""

import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from policies.configuration import PackConfiguration
from policies.evaluation import Violation, evaluate
from policies.resource import CheckedResource
from policies.rule import RuleContext
from policies.rules import RULES
from policies.stack import CheckedStack
from tests.policies.compliant import ROLE
from tests.policies.engine import config_of
from tests.policies.oracle import OTHER, OWN, REGION, Values, holds

CASES = 10_000
SEEDS = (1, 2)
TRUST_RULES = [
    rule
    for rule in RULES
    if rule.id
    in {
        "iam-trust-account",
        "iam-trust-external-id",
        "iam-trust-oidc-audience",
        "iam-trust-oidc-subject",
        "iam-trust-public",
        "iam-trust-service-source",
    }
]
STACK = CheckedStack(project="payments", environment="dev", config=config_of("dev"))
ISSUER = "token.actions.githubusercontent.com"
Conditions = dict[str, dict[str, list[str]]]

LITERAL = ("StringEquals", "StringEqualsIfExists", "ForAllValues:StringEquals", "ForAnyValue:StringEquals")
PATTERN = ("StringLike", "StringLikeIfExists", "ForAllValues:StringLike", "ForAnyValue:StringLike")
NEGATED = ("StringNotEquals", "StringNotLike")
SUBJECTS = (
    "repo:acme/payments:environment:prod",
    "repo:acme/payments:ref:refs/heads/main",
    "repo:acme/payments:ref:refs/tags/v1",
)
OPEN_SUBJECTS = (
    "*",
    "repo:*",
    "repo:acme/*",
    "repo:acme/payments:*",
    "repo:acme/payments:ref:refs/heads/*",
    "repo:*/payments:environment:prod",
    "*:environment:prod",
    "repo:acme/payments:pull_request",
    "repo:acme/payments*:environment:prod",
    "repo:acme/?ayments:environment:prod",
)
FOREIGN_TOKENS = (
    "repo:eve/x:environment:prod",
    "repo:eve/payments:environment:prod",
    "repo:eve/payments:ref:refs/heads/main",
    "repo:acme/other:environment:prod",
    "repo:acme/payments-fork:environment:prod",
    "repo:acme/wayments:environment:prod",
    "repo:acme/payments:ref:refs/heads/eve",
    "repo:acme/payments:pull_request",
    "repo:acme/payments:environment:test",
)
SERVICES = ("lambda.amazonaws.com", "vpc-flow-logs.amazonaws.com", "scheduler.amazonaws.com")


def admits(tests: Conditions, strangers: Mapping[str, Sequence[Values]]) -> bool:
    """Whether some stranger's request satisfies every condition, each on a key of its own."""
    return all(
        any(holds(operator, wanted, found) for found in strangers[key])
        for operator, keys in tests.items()
        for key, wanted in keys.items()
    )


def condition_on(
    dice: random.Random, key: str, exact: Sequence[str], broad: Sequence[str], names: Sequence[str] = ()
) -> Conditions:
    """One condition on a key: what it names exactly, or patterns, under any operator that takes them."""
    if dice.random() < 0.15:
        return {}
    literal, pattern = names or LITERAL, names or PATTERN
    if dice.random() < 0.1 and not names:
        return {dice.choice(NEGATED): {key: [dice.choice(exact)]}}
    if dice.random() < 0.5:
        return {dice.choice(literal): {key: dice.sample(exact, dice.randint(1, len(exact)))}}
    values = [*exact, *broad]
    return {dice.choice(pattern): {key: dice.sample(values, dice.randint(1, 2))}}


def joined(*parts: Conditions) -> Conditions:
    merged: Conditions = {}
    for part in parts:
        for operator, keys in part.items():
            merged.setdefault(operator, {}).update(keys)
    return merged


def federated(dice: random.Random) -> tuple[dict[str, Any], bool]:
    """A workflow's identity provider; strangers are other repositories, branches and audiences."""
    subject = condition_on(dice, f"{ISSUER}:sub", SUBJECTS, OPEN_SUBJECTS)
    audience = condition_on(dice, f"{ISSUER}:aud", ("sts.amazonaws.com",), ("*", "https://github.com/acme"))
    if dice.random() < 0.6:
        audience = {"StringEquals": {f"{ISSUER}:aud": ["sts.amazonaws.com"]}}
    strangers = {
        f"{ISSUER}:sub": [None, *([token] for token in FOREIGN_TOKENS)],
        f"{ISSUER}:aud": [None, ["https://github.com/acme"], ["https://example.com"]],
    }
    statement = {
        "Principal": {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/{ISSUER}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": joined(subject, audience),
    }
    return statement, admits(subject, strangers) or admits(audience, strangers)


def service(dice: random.Random) -> tuple[dict[str, Any], bool]:
    """A service that acts for every customer; strangers are the other ones."""
    if dice.random() < 0.5:
        tests = condition_on(dice, "aws:SourceAccount", (OWN,), (OTHER, "*", "????????????", "1*"))
    else:
        own = f"arn:aws:lambda:{REGION}:{OWN}:function:payments-function-dev-acme"
        broad = (
            f"arn:aws:lambda:{REGION}:*:function:payments-function-dev-acme",
            "arn:aws:lambda:*:*:function:*",
            "arn:*:*:*:*:*",
        )
        names = ("ArnLike", "ArnEquals", "ArnLikeIfExists", "StringLike")
        tests = condition_on(dice, "aws:SourceArn", (own,), broad, names)
    strangers: dict[str, Sequence[Values]] = {
        "aws:SourceAccount": [None, [OTHER], ["1" * 11 + "2"]],
        "aws:SourceArn": [
            None,
            [f"arn:aws:lambda:{REGION}:{OTHER}:function:payments-function-dev-acme"],
            [f"arn:aws:lambda:eu-west-1:{OTHER}:function:x"],
        ],
    }
    named = dice.sample(SERVICES, dice.randint(1, 2))
    statement = {
        "Principal": {"Service": named if len(named) > 1 or dice.random() < 0.5 else named[0]},
        "Action": "sts:AssumeRole",
        "Condition": tests,
    }
    return statement, admits(tests, strangers)


def foreign(dice: random.Random) -> tuple[dict[str, Any], bool]:
    """Another account or everyone; strangers know no external id and are in another organisation."""
    key = dice.choice(("sts:ExternalId", "aws:PrincipalOrgID"))
    exact = ("payments-deployer-dev",) if key == "sts:ExternalId" else ("o-acme123456",)
    tests = condition_on(dice, key, exact, ("*", "?*", "??*"))
    who: Any = dice.choice(
        (
            OTHER,
            f"arn:aws:iam::{OTHER}:root",
            f"arn:aws:iam::{OTHER}:role/ci",
            [f"arn:aws:iam::{OWN}:role/a", f"arn:aws:iam::{OTHER}:user/x"],
        )
    )
    strangers = {key: [None, ["o-zq8x7w6v5k"], ["guessed"]]}
    statement = {"Principal": {"AWS": who}, "Action": "sts:AssumeRole", "Condition": tests}
    return statement, admits(tests, strangers)


def whole_account(dice: random.Random) -> tuple[dict[str, Any], bool]:
    """The own account; strangers are its other principals."""
    own = f"arn:aws:iam::{OWN}:role/platform-engineer"
    broad = (f"arn:aws:iam::{OWN}:role/*", f"arn:aws:iam::{OWN}:*", "*")
    names = ("ArnLike", "ArnEquals", "ArnLikeIfExists", "StringLike", "StringLikeIfExists")
    tests = condition_on(dice, "aws:PrincipalArn", (own,), broad, names)
    if any("Arn" in operator for operator in tests):
        # `*` alone is no ARN: an operator of ARNs never matches it.
        tests = {
            operator: {
                key: [value for value in values if value != "*"] or [own] for key, values in keys.items()
            }
            for operator, keys in tests.items()
        }
    strangers: dict[str, Sequence[Values]] = {
        "aws:PrincipalArn": [None, [f"arn:aws:iam::{OWN}:role/zqx"], [f"arn:aws:iam::{OWN}:user/eve"]]
    }
    who = dice.choice((OWN, f"arn:aws:iam::{OWN}:root"))
    statement = {"Principal": {"AWS": who}, "Action": "sts:AssumeRole", "Condition": tests}
    return statement, admits(tests, strangers)


def violated(statement: Mapping[str, Any]) -> list[str]:
    """The messages of the rules about trust."""
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
    resource = CheckedResource(
        type=ROLE,
        name="subject",
        urn=f"urn:pulumi:dev::payments::{ROLE}::subject",
        props={"assumeRolePolicy": json.dumps(document)},
    )
    return [
        outcome.message
        for rule in TRUST_RULES
        for outcome in evaluate(
            rule, resource, RuleContext(stack=STACK, settings=PackConfiguration().settings_of(rule))
        )
        if isinstance(outcome, Violation)
    ]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", [federated, service, foreign, whole_account])
def test_trust_is_refused_exactly_where_a_stranger_is_let_in(kind: Any, seed: int) -> None:
    dice, admitted = random.Random(seed), 0  # noqa: S311  draws test data
    cases = CASES // 4
    for number in range(cases):
        statement, expected = kind(dice)
        if not statement["Condition"]:
            del statement["Condition"]
        messages = violated(statement)
        assert bool(messages) == expected, (number, statement, messages)
        admitted += expected
    assert cases / 10 < admitted < cases * 0.95
