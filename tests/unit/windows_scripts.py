"""A stand-in for a Windows host that runs the project's own PowerShell: its registry, services, rules and tasks."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.powershell.cmdlet import CmdletCall, catalogue, cmdlet
from lab.powershell.host import Cmdlet, StaticType
from lab.powershell.values import PSObject
from lab.windows.cmdlets.machine_of import texts
from tests.unit.powershell_machine import Machine, Ran, run

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts" / "windows"
BOOT = r"HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters"
ENVIRONMENT = r"HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"


@dataclass
class State:
    """What the host holds besides files."""

    registry: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {BOOT: {"BootId": 7}, ENVIRONMENT: {"Path": r"%SystemRoot%\system32;C:\Tools"}}
    )
    services: dict[str, dict[str, Any]] = field(default_factory=dict)
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    excluded: list[str] = field(default_factory=list)
    features: dict[str, str] = field(default_factory=lambda: {"Containers": "Available"})


# Nobody else runs here, so that the lock on the host is always free.
_LOCKED = StaticType("System.IO.File", {"Open": lambda *_: PSObject({}, methods={"Dispose": lambda: None})})


def make_host(folder: Path) -> tuple[Machine, State]:
    """Return a host with an empty drive C and the project's scripts on it."""
    state = State()
    machine = Machine(folder, cmdlets=_cmdlets(state), statics={"System.IO.File": _LOCKED})
    machine.path("C:\\").mkdir()
    home = machine.path(r"C:\k\casement\windows")
    for source in SCRIPTS.rglob("*.ps*1"):
        target = home / str(source.relative_to(SCRIPTS)).lower()
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    machine.programs["icacls.exe"] = machine.programs["sc.exe"] = lambda _arguments, _stdin: (0, b"", b"")
    return machine, state


def with_module(machine: Machine, text: str) -> Ran:
    """Run a text that has the functions of Casement.psm1."""
    return run(machine, f"Import-Module -Name 'C:\\k\\casement\\windows\\Casement.psm1'\n{text}")


def record(machine: Machine, step: str) -> dict[str, Any]:
    """Return what is on record of a step."""
    found: dict[str, Any] = json.loads(machine.path(rf"C:\k\casement\state\step-{step}.json").read_text())
    return found


def _cmdlets(state: State) -> Mapping[str, Cmdlet]:
    return {**_registry(state), **_services(state), **_rules(state), **_tasks(state), **_rest(state)}


def _registry(state: State) -> Mapping[str, Cmdlet]:
    @cmdlet("Registry:Test-Path", positional=["Path:string"], aliases={"LiteralPath": "Path"})
    def test_path(call: CmdletCall) -> Iterator[object]:
        yield call.text("Path") in state.registry

    @cmdlet("Registry:Get-Item", positional=["Path:string"])
    def get_item(call: CmdletCall) -> Iterator[object]:
        values = state.registry[call.text("Path")]
        read = {"GetValue": lambda name, default=None, _options="": values.get(str(name), default)}
        yield PSObject({}, type_name="Microsoft.Win32.RegistryKey", methods=read)

    @cmdlet("Registry:Get-ItemProperty", positional=["Path:string"])
    def get_item_property(call: CmdletCall) -> Iterator[object]:
        yield PSObject(dict(state.registry[call.text("Path")]))

    @cmdlet(
        "Registry:New-ItemProperty",
        named=["Path:string", "Name:string", "Value", "PropertyType:string"],
        switches=["Force"],
    )
    def new_item_property(call: CmdletCall) -> None:
        state.registry.setdefault(call.text("Path"), {})[call.text("Name")] = call.get("Value")

    @cmdlet("Registry:Remove-ItemProperty", named=["Path:string", "Name:string"])
    def remove_item_property(call: CmdletCall) -> None:
        del state.registry[call.text("Path")][call.text("Name")]

    @cmdlet("Registry:New-Item", positional=["Path:string"], switches=["Force"])
    def new_item(call: CmdletCall) -> None:
        state.registry[call.text("Path")] = {}

    @cmdlet("Registry:Remove-Item", positional=["Path:string"], switches=["Recurse", "Force"])
    def remove_item(call: CmdletCall) -> None:
        del state.registry[call.text("Path")]

    return catalogue(
        test_path, get_item, get_item_property, new_item, new_item_property, remove_item, remove_item_property
    )


