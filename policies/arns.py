"""ARNs: the account and the region that they name."""

import re

PARTS = re.compile(r"arn:aws[a-z-]*:[^:]*:[^:]*:[^:]*:.+", re.DOTALL)


def is_arn(value: str) -> bool:
    """Return whether a value is an ARN, with or without account and region."""
    return bool(PARTS.fullmatch(value))


def account(arn: str) -> str | None:
    """Return the account of an ARN, where it names one."""
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 and re.fullmatch(r"\d{12}", parts[4]) else None


def region(arn: str) -> str:
    """Return the region of an ARN; empty where it has none."""
    parts = arn.split(":", 5)
    return parts[3] if len(parts) == 6 else ""
