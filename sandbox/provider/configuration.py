"""The provider's configuration: which account and region, whose rights, which tags on everything."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sandbox.provider.checking import check
from sandbox.provider.errors import ConfigurationError
from sandbox.provider.schema import Failure, Kind, Property, arn, between
from sandbox.provider.wire import UNKNOWN, Properties

_ASSUMED_ROLE = {
    "roleArn": Property(required=True, rule=arn),
    "externalId": Property(),
    "sessionName": Property(),
    "duration": Property(),
    "policy": Property(kind=Kind.DOCUMENT),
    "sourceIdentity": Property(),
}

PROPERTIES: Mapping[str, Property] = {
    "region": Property(replaces=True),
    "accessKey": Property(),
    "secretKey": Property(),
    "token": Property(),
    "profile": Property(),
    "assumeRoles": Property(kind=Kind.BLOCKS, fields=_ASSUMED_ROLE),
    "allowedAccountIds": Property(kind=Kind.STRINGS, unordered=True),
    "forbiddenAccountIds": Property(kind=Kind.STRINGS, unordered=True),
    "defaultTags": Property(kind=Kind.BLOCK, fields={"tags": Property(kind=Kind.MAP)}),
    "endpoints": Property(kind=Kind.BLOCKS),
    "maxRetries": Property(kind=Kind.INTEGER, rule=between(0, 100)),
    # Accepted because the AWS plugin's SDK writes them; they mean nothing to a local AWS.
    "skipCredentialsValidation": Property(kind=Kind.BOOLEAN),
    "skipMetadataApiCheck": Property(kind=Kind.BOOLEAN),
    "skipRegionValidation": Property(kind=Kind.BOOLEAN),
    "skipRequestingAccountId": Property(kind=Kind.BOOLEAN),
    "s3UsePathStyle": Property(kind=Kind.BOOLEAN),
}

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_NESTED = (Kind.BLOCK, Kind.BLOCKS, Kind.STRINGS, Kind.MAP, Kind.BOOLEAN, Kind.INTEGER)


@dataclass(frozen=True, kw_only=True)
class Role:
    """A role to assume before anything else."""

    arn: str
    session_name: str
    external_id: str | None = None
    duration_seconds: int | None = None
    policy: str | None = None


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """The configuration of one provider instance, validated."""

    region: str
    access_key: str | None = None
    secret_key: str | None = None
    token: str | None = None
    profile: str | None = None
    roles: tuple[Role, ...] = ()
    allowed_account_ids: tuple[str, ...] = ()
    forbidden_account_ids: tuple[str, ...] = ()
    default_tags: Mapping[str, str]
    endpoints: Mapping[str, str]
    """Endpoint URL by service, in boto3's spelling; services not listed use AWS_ENDPOINT_URL."""
    max_retries: int = 2


def decode(arguments: Properties) -> Properties:
    """The configuration with nested values as values: the engine sends whatever is no string as JSON text.

    A program that writes a plain dict rather than an Args class sends its keys as written, in snake_case,
    and the AWS plugin understands both spellings.
    """
    decoded: Properties = {}
    for name, value in arguments.items():
        each = PROPERTIES.get(name)
        if each is not None and each.kind in _NESTED and isinstance(value, str):
            with suppress(ValueError):  # checking says what is wrong with it
                value = json.loads(value)
            decoded[name] = _camel(value) if each.kind is Kind.BLOCKS else value
        elif name not in ("version", "pluginDownloadURL"):
            decoded[name] = value
    return decoded


def _camel(blocks: Any) -> Any:
    if not isinstance(blocks, list):
        return blocks
    return [
        {re.sub(r"_(\w)", lambda match: match[1].upper(), key): value for key, value in each.items()}
        if isinstance(each, dict)
        else each
        for each in blocks
    ]


def problems(arguments: Properties) -> list[Failure]:
    """Everything that is wrong with decoded arguments."""
    values = {name: value for name, value in arguments.items() if value is not UNKNOWN}
    endpoints = values.pop("endpoints", None)
    _, failures = check(PROPERTIES, values)
    for entry in endpoints or []:
        failures.extend(
            Failure(f"endpoints.{service}", not_local(url))
            for service, url in entry.items()
            if isinstance(url, str) and not is_loopback(url)
        )
    return failures


def parse(arguments: Properties, environment: Mapping[str, str]) -> Configuration:
    """The configuration from decoded arguments and the process's environment.

    Raises ConfigurationError when a value is refused, no region is known, or AWS would be the real one.
    """
    failures = problems(arguments)
    region = arguments.get("region") or environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    if not region:
        failures.append(Failure("region", "missing: set the provider's region, or AWS_REGION"))
    endpoints = {
        service.lower(): url
        for entry in arguments.get("endpoints") or []
        for service, url in entry.items()
        if url
    }
    url = environment.get("AWS_ENDPOINT_URL", "")
    if not endpoints and not is_loopback(url):
        failures.append(Failure("endpoints", not_local(url)))
    if failures:
        raise ConfigurationError(failures)
    return Configuration(
        region=str(region),
        access_key=arguments.get("accessKey"),
        secret_key=arguments.get("secretKey"),
        token=arguments.get("token"),
        profile=arguments.get("profile"),
        roles=tuple(_role(role) for role in arguments.get("assumeRoles") or []),
        allowed_account_ids=tuple(arguments.get("allowedAccountIds") or ()),
        forbidden_account_ids=tuple(arguments.get("forbiddenAccountIds") or ()),
        default_tags=(arguments.get("defaultTags") or {}).get("tags") or {},
        endpoints=endpoints,
        max_retries=int(arguments.get("maxRetries", 2)),
    )


def is_loopback(url: str) -> bool:
    """Whether the URL names this machine."""
    return urlsplit(url).hostname in _LOOPBACK


def not_local(url: str) -> str:
    """Why an endpoint is refused, and what to do."""
    return (
        f"the sandbox's aws provider only talks to a local AWS, not to {url or 'the real one'}: "
        "set AWS_ENDPOINT_URL (or the provider's endpoints) to moto's address, such as http://127.0.0.1:5000"
    )


def _role(role: Mapping[str, Any]) -> Role:
    return Role(
        arn=role["roleArn"],
        session_name=role.get("sessionName") or "pulumi",
        external_id=role.get("externalId"),
        duration_seconds=_seconds(role["duration"]) if role.get("duration") else None,
        policy=role.get("policy"),
    )


def _seconds(duration: str) -> int:
    """Seconds of a Go duration such as `1h`, `1h30m` or `900s`."""
    units = {"h": 3600, "m": 60, "s": 1}
    total, digits = 0, ""
    for character in duration:
        if character.isdigit():
            digits += character
        elif character in units and digits:
            total, digits = total + int(digits) * units[character], ""
        else:
            raise ConfigurationError(
                [Failure("assumeRoles", f"{duration!r} is no duration such as 1h or 30m")]
            )
    return total
