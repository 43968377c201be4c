"""What a resource pattern of a policy reaches: one thing, those of an environment, or all of a kind."""

import re

GENERATED = frozenset(
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

NAMED_FIRST = frozenset({"execute-api", "s3", "sns", "sqs"})
"""Services whose ARNs begin with the name itself: api/stage, bucket/object, topic:subscription, queue."""

_WILD = re.compile(r"[*?:/]*")


def account(arn: str) -> str | None:
    """The account of an ARN, where it names one."""
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 and re.fullmatch(r"\d{12}", parts[4]) else None


def unconfined(pattern: str) -> bool:
    """Whether a resource pattern confines nothing: `*`, or every resource of a kind whose names people
    choose.
    """
    parts = pattern.split(":", 5)
    if len(parts) < 6:
        return "*" in pattern or "?" in pattern
    service, rest = parts[2], parts[5]
    if "*" in service or "?" in service or _WILD.fullmatch(rest):
        return True
    if service in NAMED_FIRST:
        return bool(_WILD.fullmatch(re.split("[:/]", rest)[0]))
    kind, _, name = re.sub(r"[:/]", "\0", rest).partition("\0")
    return name != "" and bool(re.fullmatch(r"[*?\0]*", name)) and kind not in GENERATED


def every_key(pattern: str) -> bool:
    """Whether a resource pattern reaches every KMS key of an account or more."""
    parts = pattern.split(":", 5)
    return len(parts) < 6 or bool(_WILD.fullmatch(parts[5].removeprefix("key/")))
