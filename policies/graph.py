"""The resources of a stack and who refers to whom: by ARN, id, URL or name, or by what a property was made
from."""

import json
from collections.abc import Iterator, Mapping, Sequence

from policies.properties import Props, UnknownPropertyError, known
from policies.resource import CheckedResource

IDENTIFIERS = ("arn", "id", "url", "name", "bucket", "defaultRouteTableId", "defaultSecurityGroupId")
"""The outputs by which other resources refer to one; the last two are how what a VPC comes with is named."""


class Graph:
    """All resources of a stack; empty while resources are looked at one by one.

    Relations are indexed once, so that asking every resource about its relations stays linear.
    """

    def __init__(self, resources: Sequence[CheckedResource] = ()) -> None:
        self.resources = tuple(resources)
        self._by_urn = {resource.urn: resource for resource in self.resources}
        self._by_type: dict[str, list[CheckedResource]] = {}
        self._by_identifier: dict[tuple[str, str], CheckedResource] = {}
        self._referring: dict[
            tuple[str, str, str], tuple[dict[str, list[CheckedResource]], UnknownPropertyError | None]
        ] = {}
        for resource in self.resources:
            self._by_type.setdefault(resource.type, []).append(resource)
            for key in IDENTIFIERS:
                value = _peek(resource.props, key)
                if isinstance(value, str):
                    self._by_identifier.setdefault((resource.type, value), resource)

    def of(self, *types: str) -> Iterator[CheckedResource]:
        """Yield the resources of the types."""
        for kind in types:
            yield from self._by_type.get(kind, ())

    def linked(self, resource: CheckedResource, key: str, *types: str) -> list[CheckedResource]:
        """Return the resources of `types` that the property `key` refers to, each once.

        What the property says decides. Where it can't be known yet, the resources that it was computed from
        do; where the engine can't tell those either, raises `UnknownPropertyError`.
        """
        try:
            mentioned = list(strings(resource.props, key))
        except UnknownPropertyError:
            if not resource.links.get(key):
                raise
            made_from = (self._by_urn.get(urn) for urn in resource.links[key])
            return [other for other in made_from if other is not None and other.type in types]
        matches = (self._named(value, kind) for value in mentioned for kind in types)
        return list({match.urn: match for match in matches if match is not None}.values())

    def referring(self, target: CheckedResource, key: str, *types: str) -> list[CheckedResource]:
        """Return the resources of `types` whose property `key` refers to `target`.

        Raises `UnknownPropertyError` if none is known to, and one of them might.
        """
        found: list[CheckedResource] = []
        unknown = None
        for kind in types:
            index, reason = self._references(kind, key, target.type)
            found += index.get(target.urn, [])
            unknown = unknown or reason
        if not found and unknown is not None:
            raise unknown
        return found

    def _references(
        self, kind: str, key: str, target_type: str
    ) -> tuple[dict[str, list[CheckedResource]], UnknownPropertyError | None]:
        """URN of each target to those of a type that refer to it, and whether one of them can't tell."""
        question = (kind, key, target_type)
        if question not in self._referring:
            index: dict[str, list[CheckedResource]] = {}
            unknown = None
            for candidate in self.of(kind):
                try:
                    for other in self.linked(candidate, key, target_type):
                        index.setdefault(other.urn, []).append(candidate)
                except UnknownPropertyError as reason:
                    unknown = UnknownPropertyError(f"{candidate.name}.{reason.path}")
            self._referring[question] = (index, unknown)
        return self._referring[question]

    def _named(self, value: str, kind: str) -> CheckedResource | None:
        """The resource of a type that a value names; where ARNs aren't known, an ARN's last part names it."""
        if value.startswith("arn:") and value.split(":")[5:6] == ["function"]:
            value = ":".join(value.split(":")[:7])  # without a version or an alias
        found = self._by_identifier.get((kind, value))
        if found is None and value.startswith("arn:"):
            name = value.rpartition(":")[2].rpartition("/")[2]
            found = self._by_identifier.get((kind, name))
            if found is not None and _peek(found.props, "arn") is not None:
                return None
        return found


def strings(props: Props, key: str) -> Iterator[str]:
    """Yield every string in a property, also within the JSON that a string holds.

    Raises UnknownPropertyError at an unknown one.
    """
    yield from _strings(key, props.get(key))


def _strings(path: str, value: object) -> Iterator[str]:
    value = known(path, value)
    if isinstance(value, str):
        yield value
        if value[:1] in {"{", "["}:
            try:
                parsed = json.loads(value)
            except ValueError:
                return
            yield from _strings(path, parsed)
    elif isinstance(value, Mapping):
        for key in value:
            yield from _strings(f"{path}.{key}", value[key])
    elif isinstance(value, Sequence):
        for index, element in enumerate(value):
            yield from _strings(f"{path}.{index}", element)


def _peek(props: Props, key: str) -> object:
    """Return a property that may be unknown, which then counts as absent."""
    try:
        return known(key, props.get(key))
    except UnknownPropertyError:
        return None
