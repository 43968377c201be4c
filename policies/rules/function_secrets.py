"""Secrets in environment variables: readable by whoever may look at the function's configuration."""

import re
from collections.abc import Iterator

from policies.properties import Props, block, text
from policies.rule import PropertyRule, Severity

SECRET_NAMES = re.compile(
    r"(^|_)(pwd|pass|token|api_?key|private_?key|access_?key|secret_?key|credentials?|dsn)(_|$)"
    r"|(password|passwd|passphrase|secret)(_|$)",
    re.IGNORECASE,
)
REFERENCES = re.compile(r"^(arn:|/|https?://)|_(ARN|NAME|ID|PATH|URL)$", re.IGNORECASE)
"""What points to a secret rather than being one."""
SECRET_VALUES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("an AWS access key", re.compile(r"\b(AKIA|ASIA|AIDA|AROA)[A-Z0-9]{16}\b")),
    (
        "an AWS secret key",
        re.compile(r"(?<![A-Za-z0-9/+=])(?=[A-Za-z0-9/+]*[/+0-9])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"),
    ),
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    ("a GitHub token", re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}\b")),
    ("a Slack token", re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}")),
    ("a Stripe key", re.compile(r"\b[rs]k_(live|test)_[A-Za-z0-9]{16,}")),
    ("a JSON web token", re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.")),
    ("a Slack webhook", re.compile(r"https://hooks\.slack\.com/services/\S+")),
    (
        "an object with a secret",
        re.compile(r'"[^"]*(password|passwd|passphrase|secret|token)"\s*:\s*"[^"]+"', re.IGNORECASE),
    ),
    ("a URL with a password", re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s@]+@")),
)


def _words(name: str) -> str:
    """A name's words apart, also where it is in camel case."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)


def _check(props: Props) -> Iterator[str]:
    variables = block(block(props, "environment") or {}, "variables") or {}
    for name in variables:
        value = text(variables, name) or ""
        kind = next((kind for kind, pattern in SECRET_VALUES if pattern.search(value)), None)
        if kind:
            yield f"environment variable {name} looks like {kind}."
        elif (
            value
            and SECRET_NAMES.search(_words(name))
            and not REFERENCES.search(value)
            and not REFERENCES.search(name)
        ):
            yield f"environment variable {name} is called like a secret and holds a value."


RULES = (
    PropertyRule(
        id="function-environment-secrets",
        severity=Severity.CRITICAL,
        types=frozenset({"aws:lambda/function:Function"}),
        title="No environment variable holds a secret.",
        why=(
            "It is readable in the console, in the state and in every configuration export, also where "
            "encrypted."
        ),
        fix="keep it in Secrets Manager or the Parameter Store, and give the function its ARN.",
        url="https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html",
        references=("CKV_AWS_45",),
        check=_check,
    ),
)
