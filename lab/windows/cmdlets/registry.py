"""Item cmdlets on the registry drives; the interpreter calls them where a path is one of the registry's."""

from __future__ import annotations

from collections.abc import Iterator

from lab.powershell.cmdlet import CmdletCall, catalogue, cmdlet
from lab.powershell.values import Method, PSObject
from lab.windows.cmdlets.machine_of import machine_of, texts
from lab.windows.registry import FILE_NOT_FOUND, KINDS, MULTI_SZ, Data, RegistryError, Value, key_name

_NOT_FOUND = "System.Management.Automation.ItemNotFoundException"
_PATH = {"LiteralPath": "Path"}


def _shown(value: Value) -> object:
    return list(value.data) if isinstance(value.data, list) else value.data


def _values(call: CmdletCall) -> dict[str, Value] | None:
    """Return the values of the key that is meant, or report that there is no such key."""
    path = call.text("Path")
    try:
        return dict(machine_of(call).registry.values(key_name(path)))
    except RegistryError as error:
        if error.code != FILE_NOT_FOUND:
            raise call.fail(str(error)) from error
    call.error(
        f"Cannot find path '{path}' because it does not exist.", category="ObjectNotFound", error_id="PathNotFound",
        target=path, exception=_NOT_FOUND,
    )  # fmt: skip
    return None


@cmdlet("Registry:Test-Path", positional=["Path:string"], named=["PathType:string"], aliases=_PATH)
def test_path(call: CmdletCall) -> Iterator[object]:
    """Tell whether a key is there."""
    yield machine_of(call).registry.exists(key_name(call.text("Path")))


@cmdlet("Registry:Get-Item", positional=["Path:string"], aliases=_PATH)
def get_item(call: CmdletCall) -> Iterator[object]:
    """Get a key, whose values are read by GetValue."""
    values = _values(call)
    if values is None:
        return

    def get_value(name: object, default: object = None, options: object = "None") -> object:
        found = values.get(str(name).lower())
        if found is None:
            return default
        if str(options) == "None" and isinstance(found.data, str) and "%" in found.data:
            raise NotImplementedError("expanding a value is not modelled: ask with DoNotExpandEnvironmentNames")
        return _shown(found)

    def value_names() -> object:
        return [value.name for value in values.values()]

    methods: dict[str, Method] = {"GetValue": get_value, "GetValueNames": value_names}
    yield PSObject({"Name": key_name(call.text("Path"))}, type_name="Microsoft.Win32.RegistryKey", methods=methods)


@cmdlet("Registry:Get-ItemProperty", positional=["Path:string", "Name:string[]"], aliases=_PATH)
def get_item_property(call: CmdletCall) -> Iterator[object]:
    """Get the values of a key as properties."""
    values = _values(call)
    if values is None:
        return
    wanted = texts(call.get("Name")) if call.given("Name") else list(values)
    for name in wanted:
        if name.lower() not in values:
            call.error(
                f"Property {name} does not exist at path {key_name(call.text('Path'))}.", category="InvalidArgument",
                error_id="System.Management.Automation.PSArgumentException",
                exception="System.Management.Automation.PSArgumentException",
            )  # fmt: skip
            return
    shown = {values[name.lower()].name: _shown(values[name.lower()]) for name in wanted}
    yield PSObject({**shown, "PSPath": call.text("Path")})


@cmdlet("Registry:New-Item", positional=["Path:string"], switches=["Force"], aliases=_PATH)
def new_item(call: CmdletCall) -> None:
    """Make a key."""
    machine_of(call).registry.make(key_name(call.text("Path")))


@cmdlet("Registry:Remove-Item", positional=["Path:string"], switches=["Recurse", "Force"], aliases=_PATH)
def remove_item(call: CmdletCall) -> None:
    """Take a key away with all below it."""
    if _values(call) is not None:
        machine_of(call).registry.delete(key_name(call.text("Path")))


def _data(call: CmdletCall, kind: int) -> Data:
    value = call.get("Value")
    if kind == MULTI_SZ:
        return texts(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else str(value)


@cmdlet(
    "Registry:New-ItemProperty",
    positional=["Path:string", "Name:string"],
    named=["Value", "PropertyType:string"],
    switches=["Force"],
    mandatory=["Path", "Name"],
    aliases=_PATH,
)
def new_item_property(call: CmdletCall) -> Iterator[object]:
    """Make a value, or replace it with -Force."""
    values = _values(call)
    if values is None:
        return
    if call.text("Name").lower() in values and not call.switch("Force"):
        call.error("The property already exists.", category="ResourceExists", exception="System.IO.IOException")
        return
    kind = KINDS[call.text("PropertyType", "String").lower()]
    machine_of(call).registry.set(key_name(call.text("Path")), call.text("Name"), kind, _data(call, kind))
    yield PSObject({call.text("Name"): call.get("Value")})


@cmdlet("Registry:Set-ItemProperty", positional=["Path:string", "Name:string", "Value"], aliases=_PATH)
def set_item_property(call: CmdletCall) -> None:
    """Change a value and leave its type, or make it."""
    values = _values(call)
    if values is None:
        return
    found = values.get(call.text("Name").lower())
    kind = found.kind if found else KINDS["dword" if isinstance(call.get("Value"), int) else "string"]
    machine_of(call).registry.set(key_name(call.text("Path")), call.text("Name"), kind, _data(call, kind))


@cmdlet("Registry:Remove-ItemProperty", positional=["Path:string", "Name:string"], switches=["Force"], aliases=_PATH)
def remove_item_property(call: CmdletCall) -> None:
    """Take a value away."""
    values = _values(call)
    if values is None:
        return
    if call.text("Name").lower() not in values:
        call.error(
            f"Property {call.text('Name')} does not exist at path {key_name(call.text('Path'))}.",
            category="InvalidArgument", exception="System.Management.Automation.PSArgumentException",
        )  # fmt: skip
        return
    machine_of(call).registry.delete(key_name(call.text("Path")), call.text("Name"))


CMDLETS = catalogue(
    test_path, get_item, get_item_property, new_item, remove_item, new_item_property, set_item_property,
    remove_item_property,
)  # fmt: skip
