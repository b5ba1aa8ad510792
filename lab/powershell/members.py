"""Properties and methods of instances, by the kind of value; what is not listed here is refused."""

from __future__ import annotations

import inspect
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address

from lab.powershell.errors import Unsupported
from lab.powershell.members_of_collections import (
    ARRAY_METHODS,
    ARRAY_PROPERTIES,
    BYTES_METHODS,
    BYTES_PROPERTIES,
    HASHTABLE_METHODS,
    HASHTABLE_PROPERTIES,
    LIST_METHODS,
    LIST_PROPERTIES,
)
from lab.powershell.members_of_strings import STRING_METHODS, STRING_PROPERTIES
from lab.powershell.members_of_time import DATE_METHODS, DATE_PROPERTIES, SPAN_METHODS, SPAN_PROPERTIES
from lab.powershell.operators import compare, equal
from lab.powershell.text import format_value, text_of
from lab.powershell.types import type_of
from lab.powershell.values import (
    NOTHING,
    Computed,
    ErrorRecord,
    GenericList,
    Hashtable,
    NetException,
    NetType,
    PSObject,
    Version,
)

Getter = Callable[..., object]
Table = Mapping[str, Getter]


def _category(record: ErrorRecord) -> PSObject:
    return PSObject(
        {
            "Category": record.category,
            "Activity": record.activity,
            "Reason": record.exception.type_name.rpartition(".")[2],
        },
        type_name="System.Management.Automation.ErrorCategoryInfo",
        text=f"{record.category}: ({text_of(record.target)}:) [{record.activity}], {record.exception.type_name}",
    )


def _invocation(record: ErrorRecord) -> PSObject:
    return PSObject(
        {
            "ScriptName": record.script,
            "ScriptLineNumber": record.line,
            "Line": record.source,
            "PositionMessage": record.position,
            "MyCommand": record.activity,
        },
        type_name="System.Management.Automation.InvocationInfo",
    )


RECORD_PROPERTIES: Table = {
    "exception": lambda record: record.exception,
    "fullyqualifiederrorid": lambda record: record.error_id,
    "categoryinfo": _category,
    "invocationinfo": _invocation,
    "targetobject": lambda record: record.target,
    "scriptstacktrace": lambda record: f"at <ScriptBlock>, {record.script}: line {record.line}",
    "errordetails": lambda _: None,
}


def _base_exception(value: NetException) -> NetException:
    while value.inner:
        value = value.inner
    return value


EXCEPTION_PROPERTIES: Table = {
    "message": lambda value: value.message,
    "innerexception": lambda value: value.inner,
    "stacktrace": lambda _: "",
    "hresult": lambda value: value.data.get("HResult", -2146233088),
}

_PROPERTIES: tuple[tuple[type, Table], ...] = (
    (bool, {"ispresent": lambda value: value}),
    (str, STRING_PROPERTIES),
    (GenericList, LIST_PROPERTIES),
    (list, ARRAY_PROPERTIES),
    (bytearray, BYTES_PROPERTIES),
    (Hashtable, HASHTABLE_PROPERTIES),
    (datetime, DATE_PROPERTIES),
    (timedelta, SPAN_PROPERTIES),
    (ErrorRecord, RECORD_PROPERTIES),
    (NetException, EXCEPTION_PROPERTIES),
    (
        NetType,
        {
            "name": lambda value: value.name,
            "fullname": lambda value: value.full_name,
            "namespace": lambda value: value.full_name.rpartition(".")[0],
        },
    ),
    (
        Version,
        {
            "major": lambda value: value.major,
            "minor": lambda value: value.minor,
            "build": lambda value: value.build,
            "revision": lambda value: value.revision,
        },
    ),
    (
        IPv4Address,
        {"addressfamily": lambda _: "InterNetwork", "ipaddresstostring": str},
    ),
    (IPv6Address, {"addressfamily": lambda _: "InterNetworkV6", "ipaddresstostring": str}),
    (uuid.UUID, {"guid": str}),
)

_ADDRESS_METHODS: Table = {"getaddressbytes": lambda value: bytearray(value.packed)}
_METHODS: tuple[tuple[type, Table], ...] = (
    (str, STRING_METHODS),
    (GenericList, LIST_METHODS),
    (list, ARRAY_METHODS),
    (bytearray, BYTES_METHODS),
    (Hashtable, HASHTABLE_METHODS),
    (datetime, DATE_METHODS),
    (timedelta, SPAN_METHODS),
    (NetException, {"getbaseexception": _base_exception}),
    (IPv4Address, _ADDRESS_METHODS),
    (IPv6Address, _ADDRESS_METHODS),
    (int, {}),
    (float, {}),
    (Decimal, {}),
)


