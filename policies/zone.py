"""The zone of trust: whose accounts, organisations, issuers, regions, services and code belong to the system.

The pack's own `configuration.json` declares it under `zone`; a stack's configuration adds its own account and
region, and the accounts of the principals that it trusts. Nothing outside the pack's reviewed file can widen
the zone.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from policies.arns import account, is_arn, region
from policies.reach import is_pattern
from policies.stack import CheckedStack

GITHUB = "token.actions.githubusercontent.com"
ENDPOINT_SERVICES = (
    "dynamodb",
    "kms",
    "lambda",
    "logs",
    "monitoring",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "sts",
    "xray",
)
"""The AWS services that functions of this system may reach through a VPC endpoint."""
ACCOUNT = re.compile(r"\d{12}")
_PRINCIPALS = re.compile(r"[a-zA-Z]+Principals")
_SUBJECTS = re.compile(r"github[a-zA-Z]*Subjects?")
_REGISTRY = re.compile(r"(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws|on)\.[a-z.]+/.+")
_URL_ACCOUNT = re.compile(r"https?://[^/]+/(\d{12})/[^/]+/?")


@dataclass(frozen=True, kw_only=True)
class Zone:
    """What belongs to the system beside what a stack declares.

    `accounts` are ids; `issuers` OIDC hosts without scheme; `subjects` of their tokens, exact; `regions`
    beside the stack's; `endpoint_services` names after `com.amazonaws.REGION.`; `code_sources` buckets, image
    repositories and layer ARNs without version.
    """

    accounts: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    issuers: tuple[str, ...] = (GITHUB,)
    subjects: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    endpoint_services: tuple[str, ...] = ENDPOINT_SERVICES
    code_sources: tuple[str, ...] = ()

    def accounts_of(self, stack: CheckedStack) -> frozenset[str]:
        """Return the accounts whose resources a stack may name: its own, and the zone's."""
        return frozenset({stack.account, *self.accounts})

    def trusted_accounts(self, stack: CheckedStack) -> frozenset[str]:
        """The accounts whose principals may take roles: those of the zone, and of the principals declared."""
        return self.accounts_of(stack) | {
            found
            for key in declared_keys(stack, _PRINCIPALS)
            for principal in stack.declared_list(key)
            if (found := account(principal) or (principal if ACCOUNT.fullmatch(principal) else None))
        }

    def trusted_subjects(self, stack: CheckedStack) -> frozenset[str]:
        """Return the subjects of OIDC tokens that the zone or the stack declares."""
        return frozenset(self.subjects) | {
            subject for key in declared_keys(stack, _SUBJECTS) for subject in _subjects(stack, key)
        }


ZONE_KEYS: Mapping[str, str] = {
    re.sub(r"_(\w)", lambda found: found.group(1).upper(), field.name): field.name for field in fields(Zone)
}
"""The keys of `zone` in the configuration file to the fields of `Zone`."""


def parse(document: object, found: list[str]) -> Zone:
    """Return the zone of a configuration; problems are added to `found`."""
    if not isinstance(document, Mapping):
        found.append("zone must be an object")
        return Zone()
    given: dict[str, Any] = {}
    for key, value in document.items():
        if key not in ZONE_KEYS:
            found.append(f"zone.{key} is not known here; known are {', '.join(ZONE_KEYS)}")
        elif not isinstance(value, list) or not all(isinstance(element, str) for element in value):
            found.append(f"zone.{key} must be a list of strings")
        else:
            given[ZONE_KEYS[key]] = tuple(value)
    found += [
        f"zone.accounts holds {element!r}, which is no account id of 12 digits"
        for element in given.get("accounts", ())
        if not ACCOUNT.fullmatch(element)
    ]
    return Zone(**given)


def declared_keys(stack: CheckedStack, pattern: re.Pattern[str]) -> Iterator[str]:
    """Yield the keys of a stack's own configuration that match a pattern."""
    start = f"{stack.project}:"
    for key in stack.config:
        name = key.removeprefix(start)
        if key.startswith(start) and pattern.fullmatch(name):
            yield name


def _subjects(stack: CheckedStack, key: str) -> list[str]:
    text = stack.config.get(f"{stack.project}:{key}", "")
    return stack.declared_list(key) if text.lstrip().startswith("[") else [text.strip()]


def outside(value: str, key: str, zone: Zone, stack: CheckedStack) -> str:
    """Why a property's value is not of the zone, as a message goes on after "is …, "; empty where it is.

    `key` is the property's name: digits are an account only where the name says so.
    """
    if is_arn(value):
        return _outside_arn(value, zone, stack)
    if found := _REGISTRY.fullmatch(value):
        return _outside_account(found.group(1), zone, stack)
    if found := _URL_ACCOUNT.fullmatch(value):
        return _outside_account(found.group(1), zone, stack)
    if ACCOUNT.fullmatch(value) and re.search("account|owner|principal", key, re.IGNORECASE):
        return _outside_account(value, zone, stack)
    return ""


def _outside_arn(arn: str, zone: Zone, stack: CheckedStack) -> str:
    owner, where = arn.split(":", 5)[4], region(arn)
    if any(source and arn.startswith(source) for source in zone.code_sources):
        return ""
    if is_pattern(owner):
        return "of any account"
    if ACCOUNT.fullmatch(owner) and (reason := _outside_account(owner, zone, stack)):
        return reason
    if where and not is_pattern(where) and where not in {stack.region, *zone.regions}:
        return f"in region {where}, which the stack does not declare"
    return ""


def _outside_account(owner: str, zone: Zone, stack: CheckedStack) -> str:
    if owner in zone.accounts_of(stack):
        return ""
    return f"of account {owner}, which is outside the zone of trust"
