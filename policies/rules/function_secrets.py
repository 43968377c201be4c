"""Secrets in environment variables: readable by whoever may look at the function's configuration.

Two questions: whether a value has the shape of a secret that some service hands out, and whether a variable
that is called like a secret holds a value that could be one. The shapes are those of detect-secrets 1.5 and
of the services' documentation; the package itself takes a second to import, most of a pack's budget.
"""

import base64
import binascii
import re
from collections.abc import Iterator

from policies.properties import Props, block, text
from policies.rule import PropertyRule, RuleSeverity

PASSWORD_NAMES = re.compile(r"(^|_)(pwd|pass|dsn)(_|$)|(password|passwd|passphrase)(_|$)", re.IGNORECASE)
"""Names whose value is a secret whatever it looks like."""
SECRET_NAMES = re.compile(
    r"(^|_)(token|api_?key|private_?key|access_?key|secret_?key|signing_?key|credentials?|webhook)(_|$)"
    r"|secret(_|$)",
    re.IGNORECASE,
)
"""Names whose value is a secret unless it has the shape of something else."""
ATTRIBUTES = re.compile(
    r"_(ALGORITHM|ALIAS|ARN|AUDIENCE|COLUMN|COUNT|DAYS|ENABLED|EXPIRY|FIELD|HEADER|HOURS|ID|ISSUER|LENGTH|LIMIT|MINUTES|"
    r"NAME|PARAMETER|PATH|PREFIX|PROVIDER|REGION|ROTATION|SECONDS|SIZE|TABLE|TIMEOUT|TTL|TYPE|URI|URL|USAGE|VERSION)$",
    re.IGNORECASE,
)
"""How names end that say something about a secret, or where it is."""
REFERENCES = re.compile(r"^(arn:|/|https?://|ssm:|secretsmanager:)", re.IGNORECASE)
"""How values begin that point to a secret rather than being one."""
HARMLESS = re.compile(
    r"true|false|none|null|on|off|0|[1-9]\d{0,3}|\d+(ms|s|m|h|d)|P[0-9DTHMS]+|x-[a-z-]+|[a-z]{1,16}|[A-Z][a-z]*(-[A-Z][a-z]+)+",
)
"""Shapes of values that no secret has: switches, small numbers, durations, headers, single words."""
HEXADECIMAL = re.compile(r"[0-9a-f]+|[0-9A-F]+")
SECRET_VALUES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("an AWS access key", re.compile(r"\b(A3T[A-Z0-9]|ABIA|ACCA|AGPA|AIDA|AKIA|AROA|ASIA)[A-Z0-9]{16}\b")),
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY( BLOCK)?-----|PuTTY-User-Key-File-2")),
    ("a GitHub token", re.compile(r"\b(gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22,})\b")),
    ("a GitLab token", re.compile(r"\bgl(pat|dt|ft|ptt|rt|soat|cbt|imt|agent|oas)-[A-Za-z0-9_-]{20,}")),
    ("a Slack token", re.compile(r"\b(xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}")),
    ("a Stripe key", re.compile(r"\b[rsp]k_(live|test)_[A-Za-z0-9]{16,}")),
    ("a webhook's secret", re.compile(r"\bwhsec_[A-Za-z0-9+/=_-]{16,}")),
    ("a JSON web token", re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.")),
    ("a Slack webhook", re.compile(r"https://hooks\.slack\.com/(services|workflows)/\S+")),
    ("a Discord webhook", re.compile(r"https://(\w+\.)?discord(app)?\.com/api/webhooks/\d+/\S+")),
    ("a Teams webhook", re.compile(r"https://[\w.-]+\.webhook\.office\.com/\S+")),
    ("a Discord token", re.compile(r"\b[MNO][A-Za-z\d_-]{23,25}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27}\b")),
    ("a Telegram token", re.compile(r"^\d{8,10}:[0-9A-Za-z_-]{35}$")),
    ("a SendGrid key", re.compile(r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b")),
    ("a Twilio key", re.compile(r"\b(AC|SK)[0-9a-f]{32}\b")),
    ("a Mailchimp key", re.compile(r"\b[0-9a-f]{32}-us\d{1,2}\b")),
    ("an npm token", re.compile(r"\bnpm_[A-Za-z0-9]{36}\b|_authToken\s*=\s*\S{8,}")),
    ("a PyPI token", re.compile(r"\bpypi-AgE[A-Za-z0-9_-]{20,}")),
    ("an OpenAI key", re.compile(r"\bsk-[A-Za-z0-9_-]*[A-Za-z0-9]{20,}")),
    ("a Google key", re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b")),
    ("a Square secret", re.compile(r"\bsq0[a-z]{3}-[0-9A-Za-z_-]{22,}")),
    ("an Artifactory token", re.compile(r"\b(AKC[a-zA-Z0-9]{10,}|AP[0-9A-F][a-zA-Z0-9]{8,})\b")),
    ("a bearer token", re.compile(r"^\s*(bearer|basic|token)\s+[A-Za-z0-9._~+/=-]{12,}\s*$", re.IGNORECASE)),
    (
        "a connection string with a secret",
        re.compile(
            r"\b(password|pwd|accountkey|sharedaccesskey|sharedsecret|secretkey)\s*=\s*[^;\s]{3,}",
            re.IGNORECASE,
        ),
    ),
    (
        "an object with a secret",
        re.compile(
            r'"[^"]*(password|passwd|passphrase|secret|token|api_?key|private_?key)"\s*:\s*"[^"]+"',
            re.IGNORECASE,
        ),
    ),
    ("a URL with a password", re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@")),
)
AWS_SECRET = re.compile(r"(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")
BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
KEY_BYTES = (b"\x30\x82", b"\x30\x81", b"openssh-key-v1")
"""How keys begin in DER and in OpenSSH's format."""


def kind_of_secret(value: str) -> str:
    """Return what a value looks like, with its article; empty where it has no shape of a secret."""
    found = next((kind for kind, pattern in SECRET_VALUES if pattern.search(value)), "")
    return found or _aws_secret(value) or _encoded(value)


def _aws_secret(value: str) -> str:
    """Return an AWS secret key has 40 characters of mixed kind; a digest of 40 hexadecimal ones is none."""
    for found in AWS_SECRET.findall(value):
        kinds = (str.islower, str.isupper, lambda character: character in "0123456789/+")
        if all(any(map(kind, found)) for kind in kinds) and not HEXADECIMAL.fullmatch(found):
            return "an AWS secret key"
    return ""


def _encoded(value: str) -> str:
    """Return what the bytes look like that a value holds in base64."""
    packed = re.sub(r"\s+", "", value)
    if not BASE64.fullmatch(packed) or HEXADECIMAL.fullmatch(packed):
        return ""
    try:
        decoded = base64.b64decode(
            packed + "=" * (-len(packed) % 4), altchars=b"-_" if set(packed) & set("-_") else None
        )
    except (binascii.Error, ValueError):
        return ""
    if len(decoded) >= 100 and decoded.startswith(KEY_BYTES):
        return "a key in base64"
    try:
        inner = decoded.decode("ascii")
    except UnicodeDecodeError:
        return ""
    found = next((kind for kind, pattern in SECRET_VALUES if pattern.search(inner)), "")
    return f"{found} in base64" if found else ""


def could_be_secret(name: str, value: str) -> bool:
    """Return whether a variable is called like a secret and holds a value that could be one."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    if not value or REFERENCES.search(value) or ATTRIBUTES.search(words):
        return False
    if PASSWORD_NAMES.search(words):
        return True
    return bool(SECRET_NAMES.search(words)) and not HARMLESS.fullmatch(value)


def _check(props: Props) -> Iterator[str]:
    variables = block(block(props, "environment") or {}, "variables") or {}
    for name in variables:
        value = text(variables, name) or ""
        if kind := kind_of_secret(value):
            yield f"environment variable {name} looks like {kind}."
        elif could_be_secret(name, value):
            yield f"environment variable {name} is called like a secret and holds a value."


RULES = (
    PropertyRule(
        id="function-environment-secrets",
        severity=RuleSeverity.CRITICAL,
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
