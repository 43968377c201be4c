"""Property values between protobuf `Struct`s and plain Python.

The provider declines secrets, outputs and resource references in `Configure`, so the engine sends only plain
values, assets and archives, and puts the secret mark back on the properties that had it. What is left is
JSON plus unknown values during a preview.
"""

from collections.abc import Mapping
from typing import Any

from google.protobuf import struct_pb2  # type: ignore[import-untyped]  # published without types

#: The string that the engine sends for a value that a preview cannot know yet.
UNKNOWN_SIGNATURE = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

#: The key and value that mark a map as an archive (a folder, a zip, or a set of assets).
SIGNATURE_KEY = "4dabf18193072939515e22adb298388d"
ARCHIVE_SIGNATURE = "0def7320c3a5731c473e5ecbe6d01bc7"
ASSET_SIGNATURE = "c44067f5952c0a294b673a41bacd8c17"

Value = Any  # a JSON value, or Unknown; protobuf's own stubs say no more
Properties = dict[str, Value]


class Unknown:
    """A value that is only known after the update. There is one, `UNKNOWN`; compare with `is`."""

    def __repr__(self) -> str:
        return "unknown until the update"

    def __deepcopy__(self, _memo: dict[int, Any]) -> "Unknown":
        return self


UNKNOWN = Unknown()


def contains_unknown(value: Value) -> bool:
    """Whether the value is unknown or holds an unknown value at any depth."""
    if isinstance(value, Mapping):
        return any(contains_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(contains_unknown(item) for item in value)
    return value is UNKNOWN


def from_struct(struct: struct_pb2.Struct) -> Properties:
    """Plain Python from a Struct: whole numbers become int, nulls are left out, unknowns become `UNKNOWN`."""
    values = {key: _from_value(value) for key, value in struct.fields.items()}
    return {key: value for key, value in values.items() if value is not None}


def _from_value(value: struct_pb2.Value) -> Value:
    kind = value.WhichOneof("kind")
    match kind:
        case "string_value":
            return UNKNOWN if value.string_value == UNKNOWN_SIGNATURE else value.string_value
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "bool_value":
            return value.bool_value
        case "struct_value":
            return from_struct(value.struct_value)
        case "list_value":
            return [_from_value(item) for item in value.list_value.values]
        case _:
            return None


def to_struct(properties: Mapping[str, Value]) -> struct_pb2.Struct:
    """A Struct from plain Python; entries that are None are left out."""
    return struct_pb2.Struct(
        fields={key: _to_value(value) for key, value in properties.items() if value is not None}
    )


def _to_value(value: Value) -> struct_pb2.Value:
    if value is UNKNOWN:
        return struct_pb2.Value(string_value=UNKNOWN_SIGNATURE)
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, int | float):
        return struct_pb2.Value(number_value=value)
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    if isinstance(value, Mapping):
        return struct_pb2.Value(struct_value=to_struct(value))
    if isinstance(value, list | tuple):
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[_to_value(item) for item in value]))
    raise TypeError(f"a {type(value).__name__} is no property value: {value!r}")
