"""Get-DnsClient, Get-DnsClientServerAddress and their family: name servers and suffix of each adapter, as state."""

from __future__ import annotations

from collections.abc import Iterator

from lab.powershell.cmdlet import CmdletCall, catalogue, cmdlet
from lab.powershell.values import PSObject
from lab.windows.cmdlets.adapters import Adapter, adapters
from lab.windows.cmdlets.machine_of import machine_of, texts

_CLASS = "Microsoft.Management.Infrastructure.CimInstance#MSFT_DNSClient"


def _adapters(call: CmdletCall) -> list[Adapter]:
    wanted = call.get("InterfaceIndex")
    return [one for one in adapters(machine_of(call).folder) if one.bound and wanted in (None, one.index)]


@cmdlet("Get-DnsClientServerAddress", named=["InterfaceIndex:int", "AddressFamily:string"])
def get_dns_servers(call: CmdletCall) -> Iterator[object]:
    """Get the name servers of the adapters."""
    kept = machine_of(call).folder.read("dns", {})
    for one in _adapters(call):
        servers = list(kept.get(one.device, {}).get("servers", []))
        properties = {"InterfaceIndex": one.index, "InterfaceAlias": one.name, "ServerAddresses": servers}
        yield PSObject(properties, type_name=_CLASS + "ServerAddress")


@cmdlet("Set-DnsClientServerAddress", named=["InterfaceIndex:int", "ServerAddresses:string[]"])
def set_dns_servers(call: CmdletCall) -> None:
    """Set the name servers of an adapter."""
    _keep(call, "servers", texts(call.get("ServerAddresses")))


@cmdlet("Get-DnsClient", named=["InterfaceIndex:int"])
def get_dns_client(call: CmdletCall) -> Iterator[object]:
    """Get the suffix of the adapters."""
    kept = machine_of(call).folder.read("dns", {})
    for one in _adapters(call):
        suffix = kept.get(one.device, {}).get("suffix", "")
        properties = {"InterfaceIndex": one.index, "InterfaceAlias": one.name, "ConnectionSpecificSuffix": suffix}
        yield PSObject(properties, type_name=_CLASS)


@cmdlet("Set-DnsClient", named=["InterfaceIndex:int", "ConnectionSpecificSuffix:string"])
def set_dns_client(call: CmdletCall) -> None:
    """Set the suffix of an adapter."""
    _keep(call, "suffix", call.text("ConnectionSpecificSuffix"))


def _keep(call: CmdletCall, what: str, value: object) -> None:
    with machine_of(call).folder.changing("dns", {}) as kept:
        for one in _adapters(call):
            kept.setdefault(one.device, {})[what] = value


CMDLETS = catalogue(get_dns_servers, set_dns_servers, get_dns_client, set_dns_client)
