"""An independent evaluator of IAM's documented logic, for requests by strangers.

It shares no code with the pack: patterns are matched by `fnmatch`, operators are written out anew from
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html, and the
strangers are drawn at random.
"""

import random
import re
import string
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import translate
from functools import cache
from typing import Any

OWN, OTHER, REGION = "111111111111", "999999999999", "us-east-1"
Values = Sequence[str] | None


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern.replace("[", "[[]")))


def like(pattern: str, value: str) -> bool:
    return _glob(pattern).match(value) is not None


def arn_like(pattern: str, value: str) -> bool:
    wanted, found = pattern.split(":", 5), value.split(":", 5)
    return len(wanted) == 6 == len(found) and all(like(*pair) for pair in zip(wanted, found, strict=True))


def _one(operator: str, wanted: str, found: str) -> bool:
    match operator:
        case "StringEquals":
            return wanted == found
        case "StringEqualsIgnoreCase":
            return wanted.casefold() == found.casefold()
        case "StringLike":
            return like(wanted, found)
        case "ArnLike" | "ArnEquals":
            return arn_like(wanted, found)
        case "Bool":
            return wanted.casefold() == found.casefold()
    raise NotImplementedError(operator)


def holds(operator: str, wanted: Sequence[str], found: Values) -> bool:
    """Whether a request with the values (None: without the key) satisfies one operator of a condition."""
    quantifier, _, name = operator.rpartition(":")
    optional = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    if name == "Null":
        return ("true" if found is None else "false") in wanted
    negative = name.replace("Not", "") if "Not" in name else None
    if found is None:
        return optional or quantifier == "ForAllValues" or (negative is not None and not quantifier)
    tests = [any(_one(negative or name, value, each) for value in wanted) for each in found]
    if negative:
        tests = [not test for test in tests]
    return any(tests) if quantifier == "ForAnyValue" else all(tests)


class Strangers:
    """Names, accounts and ARNs that nobody chose: drawn at random, with each first and last letter."""

    def __init__(self, seed: int) -> None:
        dice = random.Random(seed)  # noqa: S311  draws test data
        letters = string.ascii_letters + string.digits + "-_."
        self.names = [f"{c}{self._middle(dice)}{c}" for c in letters]
        self.names += ["".join(dice.choices("zqxjkw", k=length)) for length in range(1, 65)]
        self.accounts = [
            str(first) + "".join(dice.choices("0123456789", k=10)) + str(last)
            for first in range(10)
            for last in range(10)
        ]
        self.accounts += [OTHER, *(f"{OWN[:11]}{digit}" for digit in range(10))]
        self.accounts = [found for found in self.accounts if found != OWN]

    @staticmethod
    def _middle(dice: random.Random) -> str:
        middle = list("-_." + "".join(dice.choices("zqxjkwv", k=4)))
        dice.shuffle(middle)
        return "".join(middle)

    def values(self, key: str) -> Iterator[Values]:
        """What a stranger's request may hold for a condition key: nothing, or any of their values."""
        yield None
        if key in {"aws:PrincipalAccount", "aws:SourceAccount"}:
            yield from ([account] for account in self.accounts)
        elif key == "aws:PrincipalArn":
            yield from (
                [f"arn:aws:iam::{account}:role/{name}"]
                for account in self.accounts
                for name in ("payments-x", "a", "payments-function-role-dev-acme")
            )
        elif key == "aws:SourceArn":
            yield from (
                [f"arn:aws:{service}:{REGION}:{account}:{name}"]
                for service in ("sns", "sqs", "events")
                for account in self.accounts
                for name in ("payments-notification-topic-dev-acme", "rule/x", "a")
            )
        elif key == "aws:PrincipalOrgID":
            yield from ([f"o-{c}zq8x7w6v5{c}"] for c in string.ascii_lowercase + string.digits)
            yield from (["o-" + ("zq8x7w6v5k" * 4)[:length]] for length in range(10, 33))
        elif key in {"kms:ResourceAliases", "kms:RequestAlias"}:
            yield from ([f"alias/{name}"] for name in self.names)
        elif key == "lambda:FunctionArn":
            yield from ([f"arn:aws:lambda:{REGION}:{OWN}:function:{name}"] for name in self.names)
        else:
            yield from ([name] for name in self.names)

    def satisfy(self, conditions: Mapping[str, Mapping[str, Sequence[str]]]) -> bool:
        """Whether a stranger's request satisfies all conditions, each on a key of its own."""
        return all(
            any(holds(operator, values, found) for found in self.values(key))
            for operator, tests in conditions.items()
            for key, values in tests.items()
        )

    def reached(self, patterns: Sequence[str], templates: Sequence[str]) -> bool:
        """Whether a resource of a stranger's name is covered; `{}` in a template is the name."""
        return any(
            like(pattern, template.replace("{}", name))
            for pattern in patterns
            for template in templates
            for name in self.names
        )


def admits(statement: Mapping[str, Any], strangers: Strangers) -> bool:
    """Whether a resource policy's Allow lets a principal of another account in."""
    principal = statement["Principal"]
    named = principal if isinstance(principal, str) else principal.get("AWS", [])
    for who in [named] if isinstance(named, str) else named:
        if who == "*":
            if strangers.satisfy(statement.get("Condition", {})):
                return True
        elif re.sub(r"^arn:aws:iam::(\d{12}):.*", r"\1", who) != OWN:
            return True
    return False
