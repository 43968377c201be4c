"""How a rule reads a resource's properties: typed, never crashing on a wrong type, never guessing an unknown.

Properties are plain JSON here: the adapter unwraps the engine's proxies, whose lists never equal a list.
Numbers from the engine are floats, and any property may be absent, null, of a wrong type or unknown. Each
reader returns `None` (or nothing) for absent and null, and raises MalformedPropertyError or
UnknownPropertyError for the other two, so that a rule can't mistake one for the other.
"""

from collections.abc import Mapping, Sequence
from typing import Any

type_names = {bool: "a boolean", int: "a number", float: "a number", str: "a string"}

UNKNOWN_SENTINELS = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # string
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
"""What stands for a value that is not known before the update, in Pulumi's wire format and in its JSON."""

REDACTED = "[secret]"
"""What `pulumi policy analyze --file` puts in place of a secret, whatever its type."""

SECRET_KEY = "4dabf18193072939515e22adb298388d"  # noqa: S105  the wire format's marker of a secret, not a secret
"""The key under which the wire format and an export mark an object as a secret, an asset or an archive."""

Props = Mapping[str, Any]
"""A resource's properties in the engine's spelling (camelCase)."""


class MalformedPropertyError(Exception):
    """A property has a type that AWS would not accept; the evaluation turns it into a violation."""

    def __init__(self, key: str, expected: str, found: object) -> None:
        super().__init__(f"{key} must be {expected}, but it is {describe(found)}.")


class UnknownPropertyError(Exception):
    """A property can't be known yet (or is an encrypted secret); `path` names it."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} is not known yet")
        self.path = path


def describe(found: object) -> str:
    """Return a value's type in words, for messages that must not repeat a possible secret."""
    if isinstance(found, Mapping):
        return "an object"
    if is_sequence(found):
        return "a list"
    return type_names.get(type(found), f"a {type(found).__name__}")


def is_sequence(found: object) -> bool:
    """Return whether a value is a list, also where the engine's proxy stands for it."""
    return isinstance(found, Sequence) and not isinstance(found, str | bytes)


def known(path: str, found: object) -> Any:
    """Return the value itself, or `UnknownPropertyError` if it stands for one that can't be read yet."""
    if isinstance(found, str) and (found in UNKNOWN_SENTINELS or found == REDACTED):
        raise UnknownPropertyError(path)
    if isinstance(found, Mapping) and SECRET_KEY in found and "ciphertext" in found:
        raise UnknownPropertyError(path)
    return found


def read(props: Props, key: str) -> Any:
    """Return the raw value of `key`; `None` where it is absent or null."""
    return known(key, props.get(key))


def text(props: Props, key: str) -> str | None:
    """Return a string."""
    found = read(props, key)
    if found is None or isinstance(found, str):
        return found
    raise MalformedPropertyError(key, "a string", found)


def number(props: Props, key: str) -> float | None:
    """Return a number; digits in a string count, since the AWS provider converts them."""
    found = read(props, key)
    if found is None:
        return None
    if isinstance(found, int | float) and not isinstance(found, bool):
        return found
    if isinstance(found, str):
        try:
            return float(found)
        except ValueError:
            pass
    raise MalformedPropertyError(key, "a number", found)


def flag(props: Props, key: str) -> bool | None:
    """Return a boolean; "true" and "false" count, since the AWS provider converts them."""
    found = read(props, key)
    if found is None or isinstance(found, bool):
        return found
    if isinstance(found, str) and found.lower() in {"true", "false"}:
        return found.lower() == "true"
    raise MalformedPropertyError(key, "true or false", found)


def block(props: Props, key: str) -> Props | None:
    """A nested object. A list of one object counts: that is how the AWS schema spells a single block."""
    found = read(props, key)
    if found is None or isinstance(found, Mapping):
        return found
    if is_sequence(found) and len(found) <= 1:
        inner = known(key, found[0]) if len(found) else None
        if inner is None or isinstance(inner, Mapping):
            return inner
    raise MalformedPropertyError(key, "an object", found)


def items(props: Props, key: str) -> list[Any]:
    """Return a list, each element known; empty where the property is absent or null."""
    found = read(props, key)
    if found is None:
        return []
    if not is_sequence(found):
        raise MalformedPropertyError(key, "a list", found)
    return [known(f"{key}.{index}", found[index]) for index in range(len(found))]


def texts(props: Props, key: str) -> list[str]:
    """Return a list of strings."""
    found = items(props, key)
    for element in found:
        if not isinstance(element, str):
            raise MalformedPropertyError(key, "a list of strings", element)
    return found


def blocks(props: Props, key: str) -> list[Props]:
    """Return a list of objects; a single object counts as a list of one."""
    found = read(props, key)
    if isinstance(found, Mapping):
        return [found]
    nested = items(props, key)
    for element in nested:
        if not isinstance(element, Mapping):
            raise MalformedPropertyError(key, "a list of objects", element)
    return nested


def size(props: Props, key: str) -> int:
    """How many elements a list has, which can be known where the elements are not; 0 where it is absent."""
    found = read(props, key)
    if found is None:
        return 0
    if not is_sequence(found):
        raise MalformedPropertyError(key, "a list", found)
    return len(found)


def whole(found: float) -> str:
    """Return a number as people write it: 512, not 512.0."""
    return str(int(found)) if float(found).is_integer() else str(found)
