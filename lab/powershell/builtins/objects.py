"""Making objects, and cmdlets that work on each object of a pipeline."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator

from lab.powershell import type_names, types
from lab.powershell.builtins.shared import engine_of
from lab.powershell.cmdlet import CmdletCall, cmdlet
from lab.powershell.convert import collected, elements, integer, truth
from lab.powershell.errors import Unsupported
from lab.powershell.faults import fault
from lab.powershell.members import properties_of, property_of
from lab.powershell.operators import apply
from lab.powershell.scopes import ScriptBlock
from lab.powershell.text import text_of
from lab.powershell.values import Hashtable, PSObject, is_null


@cmdlet(
    "ForEach-Object",
    positional=["Process"],
    named=["Begin", "End", "MemberName:string", "InputObject"],
    remaining="ArgumentList",
    pipeline="InputObject",
)
def for_each_object(call: CmdletCall) -> Iterator[object]:
    """`ForEach-Object Name`: a member of each object. The form with script blocks never comes here."""
    engine = engine_of(call)
    name = text_of(call.get("MemberName", call.get("Process")))
    if isinstance(call.get("Process"), ScriptBlock) or call.given("Begin"):
        raise Unsupported("this form of ForEach-Object")
    for item in call.items("InputObject"):
        found, value = property_of(item, name)
        if not found and not is_null(item):
            value = engine.method(item, name, elements(call.get("ArgumentList", [])))
        yield from elements(value)


_COMPARISONS = [
    "EQ",
    "NE",
    "GT",
    "GE",
    "LT",
    "LE",
    "Like",
    "NotLike",
    "Match",
    "NotMatch",
    "Contains",
    "NotContains",
    "In",
]
_COMPARISONS += ["NotIn", "CEQ", "CNE", "CLike", "CMatch", "Is", "IsNot"]


@cmdlet(
    "Where-Object",
    positional=["Property", "Value"],
    named=["FilterScript", "InputObject"],
    switches=[*_COMPARISONS, "Not"],
    pipeline="InputObject",
)
def where_object(call: CmdletCall) -> Iterator[object]:
    """`Where-Object Name -eq value`. The form with a script block never comes here."""
    engine = engine_of(call)
    chosen = [name for name in _COMPARISONS if call.switch(name)]
    if isinstance(call.get("Property"), ScriptBlock) or call.given("FilterScript") or len(chosen) > 1:
        raise Unsupported("this form of Where-Object")
    for item in call.items("InputObject"):
        value = engine.property(item, text_of(call.get("Property")))
        holds = truth(apply(f"-{chosen[0].lower()}", value, call.get("Value"))) if chosen else truth(value)
        if holds != call.switch("Not"):
            yield item


@cmdlet("New-Object", positional=["TypeName:string", "ArgumentList"], named=["Property:hashtable", "ComObject:string"])
def new_object(call: CmdletCall) -> Iterator[object]:
    """Make an object."""
    engine = engine_of(call)
    if call.given("ComObject"):
        raise Unsupported("New-Object -ComObject")
    name = type_names.full_name(type_names.parse_type_name(call.text("TypeName")))
    arguments = elements(call.get("ArgumentList")) if call.given("ArgumentList") else []
    extra = call.get("Property")
    if name == type_names.ACCELERATORS["pscustomobject"]:
        yield PSObject(properties_of(extra) if extra else {})
        return
    if extra is not None:
        raise Unsupported(f"New-Object {name} -Property")
    yield engine.guarded(".ctor", len(arguments), lambda: engine.statics.make(name, arguments))


@cmdlet(
    "Add-Member",
    positional=["NotePropertyName", "NotePropertyValue"],
    named=["InputObject", "MemberType:string", "Name:string", "Value", "NotePropertyMembers:hashtable"],
    switches=["Force", "PassThru"],
    pipeline="InputObject",
    aliases={"Type": "MemberType"},
)
def add_member(call: CmdletCall) -> Iterator[object]:
    """Add note properties, or a method in PowerShell."""
    if call.text("MemberType").lower() == "scriptmethod":
        yield from _add_method(call)
        return
    additions: dict[str, object] = {}
    first = call.get("NotePropertyName")
    members = call.get("NotePropertyMembers", first if isinstance(first, Hashtable) else None)
    if isinstance(members, Hashtable):
        additions = {text_of(key): value for key, value in members.items()}
    elif call.given("Name") or call.given("MemberType"):
        if call.text("MemberType", text_of(first)).lower() != "noteproperty":
            raise Unsupported("Add-Member for anything else than a NoteProperty")
        additions = {call.text("Name"): call.get("Value")}
    else:
        additions = {text_of(first): call.get("NotePropertyValue")}
    for item in call.items("InputObject"):
        if not isinstance(item, PSObject):
            raise Unsupported(f"Add-Member to a [{types.type_of(item)}]")
        for name, value in additions.items():
            if name in item.properties and not call.switch("Force"):
                call.error(
                    f'Cannot add a member with the name "{name}" because a member with that name already exists.'
                )
                continue
            item.properties[name] = value
        if call.switch("PassThru"):
            yield item


def _add_method(call: CmdletCall) -> Iterator[object]:
    engine, block = engine_of(call), call.get("Value")
    if not isinstance(block, ScriptBlock):
        raise call.fail("The value of a ScriptMethod must be a script block.", category="InvalidArgument")
    for item in call.items("InputObject"):
        if not isinstance(item, PSObject):
            raise Unsupported(f"Add-Member to a [{types.type_of(item)}]")

        def method(*arguments: object, this: object = item) -> object:
            made = engine.call_block(block, list(arguments), this)
            return made[0] if len(made) == 1 else made or None

        item.methods[call.text("Name").lower()] = method
        if call.switch("PassThru"):
            yield item


@cmdlet("Get-Member", positional=["Name:string[]"], named=["InputObject", "MemberType:string"], pipeline="InputObject")
def get_member(call: CmdletCall) -> Iterator[object]:
    """The properties of the first object, in the order of their names."""
    for item in call.items("InputObject")[:1]:
        names = [text_of(name).lower() for name in elements(call.get("Name", []))]
        for name in sorted(properties_of(item), key=str.lower):
            if not names or name.lower() in names:
                properties = {"Name": name, "MemberType": "NoteProperty", "TypeName": types.type_of(item)}
                yield PSObject(properties, type_name="Microsoft.PowerShell.Commands.MemberDefinition")


def _numbers(call: CmdletCall) -> list[object]:
    name = call.get("Property")
    items = call.items("InputObject")
    if name is None:
        return items
    found = (property_of(item, text_of(name)) for item in items)
    return [value for has, value in found if has]


@cmdlet(
    "Measure-Object",
    positional=["Property"],
    named=["InputObject"],
    switches=["Sum", "Average", "Maximum", "Minimum"],
    pipeline="InputObject",
)
def measure_object(call: CmdletCall) -> Iterator[object]:
    """Count and sum."""
    values = _numbers(call)
    total: object = 0
    for value in values if call.switch("Sum") or call.switch("Average") else []:
        total = apply("+", total, value)
    ordered = sorted((value for value in values if isinstance(value, int | float)), key=float)
    wants_order = call.switch("Maximum") or call.switch("Minimum")
    if wants_order and len(ordered) != len(values):
        raise Unsupported("Measure-Object of values that are not numbers")
    yield PSObject(
        {
            "Count": len(values),
            "Average": apply("/", total, len(values)) if call.switch("Average") and values else None,
            "Sum": total if call.switch("Sum") and values else None,
            "Maximum": ordered[-1] if call.switch("Maximum") and ordered else None,
            "Minimum": ordered[0] if call.switch("Minimum") and ordered else None,
            "Property": call.get("Property"),
        },
        type_name="Microsoft.PowerShell.Commands.GenericMeasureInfo",
    )


@cmdlet("Get-Random", positional=["Maximum"], named=["Minimum", "InputObject", "Count:int"], pipeline="InputObject")
def get_random(call: CmdletCall) -> Iterator[object]:
    """A number below -Maximum, or some of the objects."""
    if call.piped or call.given("InputObject"):
        items = call.items("InputObject")
        for _ in range(min(call.integer("Count", 1), len(items))):
            yield items.pop(secrets.randbelow(len(items)))
        return
    low, high = integer(call.get("Minimum", 0)), integer(call.get("Maximum", 0x7FFFFFFF))
    if low >= high:
        raise fault("The Minimum value must be lower than the Maximum value.", "MinGreaterThanOrEqualMax")
    yield low + secrets.randbelow(high - low)


@cmdlet("New-Guid")
def new_guid(_call: CmdletCall) -> Iterator[object]:
    """A new GUID."""
    yield uuid.uuid4()


@cmdlet("Invoke-Expression", positional=["Command"])
def invoke_expression(_call: CmdletCall) -> None:
    """Refused, always."""
    raise Unsupported("Invoke-Expression, which no script here may use")


@cmdlet("Invoke-Command", positional=["ScriptBlock"], named=["ArgumentList", "ComputerName"])
def invoke_command(call: CmdletCall) -> Iterator[object]:
    """Run a script block here; never elsewhere."""
    block = call.get("ScriptBlock")
    if call.given("ComputerName") or not isinstance(block, ScriptBlock):
        raise Unsupported("Invoke-Command on another computer")
    yield from elements(collected(engine_of(call).call_block(block, elements(call.get("ArgumentList", [])))))


CMDLETS = (
    for_each_object,
    where_object,
    new_object,
    add_member,
    get_member,
    measure_object,
    get_random,
    new_guid,
    invoke_expression,
    invoke_command,
)
