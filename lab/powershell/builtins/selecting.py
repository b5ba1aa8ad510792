"""Selecting, sorting, grouping and comparing objects."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cmp_to_key

from lab.powershell.builtins.shared import engine_of
from lab.powershell.cmdlet import CmdletCall, cmdlet
from lab.powershell.commands import CommandRunner
from lab.powershell.convert import collected, elements, truth
from lab.powershell.errors import Unsupported
from lab.powershell.members import properties_of, property_of
from lab.powershell.operators import compare, equal
from lab.powershell.patterns import has_wildcards, wildcard, wildcard_any
from lab.powershell.scopes import ScriptBlock
from lab.powershell.text import text_of
from lab.powershell.values import Hashtable, PSObject, is_null


def calculated(engine: CommandRunner, item: object, wanted: object) -> tuple[str, object]:
    """The name and value of one -Property: a name, a script block, or `@{ Name = ...; Expression = ... }`."""
    if isinstance(wanted, ScriptBlock):
        return str(wanted).strip(), collected(engine.invoke(wanted, item, ()))
    if isinstance(wanted, Hashtable):
        keys = {text_of(key).lower(): key for key in wanted}
        label = next((keys[key] for key in keys if "name".startswith(key) or "label".startswith(key)), None)
        expression = next((keys[key] for key in keys if "expression".startswith(key)), None)
        if expression is None:
            raise Unsupported("a calculated property without Expression")
        name, value = calculated(engine, item, wanted[expression])
        made = None if is_null(value) else value
        return (text_of(wanted[label]) if label is not None else name), made
    name = text_of(wanted)
    found, value = property_of(item, name)
    if isinstance(item, PSObject) and found:
        name = next((own for own in item.properties if own.lower() == name.lower()), name)
    return name, value


def _chosen(engine: CommandRunner, item: object, wanted: list[object], excluded: object) -> PSObject:
    made = PSObject()
    drop = wildcard_any(excluded)
    for one in wanted or ["*"]:
        if isinstance(one, str) and has_wildcards(one):
            pairs = [(name, value) for name, value in properties_of(item).items() if wildcard(one)(name)]
        else:
            pairs = [calculated(engine, item, one)]
        for name, value in pairs:
            if not drop(name):
                made.properties[name] = value
    return made


def _bounded(call: CmdletCall, items: list[object]) -> list[object]:
    if call.given("Index"):
        wanted = [int(str(one)) for one in elements(call.get("Index"))]
        return [items[at] for at in wanted if at < len(items)]
    items = items[call.integer("Skip") :]
    if call.given("SkipLast"):
        items = items[: max(len(items) - call.integer("SkipLast"), 0)]
    first, last = call.integer("First"), call.integer("Last")
    if call.given("First") and call.given("Last"):
        return items if first + last >= len(items) else items[:first] + items[len(items) - last :]
    if call.given("First"):
        return items[:first]
    return items[max(len(items) - last, 0) :] if call.given("Last") else items


@cmdlet(
    "Select-Object",
    positional=["Property"],
    named=[
        "InputObject",
        "First:int",
        "Last:int",
        "Skip:int",
        "SkipLast:int",
        "Index",
        "ExpandProperty:string",
        "ExcludeProperty",
    ],
    switches=["Unique"],
    pipeline="InputObject",
)
def select_object(call: CmdletCall) -> Iterator[object]:
    """Some of the objects, or some of their properties."""
    engine = engine_of(call)
    seen: list[object] = []
    wanted = elements(call.get("Property")) if call.given("Property") else []
    for item in _bounded(call, call.items("InputObject")):
        made = item
        if call.given("ExpandProperty"):
            name = call.text("ExpandProperty")
            found, made = property_of(item, name)
            if not found:
                call.error(
                    f'Property "{name}" cannot be found.', category="InvalidArgument", error_id="ExpandPropertyNotFound"
                )
                continue
        elif wanted or call.given("ExcludeProperty"):
            made = _chosen(engine, item, wanted, call.get("ExcludeProperty", []))
        for one in elements(made) if call.given("ExpandProperty") else [made]:
            if call.switch("Unique"):
                key = properties_of(one) if isinstance(one, PSObject) else one
                if any(key == other if isinstance(key, dict) else equal(key, other, True) for other in seen):
                    continue
                seen.append(key)
            yield one


def _order(engine: CommandRunner, call: CmdletCall, one: object, two: object) -> int:
    wanted = elements(call.get("Property")) if call.given("Property") else [None]
    for name in wanted:
        down = call.switch("Descending")
        if isinstance(name, Hashtable):
            down = truth(name.get("Descending", down))
        left = one if name is None else calculated(engine, one, name)[1]
        right = two if name is None else calculated(engine, two, name)[1]
        order = compare(left, right, call.switch("CaseSensitive"))
        if order:
            return -order if down else order
    return 0


@cmdlet(
    "Sort-Object",
    positional=["Property"],
    named=["InputObject"],
    switches=["Descending", "Unique", "CaseSensitive"],
    pipeline="InputObject",
)
def sort_object(call: CmdletCall) -> Iterator[object]:
    """The objects in order."""
    engine = engine_of(call)
    items = [item for item in call.items("InputObject") if not is_null(item)]
    ordered = sorted(items, key=cmp_to_key(lambda one, two: _order(engine, call, one, two)))
    last: list[object] = []
    for item in ordered:
        if call.switch("Unique") and last and _order(engine, call, last[0], item) == 0:
            continue
        last = [item]
        yield item


@cmdlet(
    "Group-Object",
    positional=["Property"],
    named=["InputObject"],
    switches=["AsHashTable", "AsString", "NoElement"],
    pipeline="InputObject",
)
def group_object(call: CmdletCall) -> Iterator[object]:
    """The objects by the value of a property."""
    engine = engine_of(call)
    groups: list[tuple[object, list[object]]] = []
    for item in call.items("InputObject"):
        key = calculated(engine, item, call.get("Property"))[1] if call.given("Property") else item
        members = next((found for name, found in groups if equal(name, key, False)), None)
        if members is None:
            members = []
            groups.append((key, members))
        members.append(item)
    if call.switch("AsHashTable"):
        table = Hashtable()
        for key, members in groups:
            table[text_of(key) if call.switch("AsString") else key] = members
        yield table
        return
    for key, members in groups:
        properties = {"Count": len(members), "Name": text_of(key), "Group": members, "Values": [key]}
        yield PSObject(properties, type_name="Microsoft.PowerShell.Commands.GroupInfo")


@cmdlet(
    "Compare-Object",
    positional=["ReferenceObject", "DifferenceObject"],
    named=["Property"],
    switches=["IncludeEqual", "ExcludeDifferent", "PassThru", "CaseSensitive"],
    mandatory=["ReferenceObject", "DifferenceObject"],
)
def compare_object(call: CmdletCall) -> Iterator[object]:
    """What only one of two lists holds; values are compared as a whole."""
    if call.given("Property") or call.switch("PassThru"):
        raise Unsupported("Compare-Object by property")
    case = call.switch("CaseSensitive")
    left, right = elements(call.get("ReferenceObject")), elements(call.get("DifferenceObject"))
    rest = list(left)
    same: list[object] = []
    added: list[object] = []
    for item in right:
        at = next((index for index, other in enumerate(rest) if equal(other, item, case)), None)
        (added if at is None else same).append(item)
        if at is not None:
            del rest[at]
    sides = [(same, "==")] if call.switch("IncludeEqual") else []
    if not call.switch("ExcludeDifferent"):
        sides += [(added, "=>"), (rest, "<=")]
    for items, side in sides:
        for item in items:
            yield PSObject({"InputObject": item, "SideIndicator": side})


CMDLETS = (select_object, sort_object, group_object, compare_object)
