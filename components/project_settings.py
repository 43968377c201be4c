"""The identity and scaling fields of each project: what its stack files hold, and nothing else.

A scaling field's description says why environments may differ in it; the drift report quotes it.
"""

import ipaddress
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, Strict, ValidationInfo

from components.declared_network import DeclaredNetwork
from components.naming import RESOURCE_TYPE
from components.promotion_settings import PaymentsPromotion
from components.section import Allowed, Uniform
from components.settings import AccountId, Identity, Scaling

# fmt: off
LOG_RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""
# fmt: on


def _is_log_retention(days: int) -> int:
    if days not in LOG_RETENTION_DAYS:
        raise ValueError("not a retention that CloudWatch Logs offers")
    return days


PRIVATE_RANGES = tuple(map(ipaddress.IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
"""https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html (RFC 1918)"""


def _is_private_range(cidr: str) -> str:
    """As AWS spells it: neither a netmask nor leading zeros, which IPv4Network would take."""
    network = ipaddress.IPv4Network(cidr)
    private = any(network.subnet_of(private) for private in PRIVATE_RANGES)
    if (
        not private or not 16 <= network.prefixlen <= 24 or str(network) != cidr
    ):  # AWS's /16; room for subnets
        raise ValueError("not a private range of this size")
    return cidr


ZONES = 2
"""Availability zones per network: Lambda keeps running when one of them fails."""


def _are_two_zones(zone_ids: tuple[str, ...]) -> tuple[str, ...]:
    if zone_ids and (len(zone_ids), len({*zone_ids})) != (ZONES, ZONES):
        raise ValueError("not two different zones")
    return zone_ids


Email = Annotated[str, Field(pattern=r"^[^@\s,]+@[^@\s,]+\.[^@\s,]+$", max_length=254)]
Emails = Annotated[
    tuple[Email, ...], Strict(False), Field(min_length=1), Allowed("a list of one or more e-mail addresses")
]
LogRetentionDays = Annotated[
    int,
    AfterValidator(_is_log_retention),
    Allowed("days as CloudWatch Logs offers: " + ", ".join(map(str, LOG_RETENTION_DAYS))),
]
AlarmThreshold = Annotated[int, Field(ge=1, le=1_000_000), Allowed("a whole number from 1 to 1000000")]


Principals = Annotated[
    tuple[Annotated[str, Field(pattern=r"^arn:aws:iam::[0-9]{12}:(role|user)/[A-Za-z0-9_+=,.@/-]+$")], ...],
    Strict(False),
    Allowed("a list of ARNs of IAM roles or users, each in full: no account root, no wildcard"),
]
_GITHUB_SUBJECT = (
    r"repo:([A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+|[A-Za-z0-9_.-]+@[0-9]+/[A-Za-z0-9_.-]+@[0-9]+)"
    r":((environment|ref):[A-Za-z0-9_./-]+|pull_request)"
)
"""Subjects of repositories made since July 2026 carry the ids of owner and repository."""
_DEPLOYING_SUBJECT = _GITHUB_SUBJECT.replace("|pull_request", "")
"""A pull request may be read for and not deployed: what it runs, nobody has reviewed."""


def _no_pipeline(principals: tuple[str, ...]) -> tuple[str, ...]:
    if not principals or any(PIPELINE_ROLE.search(principal) for principal in principals):
        raise ValueError("nobody, or a workflow's role")
    return principals


def _deploy_not(principals: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    if set(principals) & set(info.data.get("deployer_principals", ())):
        raise ValueError("a principal that deploys")
    return principals


PIPELINE_ROLE = re.compile(r":role/(.*/)?(reader-)?pipeline-role-")
"""The roles of workflows, which are no people."""
PeoplePrincipals = Annotated[
    Principals,
    AfterValidator(_no_pipeline),
    Allowed(
        "a list of ARNs of at least one IAM role or user, each in full, none of a workflow; operators are "
        "none of deployerPrincipals"
    ),
]
ExternalId = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9_+=,.@:/-]+$", min_length=16, max_length=1224),
    Allowed("16 to 1224 random letters, digits and +=,.@:/-"),
]


def _none_if_empty(value: object) -> object:
    return None if value == {} else value


def _are_distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) < len(values):
        raise ValueError("the same value twice")
    return values


