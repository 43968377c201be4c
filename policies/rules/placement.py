"""Placement: every resource lands in the account and the region that its stack declares, and nowhere else."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from policies.arns import account
from policies.properties import MalformedPropertyError, Props, flag, is_sequence, known, text
from policies.resource import CheckedResource
from policies.rule import (
    EVERY_AWS_TYPE,
    PROVIDER_TYPE,
    PropertyRule,
    ResourceRule,
    RuleContext,
    RuleSeverity,
    Setting,
    Tightening,
)
from policies.tags import nested

LADDER: Mapping[str, Mapping[str, object]] = {
    "dev": {
        "maxReceiveCount": 2,
        "memoryMb": {"minimum": 512},
        "pointInTimeRecovery": False,
        "reservedConcurrency": 1,
    },
    "staging": {
        "maxReceiveCount": 3,
        "memoryMb": {"minimum": 1024},
        "pointInTimeRecovery": True,
        "reservedConcurrency": 10,
    },
    "prod": {
        "maxReceiveCount": 5,
        "memoryMb": {"minimum": 2048},
        "pointInTimeRecovery": True,
        "reservedConcurrency": 100,
    },
}
"""The controlled variations that were asked for; a new environment adds its line here or none."""
PROVIDER_URL = "https://www.pulumi.com/registry/packages/aws/api-docs/provider/"


def _check_account(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    wanted = context.stack.account
    allowed = nested(resource.props, "allowedAccountIds")
    if allowed is None:
        yield f"allowedAccountIds is not set; it must hold {wanted} and nothing else."
    elif not is_sequence(allowed):
        raise MalformedPropertyError("allowedAccountIds", "a list", allowed)
    elif (found := [known("allowedAccountIds", account) for account in allowed]) != [wanted]:
        yield f"allowedAccountIds is {found}; it must hold {wanted} and nothing else."


def _check_region(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    environment, wanted = context.stack.environment, context.stack.region
    regions = context.mapping("regions")
    found = text(resource.props, "region")
    if found != wanted:
        yield f"region is {found or 'not set'}; the stack declares {wanted}."
    if environment in regions and wanted != regions[environment]:
        yield f"the stack declares region {wanted}; {environment} lives in {regions[environment]}."


def _check_resource_region(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    found = text(resource.props, "region")
    if found is not None and found != context.stack.region:
        yield f"region is {found}; the stack declares {context.stack.region}."


def _check_explicit(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    if resource.provider is None:
        yield "it is made through no provider that could be looked at."
    elif resource.provider.type != PROVIDER_TYPE:
        yield f"it is made through a provider of another package ({resource.provider.type})."
    elif resource.provider.name.startswith("default"):
        yield f"it is made through the default provider ({resource.provider.name}), locked to no account."


def _check_credentials(props: Props) -> Iterator[str]:
    for key in ("accessKey", "secretKey", "token"):
        if text(props, key):
            yield f"{key} is set: credentials belong into no program, configuration or state."


def _check_validation(props: Props) -> Iterator[str]:
    if flag(props, "skipRequestingAccountId"):
        yield "skipRequestingAccountId is true, so that allowedAccountIds is not enforced."


def _check_endpoints(props: Props) -> Iterator[str]:
    if flag(props, "insecure"):
        yield "insecure is true: it talks to whoever answers."
    endpoints = nested(props, "endpoints") or []
    if not is_sequence(endpoints) and not isinstance(endpoints, Mapping):
        raise MalformedPropertyError("endpoints", "a list", endpoints)
    for entry in endpoints if is_sequence(endpoints) else [endpoints]:
        for service, url in entry.items() if isinstance(entry, Mapping) else [("endpoints", entry)]:
            host = (urlsplit(str(known("endpoints", url))).hostname or "") if url else ""
            if url and not host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws")):
                yield f"the endpoint of {service} is {url}, which is not AWS's."
    for key in ("httpProxy", "httpsProxy", "customCaBundle"):
        if text(props, key):
            yield f"{key} is set: what the provider sends can be read on the way."


def _check_roles(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    roles = nested(resource.props, "assumeRoles") or nested(resource.props, "assumeRole") or []
    for role in roles if is_sequence(roles) else [roles]:
        arn = text(role, "roleArn") if isinstance(role, Mapping) else None
        if arn and account(arn) not in context.zone.accounts_of(context.stack):
            yield f"it works as {arn}, of another account than {context.stack.account}."


def _check_ladder(_resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    stack = context.stack
    for key, wanted in sorted(dict(context.mapping("ladder").get(stack.environment, {})).items()):
        if not stack.declares(key):
            continue
        if isinstance(wanted, Mapping):
            if stack.declared_number(key) < float(str(wanted["minimum"])):
                least = _plain(wanted["minimum"])
                shown = f"{key} {stack.declared(key)}"
                yield f"the stack declares {shown}; {stack.environment} has at least {least}."
        elif _plain(stack.declared(key)) != _plain(wanted):
            yield f"the stack declares {key} {stack.declared(key)}; {stack.environment} has {_plain(wanted)}."


def _plain(value: object) -> str:
    """Return a value as configurations write it: `true`, `512` for 512.0."""
    return str(value).strip().lower().removesuffix(".0")


RULES = (
    ResourceRule(
        id="placement-ladder",
        severity=RuleSeverity.HIGH,
        types=frozenset({PROVIDER_TYPE}),
        title="A stack declares what the reviewed ladder says of its environment.",
        why="A stack's own file is what it is compared with; the ladder is what that file is compared with.",
        fix="declare the ladder's value, or change the ladder in policies/configuration.json by review.",
        url="https://www.pulumi.com/docs/iac/concepts/config/",
        settings={
            "ladder": Setting(
                schema={"type": "object", "additionalProperties": {"type": "object"}},
                default=LADDER,
                description=(
                    "Environment to configuration key to the only value, or the minimum, that it may have "
                    "where it is declared; accountId may be among the keys."
                ),
                tightens=Tightening.FIXED,
            )
        },
        exceptions_allowed=False,
        check=_check_ladder,
    ),
    PropertyRule(
        id="placement-endpoints",
        severity=RuleSeverity.CRITICAL,
        types=frozenset({PROVIDER_TYPE}),
        title="A provider talks to AWS itself.",
        why="Whoever answers in AWS's place learns the credentials and every value, and may answer anything.",
        fix="remove insecure, endpoints, proxies and certificate bundles.",
        url=PROVIDER_URL,
        exceptions_allowed=False,
        check=_check_endpoints,
    ),
    ResourceRule(
        id="placement-role",
        severity=RuleSeverity.CRITICAL,
        types=frozenset({PROVIDER_TYPE}),
        title="A provider works as a role of the stack's account.",
        why="A role elsewhere acts with rights that nobody here has given.",
        fix="name a role of the stack's account in assumeRoles.",
        url=PROVIDER_URL,
        exceptions_allowed=False,
        check=_check_roles,
    ),
    ResourceRule(
        id="placement-account",
        severity=RuleSeverity.CRITICAL,
        types=frozenset({PROVIDER_TYPE}),
        title="A provider is locked to the account that its stack declares.",
        why="With the wrong credentials in the shell, a deployment of dev would change production.",
        fix="set allowedAccountIds to the stack's accountId alone.",
        url=PROVIDER_URL,
        exceptions_allowed=False,
        check=_check_account,
    ),
    PropertyRule(
        id="placement-account-verified",
        severity=RuleSeverity.CRITICAL,
        types=frozenset({PROVIDER_TYPE}),
        title="A provider asks which account it is in.",
        why="A provider that doesn't ask can't compare with allowedAccountIds either.",
        fix="remove skipRequestingAccountId.",
        url=PROVIDER_URL,
        exceptions_allowed=False,
        check=_check_validation,
    ),
    ResourceRule(
        id="placement-region",
        severity=RuleSeverity.HIGH,
        types=frozenset({PROVIDER_TYPE}),
        title="A provider works in the region that its stack declares, which is that of the environment.",
        why="Endpoints, keys and data residency belong to one region; elsewhere nobody looks.",
        fix="set region to the stack's region, and the stack's region to its environment's.",
        url=PROVIDER_URL,
        settings={
            "regions": Setting(
                schema={"type": "object", "additionalProperties": {"type": "string"}},
                default={"dev": "us-east-1", "staging": "us-west-2", "prod": "eu-west-1"},
                description=(
                    "Environment to the only region it may live in; others may live where they declare."
                ),
                tightens=Tightening.FIXED,
            )
        },
        check=_check_region,
    ),
    ResourceRule(
        id="placement-resource-region",
        severity=RuleSeverity.HIGH,
        types=EVERY_AWS_TYPE,
        title="No resource is put into another region than its stack's.",
        why=(
            "Since version 7 of the AWS provider each resource may name a region of its own, past the "
            "provider's."
        ),
        fix="remove region from the resource.",
        url="https://www.pulumi.com/registry/packages/aws/how-to-guides/7-0-migration/",
        check=_check_resource_region,
    ),
    ResourceRule(
        id="placement-explicit-provider",
        severity=RuleSeverity.CRITICAL,
        types=EVERY_AWS_TYPE,
        title="Every resource is made through the stack's own provider.",
        why="The default provider takes whatever credentials and region the shell has.",
        fix="pass the stack's provider to the component, and keep pulumi:disable-default-providers.",
        url="https://www.pulumi.com/docs/iac/concepts/resources/providers/#disabling-default-providers",
        exceptions_allowed=False,
        check=_check_explicit,
    ),
    PropertyRule(
        id="placement-credentials",
        severity=RuleSeverity.CRITICAL,
        types=frozenset({PROVIDER_TYPE}),
        title="A provider holds no credentials of its own.",
        why="What a provider is given is kept in the state, and works long after the deployment.",
        fix="remove the keys; assume the deployer role instead.",
        url="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
        references=("CKV_AWS_41",),
        check=_check_credentials,
    ),
)
