"""The part of JSON schema that the pack's settings use, so that the pack needs no further package."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_TYPES: Mapping[str, tuple[type, ...]] = {
    "array": (list, tuple),
    "object": (Mapping,),
    "string": (str,),
    "boolean": (bool,),
    "number": (int, float),
    "integer": (int, float),
}


def validate(value: object, schema: Mapping[str, Any], path: str) -> list[str]:
    """Return every way in which a value doesn't fit its schema, each with its path."""
    return list(_problems(value, schema, path))


def _problems(value: object, schema: Mapping[str, Any], path: str) -> Iterator[str]:
    kind = schema.get("type")
    if kind and (not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        yield f"{path} must be of type {kind}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path} must be one of {', '.join(map(str, schema['enum']))}"
    if isinstance(value, str):
        if len(value) < schema.get("minLength", 0):
            yield f"{path} needs at least {schema['minLength']} characters"
        if "pattern" in schema and not re.search(schema["pattern"], value):
            yield f"{path} must match {schema['pattern']}"
    if isinstance(value, int | float) and value < schema.get("minimum", value):
        yield f"{path} must be at least {schema['minimum']}"
    if isinstance(value, list | tuple) and "items" in schema:
        for index, element in enumerate(value):
            yield from _problems(element, schema["items"], f"{path}.{index}")
    if isinstance(value, Mapping):
        yield from _object_misfits(value, schema, path)


def _object_misfits(value: Mapping[Any, Any], schema: Mapping[str, Any], path: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{path} needs {name}"
    others = schema.get("additionalProperties", True)
    for name, element in value.items():
        if name in properties:
            yield from _problems(element, properties[name], f"{path}.{name}")
        elif others is False:
            yield f"{path}.{name} is not known here"
        elif isinstance(others, Mapping):
            yield from _problems(element, others, f"{path}.{name}")
