"""Documents spoiled at random: the pack's verdict is that of an independent evaluator over probe requests."""

import json
import random
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pytest

from policies.configuration import PackConfiguration
from policies.evaluation import Violation, evaluate
from policies.resource import CheckedResource
from policies.rule import RuleContext
from policies.rules import RULES
from policies.stack import CheckedStack
from tests.policies.compliant import POLICY, QUEUE_POLICY
from tests.policies.engine import config_of
from tests.policies.oracle import OTHER, OWN, REGION, Strangers, admits

CASES_OF_EACH = 5_000
SEEDS = (1, 2)
BY_ID = {rule.id: rule for rule in RULES}
STACK = CheckedStack(project="payments", environment="dev", config=config_of("dev"))

KINDS = (
    ("dynamodb:PutItem", f"arn:aws:dynamodb:{REGION}:{OWN}:table/", "payments-table-dev-acme", ""),
    ("dynamodb:Query", f"arn:aws:dynamodb:{REGION}:{OWN}:table/", "payments-table-dev-acme", "/index/*"),
    ("sqs:SendMessage", f"arn:aws:sqs:{REGION}:{OWN}:", "payments-queue-dev-acme", ""),
    ("sns:Publish", f"arn:aws:sns:{REGION}:{OWN}:", "payments-notification-topic-dev-acme", ""),
    ("lambda:InvokeFunction", f"arn:aws:lambda:{REGION}:{OWN}:function:", "payments-function-dev-acme", ""),
    ("lambda:InvokeFunction", f"arn:aws:lambda:{REGION}:{OWN}:function:", "payments-function-dev-acme", ":*"),
    ("logs:PutLogEvents", f"arn:aws:logs:{REGION}:{OWN}:log-group:", "payments-log-group-dev-acme", ":*"),
    (
        "secretsmanager:PutSecretValue",
        f"arn:aws:secretsmanager:{REGION}:{OWN}:secret:",
        "payments-token",
        "-??????",
    ),
    ("ssm:PutParameter", f"arn:aws:ssm:{REGION}:{OWN}:parameter/", "payments-limit-dev-acme", ""),
    ("s3:PutObject", "arn:aws:s3:::", "reports-bucket-dev-acme", "/*"),
    ("iam:TagRole", f"arn:aws:iam::{OWN}:role/", "payments-function-role-dev-acme", ""),
    ("iam:TagRole", f"arn:aws:iam::{OWN}:role/payments/dev/", "payments-function-role-dev-acme", ""),
    ("states:StartExecution", f"arn:aws:states:{REGION}:{OWN}:stateMachine:", "payments-flow-dev-acme", ""),
)
"""Action, and the ARN of what it is about: before the name, the name, behind it."""
TEMPLATES = {
    "secretsmanager": "{}-zY8xW7",
    "s3": "{}/zqx",
    "logs": "{}:zqx",
}
OPEN_NAMES = ("*", "**", "?*", "*?", "*-*", "*.*", "*_*", "*-*-*")
SCOPES: Mapping[str, Sequence[str]] = {
    "aws:ResourceTag/Team": ("payments", "*", "?*", "*-*", "pay*", "z*", "payments-*", "????????"),
    "kms:ResourceAliases": (
        "alias/payments-key-dev-acme",
        "alias/*",
        "*",
        "*/*",
        "alias/*-dev-acme",
        "alias/z*",
    ),
    "cloudwatch:namespace": ("Payments", "*", "Pay*", "?*"),
}
OPERATORS = (
    "StringEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    "StringNotEquals",
    "StringNotLike",
    "StringEqualsIfExists",
    "StringLikeIfExists",
    "ForAllValues:StringLike",
    "ForAnyValue:StringLike",
    "ForAllValues:StringEquals",
    "ForAnyValue:StringEquals",
    "Null",
)
FUNCTIONS = (
    f"arn:aws:lambda:{REGION}:{OWN}:function:payments-function-dev-acme",
    f"arn:aws:lambda:{REGION}:{OWN}:function:*",
    f"arn:aws:lambda:{REGION}:{OWN}:function:payments-*",
    "arn:aws:lambda:*:*:function:*",
)
UNRELATED = {"Bool": {"aws:SecureTransport": ["true"]}}
CALLERS: Mapping[str, Sequence[str]] = {
    "aws:PrincipalAccount": (OWN, OTHER, "1*", "*", "????????????", f"{OWN[:11]}?"),
    "aws:PrincipalOrgID": ("o-*", "*", "o-????????????"),
    "aws:SourceAccount": (OWN, OTHER, "*", "11111111111*"),
}
CALLER_ARNS: Mapping[str, Sequence[str]] = {
    "aws:PrincipalArn": (
        f"arn:aws:iam::{OWN}:role/payments-function-role-dev-acme",
        f"arn:aws:iam::{OWN}:role/*",
        f"arn:aws:iam::{OWN}:*",
        "arn:aws:iam::*:role/payments-function-role-dev-acme",
        "arn:aws:iam::*:role/*",
        "arn:aws:*:*:*:*",
    ),
    "aws:SourceArn": (
        f"arn:aws:sns:{REGION}:{OWN}:payments-notification-topic-dev-acme",
        f"arn:aws:sns:*:{OWN}:*",
        f"arn:aws:sns:{REGION}:*:payments-notification-topic-dev-acme",
        "arn:aws:sns:*:*:*",
    ),
}
PRINCIPALS: Sequence[Any] = (
    "*",
    {"AWS": "*"},
    {"AWS": ["*"]},
    {"AWS": OWN},
    {"AWS": f"arn:aws:iam::{OWN}:root"},
    {"AWS": [f"arn:aws:iam::{OWN}:role/a", "*"]},
    {"AWS": OTHER},
    {"AWS": f"arn:aws:iam::{OTHER}:role/a"},
    {"AWS": [OWN, f"arn:aws:iam::{OTHER}:root"]},
    {"AWS": "AROAEXAMPLEEXAMPLE123"},
)