class BootstrapIamIdentity(Identity):
    """Who may deploy to the account, who may look at it, and how they prove it."""

    deployer_principals: Principals = Field(description="Principals that may assume the deployer role.")
    destroyer_principals: PeoplePrincipals = Field(
        description="People who may create, open and delete what holds payments."
    )
    operator_principals: Annotated[PeoplePrincipals, AfterValidator(_deploy_not)] = Field(
        description="People who may read payments and redrive dead letters."
    )
    people_need_mfa: Annotated[bool, Allowed("true or false")] = Field(
        description="Whether destroyers and operators must have authenticated with a second factor."
    )
    email_domains: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")], ...],
        Strict(False),
        Field(min_length=1),
        Allowed("a list of domains such as example.com"),
    ] = Field(description="Domains whose mailboxes may be subscribed to topics.")
    subscriber_account_ids: Annotated[
        tuple[AccountId, ...], Strict(False), Allowed("a list of AWS account ids: 12 digits each, in quotes")
    ] = Field(description="Accounts whose queues the deployer may subscribe to the notification topic.")
    reader_principals: Principals = Field(description="Further principals that may assume the reader role.")
    github_reader_subjects: Annotated[
        tuple[Annotated[str, Field(pattern=f"^{_GITHUB_SUBJECT}$")], ...],
        Strict(False),
        Allowed(
            "a list of subjects in full such as repo:acme/payments:pull_request or "
            "repo:acme@123/payments@456:pull_request"
        ),
    ] = Field(description="GitHub Actions OIDC subjects that may read.")
    external_id: ExternalId = Field(
        description="What a caller has to name to assume the deployer, the verifier or the reader role."
    )
    destroyer_external_id: ExternalId = Field(description="The same of the destroyer role.")
    operator_external_id: ExternalId = Field(description="The same of the operator role.")
    github_subject: Annotated[
        str,
        Field(pattern=f"^({_DEPLOYING_SUBJECT})?$"),
        Allowed(
            "empty, or one subject in full such as repo:acme/payments:environment:prod or "
            "repo:acme@123/payments@456:environment:prod"
        ),
    ] = Field(description="GitHub Actions OIDC subject that may deploy; empty for none.")
    administrator_role: Annotated[
        str,
        Field(pattern=r"^[A-Za-z0-9_+=,.@-]*$", max_length=64),
        Allowed("a role's name, or empty for the caller's own credentials"),
        Uniform(enforced=False),
    ] = Field(description="Role of the account that bootstraps it.")
    processors: Annotated[
        tuple[Annotated[str, Field(pattern=f"^{RESOURCE_TYPE.pattern}$", max_length=16)], ...],
        Strict(False),
        Field(min_length=1),
        AfterValidator(_are_distinct),
        Allowed("a list of different names of at most 16 lower-case letters, digits and hyphens"),
        Uniform(enforced=False),
    ] = Field(description="Payment processors of the environment; each gets a function role.")
    declared_network: Annotated[
        DeclaredNetwork | None,
        BeforeValidator(_none_if_empty),
        Allowed(
            "{}, or the outputs vpcId, privateSubnetIds, functionSecurityGroupId, dynamodbEndpointId and "
            "snsEndpointId of the network stack"
        ),
    ] = Field(description="Network that functions are confined to, once it is deployed; empty for any VPC.")
    security_emails: Annotated[
        tuple[Email, ...], Strict(False), Allowed("a list of e-mail addresses; empty for no watch")
    ] = Field(description="Addresses that hear of calls that open, stop or delete; each confirms by hand.")


class BootstrapIamScaling(Scaling):
    """Access is the same everywhere."""


class NetworkIdentity(Identity):
    """Address range of the environment."""

    vpc_cidr: Annotated[
        str,
        AfterValidator(_is_private_range),
        Allowed("a private IPv4 range from /16 to /24, such as 10.10.0.0/20"),
    ] = Field(description="Address range of the VPC; distinct, so that environments could be peered.")
    availability_zone_ids: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[a-z]{2,6}[0-9]-az[0-9]+$")], ...],
        Strict(False),
        AfterValidator(_are_two_zones),
        Allowed("empty, or a list of two different zone ids of the region such as euw1-az1"),
    ] = Field(description="Zones of the subnets; empty for the region's first two by name.")


class NetworkScaling(Scaling):
    """How long traffic is remembered."""

    flow_log_retention_days: LogRetentionDays = Field(
        description="Flow logs are audit evidence in prod, and a debugging aid below it."
    )


