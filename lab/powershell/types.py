"""What is an instance of a .NET type, and casts."""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from lab.powershell import convert, type_names
from lab.powershell.errors import Unsupported
from lab.powershell.faults import AUTOMATION, is_kind_of
from lab.powershell.syntax import TypeName
from lab.powershell.text import text_of
from lab.powershell.values import (
    NOTHING,
    Char,
    EnumValue,
    ErrorRecord,
    GenericList,
    Hashtable,
    NetException,
    NetType,
    PSObject,
    SizedInteger,
    Version,
    is_null,
)

_PYTHON: tuple[tuple[type, str], ...] = (
    (bool, "System.Boolean"),
    (Char, "System.Char"),
    (str, "System.String"),
    (float, "System.Double"),
    (Decimal, "System.Decimal"),
    (GenericList, "System.Collections.Generic.List`1"),
    (list, "System.Object[]"),
    (bytearray, "System.Byte[]"),
    (datetime, "System.DateTime"),
    (timedelta, "System.TimeSpan"),
    (ErrorRecord, f"{AUTOMATION}.ErrorRecord"),
    (NetType, "System.RuntimeType"),
    (Version, "System.Version"),
    (uuid.UUID, "System.Guid"),
    (ipaddress.IPv4Address, "System.Net.IPAddress"),
    (ipaddress.IPv6Address, "System.Net.IPAddress"),
)


def type_of(value: object) -> str:
    """The full name of a value's type."""
    if isinstance(value, EnumValue | SizedInteger | PSObject | NetException):
        return value.type_name
    if isinstance(value, Hashtable):
        return type_names.ACCELERATORS["ordered" if value.ordered else "hashtable"]
    if isinstance(value, int) and not isinstance(value, bool):
        return "System.Int32" if -(1 << 31) <= value < 1 << 31 else "System.Int64"
    for python, name in _PYTHON:
        if isinstance(value, python):
            return name
    name = getattr(value, "type_name", "")
    if not name:
        raise Unsupported(f"a value of the Python type {type(value).__name__}")
    return str(name)


def is_instance(value: object, wanted: str) -> bool:
    """`value -is [wanted]`; `wanted` in full."""
    if is_null(value):
        return False
    if wanted in _KINDS:
        return _KINDS[wanted](value)
    if wanted.endswith("[]"):
        plain = isinstance(value, list) and not isinstance(value, GenericList)
        return type_of(value) == wanted or (plain and wanted == "System.Object[]")
    actual = type_of(value)
    return actual.partition("[")[0] == wanted.partition("[")[0] or is_kind_of(actual, wanted)


_KINDS: dict[str, Callable[[object], bool]] = {
    "System.Object": lambda _: True,
    "System.Array": lambda value: convert.is_array(value) and not isinstance(value, GenericList),
    "System.Enum": lambda value: isinstance(value, EnumValue),
    "System.Collections.IEnumerable": lambda value: isinstance(value, list | bytearray | str | Hashtable),
    "System.Collections.IList": lambda value: isinstance(value, list | bytearray),
    "System.Collections.IDictionary": lambda value: isinstance(value, Hashtable),
    "System.Type": lambda value: isinstance(value, NetType),
    "System.Exception": lambda value: isinstance(value, NetException),
    f"{AUTOMATION}.PSCustomObject": lambda value: isinstance(value, PSObject),
    f"{AUTOMATION}.SwitchParameter": lambda value: isinstance(value, bool),
}


def _char(value: object) -> Char:
    if isinstance(value, int) and not isinstance(value, bool):
        return Char(chr(value))
    text = text_of(value)
    if len(text) != 1:
        raise convert.cannot_convert(value, "System.Char", "String must be exactly one character long.")
    return Char(text)


def _integer(name: str) -> convert.Converter:
    bits, signed = type_names.INTEGERS[name]

    def make(value: object) -> object:
        made = convert.integer(value, name, bits, signed=signed)
        return made if name in ("System.Int32", "System.Int64") else SizedInteger(made, name)

    return make


def _custom_object(value: object) -> object:
    if isinstance(value, Hashtable):
        return PSObject({text_of(key): item for key, item in value.items()})
    return value


