"""Get-NetIPAddress, Get-NetRoute and their families, on the real interface of the host's namespace."""

from __future__ import annotations

import json
from collections.abc import Iterator
from ipaddress import IPv4Network

from lab.powershell.cmdlet import CmdletCall, catalogue, cmdlet
from lab.powershell.values import PSObject
from lab.shell import run
from lab.windows.cmdlets.adapters import CIM_JOB_ERROR, Adapter, adapters, interface_metric, not_found, uses_dhcp
from lab.windows.cmdlets.machine_of import machine_of

_NO_HOP = "0.0.0.0"  # noqa: S104 - what Windows shows for a network that is reached directly
_CLASS = "Microsoft.Management.Infrastructure.CimInstance#MSFT_Net"


def _adapters(call: CmdletCall) -> list[Adapter]:
    """Return the adapters with IPv4 that -InterfaceIndex lets through."""
    wanted = call.get("InterfaceIndex")
    return [one for one in adapters(machine_of(call).folder) if one.bound and wanted in (None, one.index)]


def _check_family(call: CmdletCall) -> None:
    if call.text("AddressFamily", "IPv4").lower() != "ipv4":
        raise call.fail("only -AddressFamily IPv4 is modelled", category="InvalidArgument")


@cmdlet("Get-NetIPAddress", positional=["IPAddress:string"], named=["AddressFamily:string", "InterfaceIndex:int"])
def get_net_ip_address(call: CmdletCall) -> Iterator[object]:
    """Get the IPv4 addresses."""
    _check_family(call)
    wanted = call.get("IPAddress")
    shown = [
        PSObject(
            {
                "IPAddress": info["local"], "InterfaceIndex": one.index, "InterfaceAlias": one.name,
                "PrefixLength": info["prefixlen"], "AddressFamily": "IPv4",
            },
            type_name=_CLASS + "IPAddress",
        )
        for one in _adapters(call)
        for info in one.data["addr_info"]
        if info["family"] == "inet" and wanted in (None, info["local"])
    ]  # fmt: skip
    if not shown and wanted is not None:
        not_found(call, "MSFT_NetIPAddress", "IPAddress", wanted)
    yield from shown


@cmdlet("Get-NetIPInterface", named=["InterfaceIndex:int", "AddressFamily:string"])
def get_net_ip_interface(call: CmdletCall) -> Iterator[object]:
    """Get the IPv4 settings of the adapters."""
    _check_family(call)
    folder = machine_of(call).folder
    for one in _adapters(call):
        properties = {
            "InterfaceIndex": one.index, "InterfaceAlias": one.name, "NlMtu": one.data["mtu"], "AddressFamily": "IPv4",
            "Dhcp": "Enabled" if uses_dhcp(folder, one) else "Disabled",
            "InterfaceMetric": interface_metric(folder, one),
        }  # fmt: skip
        yield PSObject(properties, type_name=_CLASS + "IPInterface")


@cmdlet(
    "Set-NetIPInterface",
    named=["InterfaceIndex:int", "AddressFamily:string", "NlMtuBytes:int"],
    mandatory=["InterfaceIndex", "NlMtuBytes"],
)
def set_net_ip_interface(call: CmdletCall) -> None:
    """Change the MTU of an adapter, until the next boot."""
    _check_family(call)
    for one in _adapters(call):
        _apply(call, ["ip", "link", "set", one.device, "mtu", str(call.integer("NlMtuBytes"))])


@cmdlet("Get-NetRoute", named=["DestinationPrefix:string", "AddressFamily:string", "InterfaceIndex:int"])
def get_net_route(call: CmdletCall) -> Iterator[object]:
    """Get the IPv4 routes through the adapters."""
    _check_family(call)
    wanted, shown = call.get("DestinationPrefix"), []
    for adapter in _adapters(call):
        for route in json.loads(run(["ip", "-json", "-4", "route", "show", "dev", adapter.device])):
            prefix = str(IPv4Network("0.0.0.0/0" if route["dst"] == "default" else route["dst"]))
            properties = {
                "DestinationPrefix": prefix, "NextHop": route.get("gateway", _NO_HOP), "InterfaceIndex": adapter.index,
                "ifIndex": adapter.index, "InterfaceAlias": adapter.name, "RouteMetric": route.get("metric", 0),
            }  # fmt: skip
            if wanted in (None, prefix):
                shown.append(PSObject(properties, type_name=_CLASS + "Route"))
    if not shown and wanted is not None:
        not_found(call, "MSFT_NetRoute", "DestinationPrefix", wanted)
    yield from shown


def _apply(call: CmdletCall, command: list[str]) -> bool:
    try:
        run(command)
    except RuntimeError as error:
        call.error(str(error), category="InvalidArgument", error_id="Windows System Error 87", exception=CIM_JOB_ERROR)
        return False
    return True


@cmdlet(
    "New-NetRoute",
    named=["DestinationPrefix:string", "InterfaceIndex:int", "NextHop:string", "PolicyStore:string", "RouteMetric:int"],
    mandatory=["DestinationPrefix", "InterfaceIndex"],
)
def new_net_route(call: CmdletCall) -> Iterator[object]:
    """Add a route through an adapter."""
    adapter = next(iter(_adapters(call)), None)
    if adapter is None:
        not_found(call, "MSFT_NetIPInterface", "InterfaceIndex", call.get("InterfaceIndex"))
        return
    hop = call.text("NextHop", _NO_HOP)
    via = ["via", hop] if hop != _NO_HOP else []
    if _apply(call, ["ip", "route", "add", call.text("DestinationPrefix"), *via, "dev", adapter.device]):
        yield PSObject(
            {"DestinationPrefix": call.text("DestinationPrefix"), "NextHop": hop}, type_name=_CLASS + "Route"
        )


@cmdlet(
    "New-NetIPAddress",
    named=["InterfaceIndex:int", "IPAddress:string", "PrefixLength:int", "DefaultGateway:string"],
    mandatory=["InterfaceIndex", "IPAddress"],
)
def new_net_ip_address(call: CmdletCall) -> Iterator[object]:
    """Add an address, and the default route with it."""
    adapter = next(iter(_adapters(call)), None)
    if adapter is None:
        not_found(call, "MSFT_NetIPInterface", "InterfaceIndex", call.get("InterfaceIndex"))
        return
    address = f"{call.text('IPAddress')}/{call.integer('PrefixLength', 32)}"
    if not _apply(call, ["ip", "address", "add", address, "dev", adapter.device]):
        return
    if call.text("DefaultGateway"):
        _apply(call, ["ip", "route", "replace", "default", "via", call.text("DefaultGateway"), "dev", adapter.device])
    yield PSObject({"IPAddress": call.text("IPAddress")}, type_name=_CLASS + "IPAddress")


CMDLETS = catalogue(
    get_net_ip_address,
    get_net_ip_interface,
    set_net_ip_interface,
    get_net_route,
    new_net_route,
    new_net_ip_address,
)