def _to_string(value: object, *arguments: object) -> str:
    if isinstance(value, uuid.UUID) and arguments:
        if text_of(arguments[0]).upper() == "N":
            return value.hex
        raise Unsupported(f"the guid format '{text_of(arguments[0])}'")
    if isinstance(value, datetime) or arguments:
        return format_value(value, text_of(arguments[0]) if arguments else "")
    return text_of(value)


_COMMON: Table = {
    "gettype": lambda value: NetType(type_of(value)),
    "tostring": _to_string,
    "equals": lambda value, other: equal(value, other, True),
    "compareto": lambda value, other: compare(value, other, True),
    "gethashcode": lambda value: hash(text_of(value)) & 0x7FFFFFFF,
}


def property_of(value: object, name: str) -> tuple[bool, object]:  # noqa: PLR0911 - one rule per kind of value
    """Whether a value has a property, and what it is. Arrays are not searched for their elements' properties."""
    if isinstance(value, PSObject):
        return _object_property(value, name)
    if isinstance(value, Hashtable) and name in value:
        return True, value[name]
    if isinstance(value, NetException) and name in value.data:
        return True, value.data[name]
    for python, table in _PROPERTIES:
        if isinstance(value, python) and name.lower() in table:
            return True, table[name.lower()](value)
    if name.lower() == "psobject":
        return True, _psobject(value)
    own = getattr(value, "net_properties", None)
    if isinstance(own, Mapping) and name.lower() in own:
        return True, own[name.lower()](value)
    return False, None


def _object_property(value: PSObject, name: str) -> tuple[bool, object]:
    if name in value.properties:
        found = value.properties[name]
        return True, found.read() if isinstance(found, Computed) else found
    if name.lower() == "psobject":
        return True, _psobject(value)
    return False, None


def properties_of(value: object) -> dict[str, object]:
    """All properties of a custom object, in order."""
    if isinstance(value, PSObject):
        return {name: _object_property(value, name)[1] for name in value.properties}
    if isinstance(value, Hashtable):
        return {text_of(key): item for key, item in value.items()}
    for python, table in _PROPERTIES:
        if isinstance(value, python):
            return {name: getter(value) for name, getter in table.items()}
    return {}


def _psobject(value: object) -> PSObject:
    if not isinstance(value, PSObject):
        raise Unsupported(f"PSObject of a [{type_of(value)}], whose properties are not what it holds")
    entries = [
        PSObject(
            {"Name": name, "Value": item, "MemberType": "NoteProperty"},
            type_name="System.Management.Automation.PSNoteProperty",
        )
        for name, item in properties_of(value).items()
    ]
    by_name = {text_of(entry.properties["Name"]): entry for entry in entries}

    def remove(name: object) -> object:
        if isinstance(value, PSObject) and text_of(name) in value.properties:
            del value.properties[text_of(name)]
        return NOTHING

    return PSObject(
        {"Properties": PropertyBag(entries, by_name, remove), "TypeNames": [type_of(value)]},
        type_name="System.Management.Automation.PSObject",
    )


class PropertyBag(GenericList):
    """`$x.PSObject.Properties`: a list that is also indexed by name."""

    def __init__(
        self, entries: list[PSObject], by_name: dict[str, PSObject], remove: Callable[[object], object]
    ) -> None:
        super().__init__(entries)
        self.by_name = {name.lower(): entry for name, entry in by_name.items()}
        self.remove_property = remove


def call_method(value: object, name: str, arguments: list[object]) -> object:
    """Call a method. Raises NetFault, or Unsupported for one that is not modelled."""
    lowered = name.lower()
    if isinstance(value, PropertyBag) and lowered == "remove":
        return value.remove_property(*arguments)
    if isinstance(value, PSObject) and lowered in value.methods:
        made = call(value.methods[lowered], arguments, name)
        return NOTHING if made is None else made
    own = getattr(value, "net_methods", None)
    if isinstance(own, Mapping) and lowered in own:
        return call(own[lowered], [value, *arguments], name)
    for python, table in _METHODS:
        if isinstance(value, python) and lowered in table:
            return call(table[lowered], [value, *arguments], name)
    if lowered in _COMMON:
        return call(_COMMON[lowered], [value, *arguments], name)
    raise Unsupported(f"the method '{name}' of [{type_of(value)}]")


def call(function: Getter, arguments: list[object], name: str) -> object:
    """Call a Python function for a .NET one; a wrong number of arguments is an overload that is not modelled."""
    try:
        inspect.signature(function).bind(*arguments)
    except TypeError as error:
        raise Unsupported(f"the overload of '{name}' with these {len(arguments)} arguments") from error
    except ValueError:
        pass
    return function(*arguments)