def _services(state: State) -> Mapping[str, Cmdlet]:
    @cmdlet("Get-CimInstance", named=["ClassName:string", "Filter:string"])
    def get_cim_instance(call: CmdletCall) -> Iterator[object]:
        found = state.services.get(call.text("Filter").partition("'")[2].rstrip("'"))
        if found is not None:
            yield PSObject(dict(found))

    @cmdlet(
        "New-Service",
        named=[
            *(f"{name}:string" for name in ("Name", "BinaryPathName", "DisplayName", "Description", "StartupType")),
            "DependsOn:string[]",
        ],
    )
    def new_service(call: CmdletCall) -> None:
        state.services[call.text("Name")] = {"PathName": call.text("BinaryPathName"), "StartMode": "Auto"}

    @cmdlet("Set-Service", named=["Name:string", "StartupType:string"])
    def set_service(call: CmdletCall) -> None:
        state.services[call.text("Name")]["StartMode"] = {"Automatic": "Auto"}[call.text("StartupType")]

    return catalogue(get_cim_instance, new_service, set_service)


_RULE = [*(f"{name}:string" for name in ("Name", "DisplayName", "Direction", "Action", "Enabled", "Profile")),
         "Protocol:string", "LocalPort:string[]", "RemoteAddress:string[]"]  # fmt: skip


def _rules(state: State) -> Mapping[str, Cmdlet]:
    @cmdlet("Get-NetFirewallRule", named=["Name:string"])
    def get_rule(call: CmdletCall) -> Iterator[object]:
        if call.text("Name") in state.rules:
            yield PSObject(dict(state.rules[call.text("Name")]))

    def change(call: CmdletCall) -> None:
        given = {each.partition(":")[0] for each in _RULE if call.given(each.partition(":")[0])}
        values = {
            name: texts(call.get(name)) if name in ("LocalPort", "RemoteAddress") else call.text(name) for name in given
        }
        state.rules.setdefault(call.text("Name"), {}).update(values)

    def associated(call: CmdletCall) -> Iterator[object]:
        rule = call.get("AssociatedNetFirewallRule")
        assert isinstance(rule, PSObject)
        yield rule

    of_rule = ["AssociatedNetFirewallRule"]
    return catalogue(
        get_rule,
        cmdlet("New-NetFirewallRule", named=_RULE)(change),
        cmdlet("Set-NetFirewallRule", named=_RULE)(change),
        cmdlet("Get-NetFirewallPortFilter", named=of_rule)(associated),
        cmdlet("Get-NetFirewallAddressFilter", named=of_rule)(associated),
    )


def _tasks(state: State) -> Mapping[str, Cmdlet]:
    @cmdlet("Get-ScheduledTask", named=["TaskName:string"])
    def get_task(call: CmdletCall) -> Iterator[object]:
        found = state.tasks.get(call.text("TaskName"))
        if found is not None:
            yield PSObject({"State": found["State"], "Actions": [PSObject(dict(found))]})

    @cmdlet("Register-ScheduledTask", named=["TaskName:string", "Action", "Trigger", "Principal", "Settings"],
            switches=["Force"])  # fmt: skip
    def register(call: CmdletCall) -> None:
        action = call.get("Action")
        assert isinstance(action, PSObject)
        state.tasks[call.text("TaskName")] = {"State": "Ready", **action.properties}

    @cmdlet("New-ScheduledTaskAction", named=["Execute:string", "Argument:string"])
    def new_action(call: CmdletCall) -> Iterator[object]:
        yield PSObject({"Execute": call.text("Execute"), "Arguments": call.text("Argument")})

    def described(name: str, *named: str, switches: tuple[str, ...] = ()) -> Cmdlet:
        return cmdlet(name, named=named, switches=switches)(lambda _call: iter([PSObject({})]))

    return catalogue(
        get_task,
        register,
        new_action,
        described("New-ScheduledTaskTrigger", switches=("AtStartup",)),
        described("New-ScheduledTaskPrincipal", "UserId:string", "LogonType:string", "RunLevel:string"),
        described(
            "New-ScheduledTaskSettingsSet",
            "ExecutionTimeLimit",
            "RestartCount",
            "RestartInterval",
            "MultipleInstances",
            "Priority",
            switches=("AllowStartIfOnBatteries", "DontStopIfGoingOnBatteries"),
        ),
    )


def _rest(state: State) -> Mapping[str, Cmdlet]:
    @cmdlet("Get-MpPreference")
    def get_mp_preference(_call: CmdletCall) -> Iterator[object]:
        yield PSObject({"ExclusionPath": state.excluded, "ExclusionProcess": None})

    @cmdlet("Get-WindowsFeature", named=["Name:string"])
    def get_windows_feature(call: CmdletCall) -> Iterator[object]:
        yield PSObject({"InstallState": state.features[call.text("Name")]})

    @cmdlet("Get-Acl", named=["Path:string"])
    def get_acl(_call: CmdletCall) -> Iterator[object]:
        yield PSObject({"AreAccessRulesProtected": True})

    return catalogue(get_mp_preference, get_windows_feature, get_acl)
