"""How far a pattern reaches: decided by matching probes, as IAM matches requests, not by reading the pattern.

A probe is an ARN, a name or another value that nobody chose for this system. A pattern or a condition that
lets a probe pass confines nothing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from policies.conditions import compile_pattern, matches

PLACEHOLDER = "{n}"
_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."
NAMES = (
    *(f"{letter}-qz_7.X-{letter}" for letter in _CHARACTERS),
    *(("qz7x" * 32)[:length] for length in range(1, 129)),
)
"""Names that begin and end with each character, that hold each separator, and of each length."""
IDS = ("12345678-90ab-cdef-1234-567890abcdef", "mrk-1234567890abcdef1234567890abcdef")
REGIONS = (
    *(
        f"{area}-{side}-1"
        for area in ("af", "ap", "ca", "eu", "il", "me", "mx", "sa", "us", "cn")
        for side in ("central", "east", "north", "northeast", "south", "southeast", "west", "northwest")
    ),
    "us-gov-east-1",
    "us-gov-west-1",
)
"""Names of regions, of which a pattern may hold the beginning."""
OTHER_ACCOUNT, OTHER_REGION = "710439658201", "ap-southeast-7"

TEMPLATES: Mapping[str, tuple[str, ...]] = {
    "apigateway": ("/restapis/{n}", "/restapis/{n}/stages/{n}", "/apis/{n}"),
    "athena": ("workgroup/{n}",),
    "cloudwatch": ("alarm:{n}", "dashboard/{n}", "metric-stream/{n}"),
    "codebuild": ("project/{n}",),
    "cognito-idp": ("userpool/{n}",),
    "dynamodb": (
        "table/{n}",
        "table/{n}/index/{n}",
        "table/{n}/stream/{n}",
        "table/{n}/backup/{n}",
        "table/{n}/export/{n}",
        "global-table/{n}",
    ),
    "ec2": ("instance/{n}", "image/{n}", "key-pair/{n}", "placement-group/{n}", "snapshot/{n}", "volume/{n}"),
    "ecr": ("repository/{n}", "repository/{n}/{n}"),
    "ecs": ("cluster/{n}", "service/{n}/{n}", "task/{n}/{n}", "task-definition/{n}:1"),
    "elasticloadbalancing": ("loadbalancer/app/{n}/{n}", "targetgroup/{n}/{n}"),
    "events": ("rule/{n}", "rule/{n}/{n}", "event-bus/{n}", "archive/{n}", "connection/{n}/{n}"),
    "execute-api": ("{n}/{n}/GET/{n}", "{n}/{n}/POST/"),
    "firehose": ("deliverystream/{n}",),
    "glue": ("catalog", "database/{n}", "table/{n}/{n}", "job/{n}"),
    "iam": (
        "role/{n}",
        "role/{n}/{n}",
        "policy/{n}",
        "policy/{n}/{n}",
        "user/{n}",
        "user/{n}/{n}",
        "group/{n}",
        "instance-profile/{n}",
        "oidc-provider/{n}",
        "saml-provider/{n}",
        "server-certificate/{n}",
    ),
    "kinesis": ("stream/{n}", "stream/{n}/consumer/{n}:1"),
    "kms": ("alias/{n}",),
    "lambda": (
        "function:{n}",
        "function:{n}:{n}",
        "layer:{n}",
        "layer:{n}:1",
        "code-signing-config:{n}",
    ),
    "logs": ("log-group:{n}", "log-group:{n}:*", "log-group:{n}:log-stream:{n}", "destination:{n}"),
    "rds": ("db:{n}", "cluster:{n}", "snapshot:{n}"),
    "s3": ("{n}", "{n}/{n}", "{n}/{n}/{n}", "accesspoint/{n}"),
    "scheduler": ("schedule/{n}/{n}", "schedule-group/{n}"),
    "secretsmanager": ("secret:{n}-aB3dE6",),
    "sns": ("{n}", "{n}:12345678-90ab-cdef-1234-567890abcdef"),
    "sqs": ("{n}",),
    "ssm": ("parameter/{n}", "parameter/{n}/{n}", "document/{n}"),
    "states": ("stateMachine:{n}", "execution:{n}:{n}", "activity:{n}"),
    "sts": ("assumed-role/{n}/{n}",),
}
"""Service to its ARNs' last parts, for what people name; kinds whose ids AWS makes up are left out, since a
pattern can say no more of them than the kind."""
WITHOUT_ACCOUNT = frozenset({"s3", "apigateway"})
WITHOUT_REGION = frozenset({"iam", "s3", "sts"})


def is_pattern(value: str) -> bool:
    """Return whether a value holds a wildcard."""
    return "*" in value or "?" in value


@lru_cache(maxsize=4096)
def reaches_any_name(pattern: str) -> bool:
    """Whether a resource pattern covers resources of any name, of some kind whose names people choose."""
    if not is_pattern(pattern):
        return False
    return _covers_one(pattern, tuple(_probe_parts(pattern)), accounts_in(pattern), regions_in(pattern))


@lru_cache(maxsize=1024)
def reaches_any_key(pattern: str) -> bool:
    """Return whether a resource pattern covers KMS keys of any id."""
    return is_pattern(pattern) and _covers_one(
        pattern, tuple(("kms", f"key/{key}") for key in IDS), accounts_in(pattern), regions_in(pattern)
    )


def accounts_in(pattern: str) -> tuple[str, ...]:
    """The accounts that a pattern names, those that it begins to name, and one that nothing names."""
    named = re.findall(r"(?<!\d)\d{12}(?!\d)", pattern)
    begun = [found.ljust(12, "0") for found in re.findall(r":(\d{1,11})[*?]", pattern)]
    return (*dict.fromkeys([*named, *begun]), OTHER_ACCOUNT)


def regions_in(pattern: str) -> tuple[str, ...]:
    """Return the regions that a pattern names, those that it begins to name, and one that nothing names."""
    named = re.findall(r"[a-z]{2}(?:-[a-z]+)+-\d", pattern)
    start = re.match(r"arn:[^:]*:[^:]*:([a-z0-9-]+)[*?]", pattern)
    begun = [found for found in REGIONS if start and found.startswith(start.group(1))]
    return (*dict.fromkeys([*named, *begun[:1]]), OTHER_REGION)


def _probe_parts(pattern: str) -> Iterator[tuple[str, str]]:
    """(service, template) of what a pattern could be about: of its own service, or of all."""
    split = pattern.split(":", 5)
    service = split[2] if len(split) > 2 else "*"
    if is_pattern(service) or len(split) < 6:
        services = [name for name in TEMPLATES if len(split) < 3 or matches(service, name)]
        for name in services or ["sqs"]:
            yield from ((name, template) for template in TEMPLATES[name])
    known = TEMPLATES.get(service, ())
    yield from ((service, template) for template in known)
    if len(split) == 6 and not is_pattern(service) and not any(map(_begins_with_name, known)):
        yield from ((service, template) for template in _from_pattern(split[5], known))


def _begins_with_name(template: str) -> bool:
    return template.startswith(PLACEHOLDER)


def _from_pattern(rest: str, known: Sequence[str]) -> Iterator[str]:
    """Templates for kinds that the table lacks: the pattern's own kind with another name behind it."""
    kind = re.match(r"[^:/*?]*", rest).group()  # type: ignore[union-attr]  # it always matches
    after = rest[len(kind) :]
    if kind in GENERATED_KINDS or any(
        re.match(rf"{re.escape(kind)}\b", template) for template in known if kind
    ):
        return
    if not after or after[0] in "*?":
        if not known:
            yield from (f"{kind}{mark}{PLACEHOLDER}" for mark in "/:-")
            yield f"{kind}{PLACEHOLDER}"
        return
    mark, name = after[0], re.match(r"[^:/]*", after[1:]).group()  # type: ignore[union-attr]
    if set(name) <= set("*?"):
        tail = re.sub(r"[*?]+", PLACEHOLDER, after[1 + len(name) :])
        yield f"{kind}{mark}{PLACEHOLDER}{tail}"
    elif is_pattern(name):
        yield f"{kind}{mark}{PLACEHOLDER}"


