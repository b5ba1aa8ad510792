"""Get-NetFirewallRule and its family; see lab/windows/firewall.py, which enforces the rules."""

from __future__ import annotations

from collections.abc import Iterator

from lab.powershell.cmdlet import CmdletCall, catalogue, cmdlet
from lab.powershell.values import PSObject
from lab.windows import firewall
from lab.windows.cmdlets.machine_of import machine_of, texts

_TEXTS = ("Direction", "Action", "Enabled", "Profile", "Protocol")
_LISTS = ("LocalPort", "RemoteAddress")
_VALUES = [*(f"{name}:string" for name in _TEXTS), *(f"{name}:string[]" for name in _LISTS)]


def _object(rule: firewall.Rule) -> PSObject:
    shown = {key: value for key, value in rule.items() if key not in (*_LISTS, "Protocol")}
    return PSObject(shown, type_name="Microsoft.Management.Infrastructure.CimInstance#MSFT_NetFirewallRule")


def _missing(call: CmdletCall, name: str) -> None:
    call.error(
        f"No MSFT_NetFirewallRule objects found with property 'InstanceID' equal to '{name}'.  Verify the value of the "
        "property and retry.", category="ObjectNotFound", error_id="CmdletizationQuery_NotFound_InstanceID",
        target=name,
    )  # fmt: skip


def _given(call: CmdletCall) -> firewall.Rule:
    rule: firewall.Rule = {name: call.text(name) for name in _TEXTS if call.given(name)}
    return rule | {name: texts(call.get(name)) for name in _LISTS if call.given(name)}


@cmdlet("Get-NetFirewallRule", named=["Name:string[]"], mandatory=["Name"])
def get_rule(call: CmdletCall) -> Iterator[object]:
    """Get rules by name."""
    rules = firewall.rules(machine_of(call).folder)
    for name in texts(call.get("Name")):
        if name.lower() in rules:
            yield _object(rules[name.lower()])
        else:
            _missing(call, name)


def _filter(call: CmdletCall, kind: str, *names: str) -> Iterator[object]:
    rule = call.get("AssociatedNetFirewallRule")
    assert isinstance(rule, PSObject)
    kept = firewall.rules(machine_of(call).folder)[str(rule.properties["Name"]).lower()]
    shown = {name: kept.get(name, "Any") for name in names}
    # One value is a text, several are a list.
    values = {key: it[0] if isinstance(it, list) and len(it) == 1 else it for key, it in shown.items()}
    yield PSObject(values, type_name=f"Microsoft.Management.Infrastructure.CimInstance#MSFT_{kind}")


_OF_RULE = ["AssociatedNetFirewallRule"]


@cmdlet("Get-NetFirewallPortFilter", named=_OF_RULE, mandatory=_OF_RULE)
def get_port_filter(call: CmdletCall) -> Iterator[object]:
    """Get protocol and ports of a rule."""
    return _filter(call, "NetProtocolPortFilter", "Protocol", "LocalPort")


@cmdlet("Get-NetFirewallAddressFilter", named=_OF_RULE, mandatory=_OF_RULE)
def get_address_filter(call: CmdletCall) -> Iterator[object]:
    """Get the addresses of a rule."""
    return _filter(call, "NetAddressFilter", "RemoteAddress")


@cmdlet("New-NetFirewallRule", named=["Name:string", "DisplayName:string", *_VALUES], mandatory=["DisplayName"])
def new_rule(call: CmdletCall) -> Iterator[object]:
    """Make a rule."""
    folder, name = machine_of(call).folder, call.text("Name")
    rules = firewall.rules(folder)
    if name.lower() in rules:
        call.error(
            "Cannot create a file when that file already exists.", category="ResourceExists",
            error_id="Windows System Error 183",
        )  # fmt: skip
        return
    defaults = {"Direction": "Inbound", "Action": "Allow", "Enabled": "True", "Profile": "Any", "Protocol": "Any"}
    rules[name.lower()] = {"Name": name, "DisplayName": call.text("DisplayName"), **defaults, **_given(call)}
    firewall.keep(folder, rules)
    yield _object(rules[name.lower()])


@cmdlet("Set-NetFirewallRule", named=["Name:string", *_VALUES], mandatory=["Name"])
def set_rule(call: CmdletCall) -> None:
    """Change a rule."""
    folder, name = machine_of(call).folder, call.text("Name")
    rules = firewall.rules(folder)
    if name.lower() not in rules:
        _missing(call, name)
        return
    rules[name.lower()] |= _given(call)
    firewall.keep(folder, rules)


@cmdlet("Remove-NetFirewallRule", named=["Name:string[]"], mandatory=["Name"])
def remove_rule(call: CmdletCall) -> None:
    """Take rules away."""
    folder = machine_of(call).folder
    rules = firewall.rules(folder)
    for name in texts(call.get("Name")):
        if rules.pop(name.lower(), None) is None:
            _missing(call, name)
    firewall.keep(folder, rules)


CMDLETS = catalogue(get_rule, get_port_filter, get_address_filter, new_rule, set_rule, remove_rule)
