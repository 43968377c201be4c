"""Conditions that confine nothing: a request that nobody chose satisfies them.

A stranger is a value of a condition key that a request may hold and that nobody named for this system. Which
strangers satisfy a condition is decided by evaluating it (`policies.conditions`), not by reading it.
"""

import re
from functools import lru_cache

from policies.conditions import parts, satisfied
from policies.reach import (
    NAMES,
    OTHER_ACCOUNT,
    OTHER_REGION,
    TEMPLATES,
    accounts_in,
    is_pattern,
    probes,
    regions_in,
)

ACCOUNT_KEYS = frozenset(
    {
        "aws:principalaccount",
        "aws:resourceaccount",
        "aws:sourceaccount",
        "aws:sourceowner",
        "kms:calleraccount",
        "s3:resourceaccount",
    }
)
ARN_KEYS = frozenset(
    {
        "aws:principalarn",
        "aws:sourcearn",
        "iam:associatedresourcearn",
        "iam:permissionsboundary",
        "iam:policyarn",
        "lambda:functionarn",
        "lambda:sourcefunctionarn",
        "sns:endpoint",
    }
)
ORGANIZATION_KEYS = frozenset({"aws:principalorgid", "aws:resourceorgid", "aws:sourceorgid"})
ORGANIZATION_PATH_KEYS = frozenset({"aws:principalorgpaths", "aws:resourceorgpaths", "aws:sourceorgpaths"})
ALIAS_KEYS = frozenset({"kms:requestalias", "kms:resourcealiases"})
SERVICE_KEYS = frozenset(
    {"aws:calledvia", "aws:calledviafirst", "aws:calledvialast", "iam:awsservicename", "iam:passedtoservice"}
)
BOOLEAN_KEYS = frozenset(
    {
        "aws:multifactorauthpresent",
        "aws:principalisawsservice",
        "aws:securetransport",
        "aws:viaawsservice",
        "kms:grantisforawsresource",
    }
)
CALLERS_KEYS = (
    "aws:principal",
    "aws:userid",
    "aws:username",
    "aws:source",
    "kms:calleraccount",
    "sts:",
    "saml:",
)
"""Keys about who calls: a policy variable there compares the caller with themselves."""
ARN_SERVICES = ("iam", "sts", "lambda", "sqs", "sns", "s3", "events", "dynamodb", "logs", "cloudwatch")
SERVICES = ("ec2", "glue", "s3", "dynamodb", "sagemaker", "states", "ecs-tasks", "lambda", "qz7x")


@lru_cache(maxsize=512)
def strangers(key: str, named: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Values of a condition key (lower case) that a request may hold and nobody chose; `named` are the
    policy's own values, whose accounts and regions the probes try as well."""
    accounts = tuple(dict.fromkeys(found for value in named for found in accounts_in(value)))
    regions = tuple(dict.fromkeys(found for value in named for found in regions_in(value)))
    if key in ACCOUNT_KEYS:
        return other_accounts()
    if key in ARN_KEYS:
        return tuple(
            line
            for service in (
                "iam",
                "sts",
                "lambda",
                "sqs",
                "sns",
                "s3",
                "events",
                "dynamodb",
                "logs",
                "cloudwatch",
            )
            for template in TEMPLATES[service]
            for account in accounts or (OTHER_ACCOUNT,)
            for region in regions or (OTHER_REGION,)
            for line in probes("aws", service, region, account, template).split("\n")[:64]
        )
    if key in ORGANIZATION_KEYS:
        return tuple(f"o-{letter}qz7x4w9k2{letter}" for letter in "abcdefghijklmnopqrstuvwxyz0123456789")
    if key in ORGANIZATION_PATH_KEYS:
        return tuple(
            f"o-{letter}qz7x4w9k2/r-ab12/ou-ab12-11111111/"
            for letter in "abcdefghijklmnopqrstuvwxyz0123456789"
        )
    if key in ALIAS_KEYS:
        return tuple(f"alias/{name}" for name in NAMES)
    if key in SERVICE_KEYS:
        return tuple(f"{service}.amazonaws.com" for service in SERVICES)
    if key == "kms:viaservice":
        return tuple(
            f"{service}.{region}.amazonaws.com" for service in SERVICES for region in (*regions, OTHER_REGION)
        )
    if key in BOOLEAN_KEYS:
        return ("false",)
    if key == "aws:sourceip":
        return ("8.8.8.8", "130.0.0.1", "203.0.113.7", "2001:db8::1", "2a00::1")
    return (*NAMES, *(f"repo:{name}/{name}:ref:refs/heads/{name}" for name in NAMES[:64]))


def other_accounts() -> tuple[str, ...]:
    """Accounts that begin and end with each digit."""
    return tuple(f"{first}71043965820"[:11] + last for first in "0123456789" for last in "0123456789")


def other_organizations() -> tuple[str, ...]:
    """Organisations that begin and end with each character."""
    return tuple(f"o-{letter}qz7x4w9k2{letter}" for letter in "abcdefghijklmnopqrstuvwxyz0123456789")


def vacuous(operator: str, key: str, values: tuple[str, ...]) -> str:
    """Why a condition (operator and key in lower case) confines nothing; empty where it does confine."""
    if not values or "" in values:
        return "it names no value"
    if satisfied(operator, values, None):
        return "a request without the key satisfies it"
    if parts(operator)[1] == "null":
        return "it only asks that the key is there"
    return _vacuous_value(operator, key, values)


@lru_cache(maxsize=4096)
def _vacuous_value(operator: str, key: str, values: tuple[str, ...]) -> str:
    plain = tuple(_without_variables(value, key) for value in values)
    base = parts(operator)[1]
    if base in {"stringequals", "arnequals", "arnlike", "stringlike"} and not any(map(is_pattern, plain)):
        return ""  # exact values: no stranger has them
    if base in {"stringequals", "stringequalsignorecase", "bool", "binaryequals"} and key not in BOOLEAN_KEYS:
        return _variables_only(values, key)
    for stranger in strangers(key, plain):
        if satisfied(operator, plain, (stranger,)):
            return f"{stranger} satisfies it"
    return ""


def _variables_only(values: tuple[str, ...], key: str) -> str:
    if any("${" in value for value in values) and key.startswith(CALLERS_KEYS):
        return "it compares the caller with themselves"
    return ""


def _without_variables(value: str, key: str) -> str:
    """A value whose policy variables are what a caller could make of them: anything, where the key is about
    the caller; else something that no stranger has."""
    if "${" not in value:
        return value
    anything = "*" if key.startswith(CALLERS_KEYS) else "\1"
    return re.sub(r"\$\{([*?$])\}", "\2", re.sub(r"\$\{[^}*?$][^}]*\}", anything, value))