def _guid(value: object) -> uuid.UUID:
    try:
        return uuid.UUID(text_of(value))
    except ValueError as error:
        raise convert.cannot_convert(value, "System.Guid", "Unrecognized Guid format.") from error


def _address(value: object) -> object:
    try:
        return ipaddress.ip_address(text_of(value))
    except ValueError as error:
        reason = "An invalid IP address was specified."
        raise convert.cannot_convert(value, "System.Net.IPAddress", reason) from error


def _decimal(value: object) -> Decimal:
    try:
        return Decimal(text_of(value) or "0")
    except InvalidOperation as error:
        raise convert.cannot_convert(value, "System.Decimal", "Input string was not in a correct format.") from error


def _switch(value: object) -> bool:
    if isinstance(value, str):
        raise convert.cannot_convert(value, f"{AUTOMATION}.SwitchParameter")
    return convert.truth(value)


_CONVERTERS: dict[str, convert.Converter] = {
    "System.Object": lambda value: value,
    "System.Void": lambda _: NOTHING,
    "System.String": lambda value: value if type(value) is str else text_of(value),
    "System.Boolean": convert.truth,
    f"{AUTOMATION}.SwitchParameter": _switch,
    **{name: _integer(name) for name in type_names.INTEGERS},
    "System.Double": lambda value: float(convert.number(value)),
    "System.Single": lambda value: float(convert.number(value)),
    "System.Decimal": _decimal,
    "System.Char": _char,
    "System.DateTime": convert.date,
    "System.TimeSpan": convert.timespan,
    "System.Version": convert.version,
    "System.Guid": _guid,
    "System.Net.IPAddress": _address,
    "System.Array": lambda value: value if convert.is_array(value) else [value],
    "System.Collections.Hashtable": convert.hashtable,
    "System.Collections.IDictionary": convert.hashtable,
    f"{AUTOMATION}.PSCustomObject": _custom_object,
    "System.Type": lambda value: (
        value
        if isinstance(value, NetType)
        else NetType(type_names.full_name(type_names.parse_type_name(text_of(value))))
    ),
    "System.Collections.ArrayList": lambda value: GenericList(convert.elements(value)),
    "System.Collections.Generic.List`1": lambda value: GenericList(convert.elements(value)),
}
_NULL_STAYS = {"System.Collections.Hashtable", "System.Version", "System.Net.IPAddress", "System.Type", "System.Array"}
_NULL_STAYS |= {f"{AUTOMATION}.ScriptBlock", "System.Object", "System.Collections.IDictionary", "System.Uri"}


def add_converter(name: str, converter: convert.Converter) -> None:
    """Add the cast of a type that another module models."""
    _CONVERTERS[name] = converter


def cast(value: object, name: TypeName) -> object:
    """`[name] value`."""
    wanted = type_names.full_name(name)
    if name.array:
        return _cast_array(value, TypeName(name.name, name.arguments))
    if wanted.startswith("System.Nullable"):
        return None if is_null(value) else cast(value, name.arguments[0])
    base = wanted.partition("[")[0]
    if is_null(value) and base in _NULL_STAYS:
        return None
    if base not in _CONVERTERS:
        if is_instance(value, wanted):
            return value
        raise Unsupported(f"a cast of {type_of(value) if not is_null(value) else '$null'} to [{name}]")
    if isinstance(value, list) and len(value) == 1 and base not in _WHOLE:
        value = value[0]
    elif isinstance(value, list) and base not in _WHOLE:
        raise convert.cannot_convert(value, wanted)
    return _CONVERTERS[base](value)


_WHOLE = {"System.Object", "System.String", "System.Boolean", "System.Array", "System.Void"}
_WHOLE |= {"System.Collections.ArrayList", "System.Collections.Generic.List`1", f"{AUTOMATION}.PSCustomObject"}


def _cast_array(value: object, item: TypeName) -> object:
    if is_null(value):
        return None
    if type_names.resolve(item.name) == "System.Byte":
        if isinstance(value, bytearray):
            return value
        return bytearray(convert.integer(one, "System.Byte", 8, signed=False) for one in convert.elements(value))
    return [cast(one, item) for one in convert.elements(value)]
