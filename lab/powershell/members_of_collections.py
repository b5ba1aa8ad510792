"""Members of arrays, lists and hashtables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cmp_to_key

from lab.powershell.convert import elements, integer
from lab.powershell.faults import NetFault
from lab.powershell.operators import compare, equal
from lab.powershell.text import text_of
from lab.powershell.values import NOTHING, GenericList, Hashtable, PSObject

Members = Mapping[str, Callable[..., object]]


def entries(table: Hashtable) -> list[object]:
    """What `GetEnumerator()` gives: entries with Key, Value and Name."""
    return [
        PSObject({"Name": key, "Key": key, "Value": value}, type_name="System.Collections.DictionaryEntry")
        for key, value in table.items()
    ]


def _has(values: list[object], wanted: object) -> bool:
    return any(equal(item, wanted, True) for item in values)


def _position(values: list[object], wanted: object) -> int:
    return next((at for at, item in enumerate(values) if equal(item, wanted, True)), -1)


def _add(values: GenericList, item: object) -> object:
    values.append(item)
    return NOTHING


def _add_range(values: GenericList, items: object) -> object:
    values.extend(elements(items))
    return NOTHING


def _remove(values: GenericList, item: object) -> bool:
    at = _position(values, item)
    if at >= 0:
        del values[at]
    return at >= 0


def _remove_at(values: GenericList, at: object) -> object:
    if not 0 <= integer(at) < len(values):
        raise NetFault("Index was out of range.", "System.ArgumentOutOfRangeException")
    del values[integer(at)]
    return NOTHING


def _insert(values: GenericList, at: object, item: object) -> object:
    values.insert(integer(at), item)
    return NOTHING


def _clear(values: list[object] | Hashtable) -> object:
    values.clear()
    return NOTHING


def _sort(values: GenericList) -> object:
    values.sort(key=cmp_to_key(lambda one, two: compare(one, two, True)))
    return NOTHING


def _reverse(values: GenericList) -> object:
    values.reverse()
    return NOTHING


def _put(table: Hashtable, key: object, value: object) -> object:
    if key in table:
        message = f"Item has already been added. Key in dictionary: '{text_of(key)}'  Key being added: '{text_of(key)}'"
        raise NetFault(message, "System.ArgumentException")
    table[key] = value
    return NOTHING


def _drop(table: Hashtable, key: object) -> object:
    if key in table:
        del table[key]
    return NOTHING


def _clone(table: Hashtable) -> Hashtable:
    made = Hashtable(ordered=table.ordered)
    for key, value in table.items():
        made[key] = value
    return made


ARRAY_PROPERTIES: Members = {"length": len, "count": len, "rank": lambda _: 1, "longlength": len}
ARRAY_METHODS: Members = {
    "contains": _has,
    "indexof": _position,
    "clone": list,
    "getenumerator": list,
    "getvalue": lambda values, at: values[integer(at)],
}
BYTES_PROPERTIES: Members = {"length": len, "count": len}
BYTES_METHODS: Members = {"clone": bytearray}
LIST_PROPERTIES: Members = {"count": len}
LIST_METHODS: Members = {
    "add": _add,
    "addrange": _add_range,
    "remove": _remove,
    "removeat": _remove_at,
    "insert": _insert,
    "clear": _clear,
    "contains": _has,
    "indexof": _position,
    "toarray": list,
    "sort": _sort,
    "reverse": _reverse,
    "getenumerator": list,
}
HASHTABLE_PROPERTIES: Members = {
    "count": len,
    "keys": lambda table: list(table.keys()),
    "values": lambda table: list(table.values()),
}
HASHTABLE_METHODS: Members = {
    "containskey": lambda table, key: key in table,
    "contains": lambda table, key: key in table,
    "containsvalue": lambda table, value: _has(list(table.values()), value),
    "add": _put,
    "remove": _drop,
    "clear": _clear,
    "clone": _clone,
    "getenumerator": entries,
}
