"""The function's configuration: environment variables, read at import, refused with all mistakes together."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .contract import SCHEMA
from .payments import Limits

CURRENCIES = frozenset(SCHEMA["properties"]["currency"]["enum"])


def _match(pattern: str) -> Callable[[str], bool]:
    return lambda value: re.fullmatch(pattern, value) is not None


VARIABLES: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "TABLE_NAME": (_match(r"[A-Za-z0-9_.-]{3,255}"), "a DynamoDB table's name"),
    "TOPIC_ARN": (
        _match(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}"),
        "a standard topic's ARN",
    ),
    "VERIFICATION_QUEUE_ARN": (
        _match(r"arn:aws[a-z-]*:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}"),
        "a queue's ARN",
    ),
    "ENABLED_CURRENCIES": (
        lambda value: set(value.split(",")) <= CURRENCIES,
        "active ISO 4217 codes, comma-separated, such as EUR,USD",
    ),
    "MAXIMUM_AMOUNT": (_match("[1-9][0-9]{0,11}|10{12}"), "an integer of minor units, 1 to 1000000000000"),
    "ENVIRONMENT": (_match(r"[a-z][a-z0-9-]*"), "the environment's name, such as staging"),
    "LOG_LEVEL": (_match("DEBUG|INFO|WARNING|ERROR|CRITICAL"), "DEBUG, INFO, WARNING, ERROR or CRITICAL"),
    "POWERTOOLS_SERVICE_NAME": (_match(r"[A-Za-z0-9_.-]+"), "the service's name in logs and metrics"),
    "POWERTOOLS_METRICS_NAMESPACE": (_match(r"[A-Za-z0-9_.#/-]{1,255}"), "a CloudWatch namespace"),
}
"""Variable → whether a value will do, and which will, in words. Powertools reads its own by itself."""


class ConfigurationError(Exception):
    """The environment doesn't configure the function: names each wrong variable and what it must be."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What differs between deployments of this code."""

    table_name: str
    topic_arn: str
    verification_queue_arn: str
    limits: Limits
    environment: str
    log_level: str


def read(environ: Mapping[str, str]) -> Settings:
    """Read the settings. Raises ``ConfigurationError``."""
    values = {name: environ.get(name, "") for name in VARIABLES}
    wrong = [name for name, (fits, _) in VARIABLES.items() if not fits(values[name])]
    if wrong:
        problems = (f"{name} must be {VARIABLES[name][1]}, and is {values[name]!r}" for name in wrong)
        raise ConfigurationError("; ".join(problems))
    currencies = frozenset(values["ENABLED_CURRENCIES"].split(","))
    return Settings(
        table_name=values["TABLE_NAME"],
        topic_arn=values["TOPIC_ARN"],
        verification_queue_arn=values["VERIFICATION_QUEUE_ARN"],
        limits=Limits(enabled_currencies=currencies, maximum_amount=int(values["MAXIMUM_AMOUNT"])),
        environment=values["ENVIRONMENT"],
        log_level=values["LOG_LEVEL"],
    )