GENERATED_KINDS = frozenset(
    {
        "capacity-reservation",
        "customer-gateway",
        "dhcp-options",
        "elastic-ip",
        "event-source-mapping",
        "internet-gateway",
        "key",
        "natgateway",
        "network-acl",
        "network-interface",
        "prefix-list",
        "route-table",
        "security-group",
        "security-group-rule",
        "subnet",
        "vpc",
        "vpc-endpoint",
        "vpc-endpoint-service",
        "vpc-flow-log",
        "vpc-peering-connection",
    }
)
"""Kinds whose ids AWS makes up, so that a pattern can say no more than the kind."""


def _covers_one(
    pattern: str, templates: tuple[tuple[str, str], ...], accounts: tuple[str, ...], regions: tuple[str, ...]
) -> bool:
    literals = [text for text in re.split(r"[*?]+", pattern) if text]
    expression = compile_pattern(pattern)
    for service, template in templates:
        for account in accounts:
            for region in regions:
                found = probes(_partition(pattern), service, region, account, template)
                if all(text in found for text in literals) and any(
                    map(expression.fullmatch, found.split("\n"))
                ):
                    return True
    return False


def _partition(pattern: str) -> str:
    head = pattern.split(":", 2)
    return head[1] if len(head) > 1 and head[1] in {"aws-cn", "aws-us-gov"} else "aws"


@lru_cache(maxsize=512)
def probes(partition: str, service: str, region: str, account: str, template: str) -> str:
    """The ARNs of a template with each name, in lines, so that one search tells what none of them holds."""
    where = "" if service in WITHOUT_REGION else region
    whose = "" if service in WITHOUT_ACCOUNT else account
    head = f"arn:{partition}:{service}:{where}:{whose}:"
    return "\n".join(head + template.replace(PLACEHOLDER, name) for name in NAMES)
