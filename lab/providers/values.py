"""Property values as the engine sends them, in Python: JSON values, and the few things JSON does not have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from google.protobuf.struct_pb2 import ListValue, NullValue, Struct, Value

PropertyValue: TypeAlias = Any
"""None, bool, int, float, str, list, dict, Secret, UNKNOWN, or an asset (a dict that bears a signature)."""
Properties: TypeAlias = dict[str, PropertyValue]

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a signature of the protocol
_ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
_ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
# One for each type that an unknown may have; the engine tells them apart, a provider has no need to.
_UNKNOWNS: Final = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)


class Unknown:
    """A value that only the update itself will know. There is one, UNKNOWN."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that the engine encrypts in the state and hides in what it prints."""

    value: Any

    def __repr__(self) -> str:
        return "Secret(...)"


def is_asset(value: object) -> bool:
    """Return whether the value is a file, text or URL given as a Pulumi asset."""
    return isinstance(value, dict) and value.get(_SIGNATURE) == _ASSET


def is_archive(value: object) -> bool:
    """Return whether the value is a folder or archive given as a Pulumi archive."""
    return isinstance(value, dict) and value.get(_SIGNATURE) == _ARCHIVE


def _decode(value: Value) -> PropertyValue:  # noqa: PLR0911 - one for each kind
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value in _UNKNOWNS else value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [_decode(item) for item in value.list_value.values]
    if kind == "struct_value":
        fields = value.struct_value.fields
        if _SIGNATURE in fields and fields[_SIGNATURE].string_value == _SECRET:
            return Secret(_decode(fields["value"]))
        return {key: _decode(item) for key, item in fields.items()}
    return None


def _encode(value: PropertyValue) -> Value:  # noqa: PLR0911 - one for each kind
    if value is None:
        return Value(null_value=NullValue.NULL_VALUE)
    if isinstance(value, bool):
        return Value(bool_value=value)
    if isinstance(value, int | float):
        return Value(number_value=value)
    if isinstance(value, str):
        return Value(string_value=value)
    if isinstance(value, Unknown):
        return Value(string_value="04da6b54-80e4-46f7-96ec-b56ff0331ba9")
    if isinstance(value, Secret):
        fields = {_SIGNATURE: Value(string_value=_SECRET), "value": _encode(value.value)}
        return Value(struct_value=Struct(fields=fields))
    if isinstance(value, Mapping):
        return Value(struct_value=to_struct(value))
    if isinstance(value, list | tuple):
        return Value(list_value=ListValue(values=[_encode(item) for item in value]))
    raise TypeError(f"no property value can hold a {type(value).__name__}")


def from_struct(struct: Struct) -> Properties:
    """Return what the engine sent; whole numbers become int, as JSON APIs want them."""
    return {key: _decode(value) for key, value in struct.fields.items()}


def to_struct(properties: Mapping[str, Any]) -> Struct:
    """Return the wire form of properties. Raises TypeError for a value it cannot carry."""
    return Struct(fields={key: _encode(value) for key, value in properties.items()})


def plain(value: PropertyValue) -> PropertyValue:
    """Return the value with every secret in it laid open."""
    if isinstance(value, Secret):
        return plain(value.value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def has_unknown(value: PropertyValue) -> bool:
    """Return whether the value is unknown or holds something that is."""
    if isinstance(value, Secret):
        return has_unknown(value.value)
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return isinstance(value, Unknown)


def has_secret(value: PropertyValue) -> bool:
    """Return whether the value is secret or holds something that is."""
    if isinstance(value, dict):
        return any(has_secret(item) for item in value.values())
    if isinstance(value, list):
        return any(has_secret(item) for item in value)
    return isinstance(value, Secret)


def same(old: PropertyValue, new: PropertyValue) -> bool:
    """Return whether two values are equal to the engine: assets by their hash, secrets only to secrets."""
    for kind in (is_asset, is_archive):
        if kind(old) or kind(new):
            return kind(old) and kind(new) and old.get("hash") == new.get("hash")
    if isinstance(old, Unknown) or isinstance(new, Unknown):
        return False
    if isinstance(old, dict) and isinstance(new, dict):
        keys = {key for key in (*old, *new) if old.get(key) is not None or new.get(key) is not None}
        return all(same(old.get(key), new.get(key)) for key in keys)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(same, old, new))
    if isinstance(old, Secret) and isinstance(new, Secret):
        return same(old.value, new.value)
    return type(old) is type(new) and bool(old == new)
