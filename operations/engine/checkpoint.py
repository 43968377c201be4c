"""Judges a stack's checkpoint before the engine gets it: what in it would run code or call out.

Whoever writes a state directs the engine of everybody who reads it: it starts the providers that the state
names, from the places that it names, configures them as it says, and opens secrets where it says.
"""

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

PROVIDERS = "pulumi:providers:"
ENGINE_TYPES = frozenset({"pulumi:pulumi:Stack", "pulumi:pulumi:StackReference"})
"""Resource types that the engine itself keeps."""
PASSPHRASE = "passphrase"  # noqa: S105  the name of a kind of secrets provider
FORBIDDEN = frozenset({"plugindownloadurl", "pluginchecksums", "parameterization"})
"""Provider inputs, in lower case, that say what plugin is fetched, from where, or what becomes of it."""


@dataclass(frozen=True, kw_only=True)
class AllowedProvider:
    """A package whose resources states may hold."""

    versions: frozenset[str]
    settings: frozenset[str]
    """Provider settings that a state may hold. Others lead to other endpoints, files or credentials."""


ENGINE_PACKAGE = "pulumi"
ENGINES_OWN = AllowedProvider(versions=frozenset(), settings=frozenset())
"""The provider of stack references, which is a part of the engine and no plugin."""
INTERNAL, VERSION = "__internal", "version"

EARLIER_AWS: tuple[str, ...] = ()
"""Versions of pulumi-aws that states may still hold.

A commit that raises the version adds the previous one; it is removed once every environment was deployed."""

ALLOWED: Mapping[str, AllowedProvider] = {
    "aws": AllowedProvider(
        versions=frozenset({version("pulumi-aws"), *EARLIER_AWS}),
        settings=frozenset(
            {
                "allowedAccountIds",
                "assumeRoles",
                "defaultTags",
                "region",
                "skipCredentialsValidation",
                "skipRegionValidation",
            }
        ),
    ),
}
"""By package. A type of another package, such as a dynamic provider's, is refused."""


def read_checkpoint(content: bytes) -> Any:
    """The document in a file of the backend, which may be compressed. Raises ValueError."""
    try:
        return json.loads(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content)
    except (OSError, EOFError, RecursionError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from error


def judge(
    document: Any, *, secrets: frozenset[str], allowed: Mapping[str, AllowedProvider] = ALLOWED
) -> list[str]:
    """What the engine must not be given, a line each; empty where the checkpoint may be used.

    `secrets` holds the URLs of the secrets providers that are declared for the stack, or `passphrase`.
    """
    if not isinstance(document, Mapping) or not isinstance(document.get("checkpoint"), Mapping):
        return ["it is not a checkpoint"]
    latest = document["checkpoint"].get("latest")
    if latest is None:
        return []
    if not isinstance(latest, Mapping):
        return ["it is not a checkpoint"]
    return list(dict.fromkeys([*_secrets(latest, secrets), *_resources(latest, allowed)]))


def _secrets(latest: Mapping[str, Any], declared: frozenset[str]) -> Iterator[str]:
    found = latest.get("secrets_providers")
    if not found:
        return
    kind = found.get("type") if isinstance(found, Mapping) else None
    state = (found.get("state") if isinstance(found, Mapping) else None) or {}
    if kind == PASSPHRASE and PASSPHRASE in declared:
        return
    url = state.get("url") if isinstance(state, Mapping) else None
    if kind == "cloud" and url in declared:
        return
    named = f"{kind} {url}" if url else str(kind)
    yield f"its secrets provider is {named}, and declared is {' or '.join(sorted(declared)) or 'none'}"


def _resources(latest: Mapping[str, Any], allowed: Mapping[str, AllowedProvider]) -> Iterator[str]:
    for part in ("resources", "pending_operations"):
        entries = latest.get(part) or []
        if not isinstance(entries, list):
            yield f"its {part} are not a list"
            continue
        for entry in entries:
            resource = entry.get("resource") if part != "resources" and isinstance(entry, Mapping) else entry
            if isinstance(resource, Mapping) and isinstance(resource.get("type"), str):
                yield from _resource(resource, allowed)
            else:
                yield f"its {part} hold an entry that is not a resource"


def _resource(resource: Mapping[str, Any], allowed: Mapping[str, AllowedProvider]) -> Iterator[str]:
    type_, name = resource["type"], str(resource.get("urn", "")).rpartition("::")[2]
    if type_.startswith(PROVIDERS):
        yield from _provider(resource, type_.removeprefix(PROVIDERS), name, allowed)
    elif resource.get("custom") and type_ not in ENGINE_TYPES and type_.partition(":")[0] not in allowed:
        yield f"{name} is of type {type_}: states hold resources of {', '.join(sorted(allowed))} alone"
    provider = resource.get("provider")
    if provider and not _is_of(str(provider), allowed):
        yield f"{name} names the provider {provider}, which is not allowed"


def _is_of(provider: str, allowed: Mapping[str, AllowedProvider]) -> bool:
    """Whether a reference `URN::ID` is to a provider of an allowed package."""
    package = provider.rpartition("::")[0].rpartition("::")[0].rpartition(PROVIDERS)[2]
    return package in allowed or package == ENGINE_PACKAGE


def _provider(
    resource: Mapping[str, Any], package: str, name: str, allowed: Mapping[str, AllowedProvider]
) -> Iterator[str]:
    parts = [resource.get("inputs") or {}, resource.get("outputs") or {}]
    if not all(isinstance(part, Mapping) for part in parts):
        yield f"the provider {name} has properties that are not a mapping"
    elif package != ENGINE_PACKAGE and package not in allowed:
        yield f"the provider {name} is of package {package}: allowed are {', '.join(sorted(allowed))}"
    else:
        for part in parts:
            yield from _plugin(part, name)
            yield from _settings(part, package, name, allowed)


def _plugin(part: Mapping[str, Any], name: str) -> Iterator[str]:
    forbidden = sorted(key for key in _keys(part) if key.lower() in FORBIDDEN)
    for key in forbidden:
        yield f"the provider {name} has {key}: plugins come from set-up alone"
    if part.get(INTERNAL) and not forbidden:
        yield f"the provider {name} has internal settings: {part[INTERNAL]}"


def _settings(
    part: Mapping[str, Any], package: str, name: str, allowed: Mapping[str, AllowedProvider]
) -> Iterator[str]:
    known = allowed.get(package, ENGINES_OWN)
    given = part.get(VERSION)
    if given and known.versions and given not in known.versions:
        yield f"the provider {name} is {package} {given}: pinned is {', '.join(sorted(known.versions))}"
    for key in sorted(set(map(str, part)) - known.settings - {INTERNAL, VERSION}):
        if key.lower() not in FORBIDDEN:
            yield f"the provider {name} has the setting {key}, which no program here sets"


def _keys(value: Any) -> Iterator[str]:
    """All keys, those of nested documents included, and of JSON in text."""
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield str(key)
            yield from _keys(member)
    elif isinstance(value, list):
        for member in value:
            yield from _keys(member)