@cache
def strangers(seed: int) -> Strangers:
    return Strangers(seed)


def refused(kind: str, document: object, *rules: str) -> list[str]:
    """What the rules say of a document."""
    props = {"policy": json.dumps(document), "queueUrl": "https://sqs/payments-queue-dev-acme"}
    resource = CheckedResource(
        type=kind, name="subject", urn=f"urn:pulumi:dev::payments::{kind}::subject", props=props
    )
    return [
        found.message
        for rule in (BY_ID[name] for name in rules)
        for found in evaluate(
            rule, resource, RuleContext(stack=STACK, settings=PackConfiguration().settings_of(rule))
        )
        if isinstance(found, Violation)
    ]


def spoiled_name(dice: random.Random, name: str) -> str:
    """A name with wildcards: nothing left of it but a letter, or four letters of it in a row at least."""
    match dice.randrange(6):
        case 0:
            return dice.choice(OPEN_NAMES)
        case 1:
            letter = dice.choice("abcxyzABC019")
            return dice.choice((f"{letter}*", f"*{letter}", f"*{letter}*"))
        case 2:
            return "?" * dice.randint(1, 40)
        case 3:
            start = dice.randint(0, len(name) - 5)
            kept = name[start : dice.randint(start + 4, len(name))]
            return dice.choice((f"*{kept}", f"{kept}*", f"*{kept}*", f"?*{kept}"))
        case 4:
            place = dice.randint(4, len(name))
            return name[:place] + dice.choice("*?") + name[place + 1 :]
    return name


def spoiled_arn(dice: random.Random, before: str, name: str, behind: str) -> str:
    """An ARN with wildcards in its name, across its parts, or in its end."""
    match dice.randrange(5):
        case 0:
            return before[: dice.randint(8, len(before))] + "*"
        case 1:
            place = dice.randint(8, len(before))
            return before[:place] + "*" + name + behind
    return before + spoiled_name(dice, name) + behind


def condition(dice: random.Random) -> dict[str, dict[str, list[str]]]:
    """No condition, one that scopes the statement or seems to, or one about something else."""
    if dice.random() < 0.4:
        return dict(UNRELATED) if dice.random() < 0.3 else {}
    if dice.random() < 0.2:
        operator = dice.choice(("ArnLike", "ArnEquals", "ArnNotLike", "ArnLikeIfExists"))
        return {operator: {"lambda:FunctionArn": [dice.choice(FUNCTIONS)]}}
    operator, key = dice.choice(OPERATORS), dice.choice(sorted(SCOPES))
    if operator == "Null":
        return {operator: {key: [dice.choice(("true", "false"))]}}
    return {operator: {key: dice.sample(SCOPES[key], dice.randint(1, 2))}}


@pytest.mark.parametrize("seed", SEEDS)
def test_identity_policies_are_refused_where_a_strangers_resource_is_reached(seed: int) -> None:
    dice, reached = random.Random(seed), 0  # noqa: S311  draws test data
    for number in range(CASES_OF_EACH):
        action, before, name, behind = dice.choice(KINDS)
        pattern = spoiled_arn(dice, before, name, behind)
        tests = condition(dice)
        statement = {"Effect": "Allow", "Action": action, "Resource": [pattern], "Condition": tests}
        service = action.partition(":")[0]
        template = before.removesuffix("payments/dev/") + TEMPLATES.get(service, "{}")
        templates = [template, template + behind.replace("*", "zqx").replace("??????", "")]
        if service == "logs":
            templates.append(before + "{}:log-stream:{}")
        scoped = {} if tests == UNRELATED else tests
        expected = strangers(seed).reached([pattern], templates) and strangers(seed).satisfy(scoped)
        found = refused(POLICY, {"Statement": [statement]}, "iam-policy-wildcard-resource")
        assert bool(found) == expected, (number, statement, found)
        reached += expected
    assert CASES_OF_EACH / 10 < reached < CASES_OF_EACH * 9 / 10


@pytest.mark.parametrize("seed", SEEDS)
def test_resource_policies_are_refused_where_a_stranger_is_let_in(seed: int) -> None:
    dice, admitted = random.Random(seed), 0  # noqa: S311  draws test data
    for number in range(CASES_OF_EACH):
        principal = dice.choice(PRINCIPALS[:3]) if dice.random() < 0.6 else dice.choice(PRINCIPALS)
        statement: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage"}
        everyone = principal == "*" or principal in ({"AWS": "*"}, {"AWS": ["*"]})
        if everyone and dice.random() < 0.9:
            arns = dice.random() < 0.5
            values = CALLER_ARNS if arns else CALLERS
            key = dice.choice(sorted(values))
            names = (
                ("ArnLike", "ArnEquals", "ArnNotLike", "StringLike", "ArnLikeIfExists")
                if arns
                else OPERATORS[:-1]
            )
            wanted = dice.sample(values[key], dice.randint(1, 2))
            statement["Condition"] = {dice.choice(names): {key: wanted}}
        statement["Resource"] = f"arn:aws:sqs:{REGION}:{OWN}:payments-queue-dev-acme"
        expected = admits(statement, strangers(seed))
        found = refused(
            QUEUE_POLICY,
            {"Statement": [statement]},
            "resource-policy-public",
            "resource-policy-foreign-account",
        )
        assert bool(found) == expected, (number, statement, found)
        admitted += expected
    assert CASES_OF_EACH / 10 < admitted < CASES_OF_EACH * 9 / 10
