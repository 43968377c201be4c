"""Tags: a resource's own, and those that the provider puts on everything (`defaultTags`)."""

from collections.abc import Mapping

from sandbox.provider.wire import UNKNOWN, Value, contains_unknown


def merged(defaults: Mapping[str, str], tags: Value) -> Value:
    """All tags that a resource will carry (`tagsAll`): its own win. Unknown when one of them is."""
    if tags is UNKNOWN or contains_unknown(tags):
        return UNKNOWN
    return {**defaults, **{name: text for name, text in (tags or {}).items() if not name.startswith("__")}}


def own(defaults: Mapping[str, str], actual: Mapping[str, str], written: Value) -> dict[str, str]:
    """The resource's own tags (`tags`), from all that it carries and those that its program wrote."""
    written = written if isinstance(written, dict) else {}
    return {name: text for name, text in actual.items() if name in written or defaults.get(name) != text}


def difference(actual: Mapping[str, str], wanted: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The tags to set and the names of those to remove."""
    put = {name: text for name, text in wanted.items() if actual.get(name) != text}
    return put, sorted(actual.keys() - wanted.keys())
