"""The function's settings, read from environment variables at import. All mistakes are reported together."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .contract import FIELDS
from .payments import Limits

CURRENCIES = "|".join(FIELDS["currency"]["enum"])
AMOUNT = f"({CURRENCIES}):(10{{12}}|[1-9][0-9]{{0,11}})"

# fmt: off
VARIABLES: Mapping[str, tuple[str, str]] = {
    "TABLE_NAME": ("[A-Za-z0-9_.-]{3,255}", "a DynamoDB table's name"),
    "TOPIC_ARN": ("arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}", "a standard topic's ARN"),
    "VERIFICATION_QUEUE_ARN": (
        "arn:aws[a-z-]*:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}", "a standard queue's ARN"
    ),
    "ACCOUNT_KEY_TABLE": ("([A-Za-z0-9_.-]{3,255})?", "a DynamoDB table's name, or empty for none"),
    "MAXIMUM_AMOUNTS": (
        f"{AMOUNT}(,{AMOUNT})*", "1 to 1000000000000 minor units per ISO 4217 code, such as EUR:100,JPY:9"
    ),
    "NEAR_DUPLICATE_SECONDS": ("[0-9]{1,7}", "seconds, 0 for none"),
    "RETENTION_DAYS": ("[0-9]{1,5}", "days, 0 for ever"),
    "ENVIRONMENT": ("[a-z][a-z0-9-]*", "the environment's name, such as staging"),
    "LOG_LEVEL": ("DEBUG|INFO|WARNING|ERROR|CRITICAL", "DEBUG, INFO, WARNING, ERROR or CRITICAL"),
    "POWERTOOLS_SERVICE_NAME": ("[A-Za-z0-9_.-]+", "the service's name in logs and metrics"),
    "POWERTOOLS_METRICS_NAMESPACE": ("[A-Za-z0-9_.#/-]{1,255}", "a CloudWatch namespace"),
}
"""Variable → pattern and description of valid values. Powertools reads its own variables."""
# fmt: on


class ConfigurationError(Exception):
    """Environment variables are missing or invalid; the message names each and its valid values."""


@dataclass(frozen=True, kw_only=True)
class WorkerSettings:
    """The settings of one deployment."""

    table_name: str
    account_key_table: str  # empty: account references are stored as they are
    topic_arn: str
    verification_queue_arn: str
    limits: Limits
    ledger: Mapping[str, int]
    environment: str
    log_level: str


def read(environ: Mapping[str, str]) -> WorkerSettings:
    """Read the settings. Raises ``ConfigurationError``."""
    values = {name: environ.get(name, "") for name in VARIABLES}
    wrong = [name for name, (pattern, _) in VARIABLES.items() if not re.fullmatch(pattern, values[name])]
    if wrong:
        problems = (f"{name} must be {VARIABLES[name][1]}, and is {values[name]!r}" for name in wrong)
        raise ConfigurationError("; ".join(problems))
    amounts = {amount[0]: int(amount[1]) for amount in re.findall(AMOUNT, values["MAXIMUM_AMOUNTS"])}
    numbers = {name.lower(): int(values[name]) for name in ("NEAR_DUPLICATE_SECONDS", "RETENTION_DAYS")}
    fields = WorkerSettings.__annotations__
    texts = {name: values[name.upper()] for name in fields if fields[name] is str}
    return WorkerSettings(**texts, limits=amounts, ledger=numbers)