MOST_MINOR_UNITS = 10**12
"""The largest amount of the contract, functions/payment_processor/payment_request.schema.json."""
CURRENCIES = frozenset(
    json.loads(
        (Path(__file__).parent.parent / "functions/payment_processor/payment_request.schema.json").read_text(
            encoding="utf-8"
        )
    )["properties"]["currency"]["enum"]
)


def _are_currencies(amounts: dict[str, int]) -> dict[str, int]:
    if unknown := sorted(amounts.keys() - CURRENCIES):
        raise ValueError(f"{', '.join(unknown)} is no currency of the contract")
    return amounts


class PaymentsIdentity(Identity):
    """The people and accounts that hear of the environment's payments, and the uniform business rules."""

    PROMOTION = PaymentsPromotion

    notification_emails: Emails = Field(
        description="Addresses that receive payment notifications; each confirms by hand."
    )
    operator_emails: Emails = Field(description="Addresses that receive alarms; each confirms by hand.")
    subscriber_account_ids: Annotated[
        tuple[AccountId, ...], Strict(False), Allowed("a list of AWS account ids: 12 digits each, in quotes")
    ] = Field(description="Other accounts that may subscribe queues to the notification topic.")
    maximum_amounts: Annotated[
        dict[str, Annotated[int, Field(ge=1, le=MOST_MINOR_UNITS)]],
        Field(min_length=1),
        AfterValidator(_are_currencies),
        Allowed(
            f"a map of ISO 4217 codes of the contract to whole minor units from 1 to {MOST_MINOR_UNITS}, "
            'such as {"EUR": 10000000}'
        ),
        Uniform(),
    ] = Field(description="The enabled currencies, each with the largest amount of one payment.")
    near_duplicate_seconds: Annotated[
        int, Field(ge=0, le=2_592_000), Allowed("seconds from 0 (off) to 2592000 (30 days)"), Uniform()
    ] = Field(description="How long after a payment a similar one is flagged as its near-duplicate.")
    retention_days: Annotated[
        int, Field(ge=0, le=36_500), Allowed("0 (for ever), or days up to 36500"), Uniform()
    ] = Field(description="Days for which a payment and its audit trail are kept.")
    pseudonymise_accounts: Annotated[bool, Allowed("true or false"), Uniform()] = Field(
        description="Whether the ledger holds keyed digests in place of account references."
    )


class PaymentsScaling(Scaling):
    """How much the processor takes, and how soon it calls for help."""

    reserved_concurrency: Annotated[int, Field(ge=1, le=1000), Allowed("a whole number from 1 to 1000")] = (
        Field(description="Payments processed at once follow the traffic; also caps what dev can cost.")
    )
    memory_mb: Annotated[int, Field(ge=128, le=10240), Allowed("whole MB from 128 to 10240")] = Field(
        description="CPU comes with memory: prod buys latency, dev does not need it."
    )
    point_in_time_recovery: Annotated[bool, Allowed("true or false")] = Field(
        description="Continuous backup is paid by the gigabyte; dev's ledger is disposable, others' are not."
    )
    max_receive_count: Annotated[int, Field(ge=2, le=1000), Allowed("a whole number from 2 to 1000")] = Field(
        description="Prod waits out longer disturbances before parking a payment; dev fails fast."
    )
    dead_letter_alarm_threshold: AlarmThreshold = Field(
        description="Messages in the dead-letter queue: one is an incident in prod, and a test case in dev."
    )
    error_alarm_threshold: AlarmThreshold = Field(
        description="Function errors per minute: the more real the traffic, the sooner someone looks."
    )
    throttle_alarm_threshold: AlarmThreshold = Field(
        description="Throttles per minute: dev's one concurrent execution is throttled in normal operation."
    )
    oldest_message_alarm_seconds: Annotated[
        int, Field(ge=60, le=345_600), Allowed("seconds from 60 to 345600 (4 days)")
    ] = Field(description="Age of the oldest waiting payment: the promise to payers holds in prod alone.")
    log_retention_days: LogRetentionDays = Field(
        description="The log is audit evidence in prod, and a debugging aid below it."
    )


SECTIONS: Mapping[str, tuple[type[Identity], type[Scaling]]] = {
    "bootstrap-iam": (BootstrapIamIdentity, BootstrapIamScaling),
    "network": (NetworkIdentity, NetworkScaling),
    "payments": (PaymentsIdentity, PaymentsScaling),
}
"""Project to the fields of its stacks' configuration."""
