"""The tags that a resource will carry: its own, and those that its provider adds to every resource."""

import json
from collections.abc import Mapping
from typing import Any

from policies.properties import MalformedPropertyError, Props, block, known, read
from policies.resource import CheckedResource


def effective_tags(resource: CheckedResource) -> dict[str, Any]:
    """Return the provider's default tags with the resource's own over them; a null tag counts as absent."""
    found = default_tags(resource)
    for key in ("tagsAll", "tags"):
        found |= block(resource.props, key) or {}
    return {name: known(f"tags.{name}", value) for name, value in found.items() if value is not None}


def default_tags(resource: CheckedResource) -> dict[str, Any]:
    """Return the tags that the provider adds."""
    if resource.provider is None:
        return {}
    found = nested(resource.provider.props, "defaultTags")
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise MalformedPropertyError("provider: defaultTags", "an object", found)
    return dict(block(found, "tags") or {})


def nested(props: Props, key: str) -> Any:
    """Return a nested property of a provider, which the engine hands over as a JSON string."""
    found = read(props, key)
    if not isinstance(found, str):
        return found
    try:
        return json.loads(found)
    except ValueError:
        return found
