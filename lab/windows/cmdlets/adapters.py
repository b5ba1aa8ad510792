"""The host's adapters as Windows shows them: Linux' ``eth0`` and, where a test adds one, ``eth1``.

A virtual switch takes ``eth0`` over: its address is then on ``vEthernet (Ethernet)``, and ``Ethernet`` has none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lab.powershell.cmdlet import CmdletCall, catalogue, cmdlet
from lab.powershell.values import PSObject
from lab.shell import run
from lab.windows.cmdlets.machine_of import machine_of
from lab.windows.folder import HostFolder
from lab.windows.wire import ADAPTER

_SWITCHED = 100
_PHYSICAL = "Microsoft Hyper-V Network Adapter"
_METRIC = 15
CIM_JOB_ERROR = "Microsoft.PowerShell.Cmdletization.Cim.CimJobException"


@dataclass(frozen=True, slots=True)
class Adapter:
    """One adapter; ``data`` is what ``ip -json address`` tells of it, and ``bound`` whether IPv4 runs over it."""

    name: str
    index: int
    description: str
    data: dict[str, Any]
    bound: bool = True

    @property
    def device(self) -> str:
        """The Linux interface."""
        return str(self.data["ifname"])

    @property
    def status(self) -> str:
        """Up or Disconnected."""
        return "Up" if self.data["operstate"] == "UP" else "Disconnected"


def adapters(folder: HostFolder) -> list[Adapter]:
    """Return the adapters, the one that nodes use first, and the loopback last."""
    found = {one["ifname"]: one for one in json.loads(run(["ip", "-json", "address", "show"]))}
    own, switched = found[ADAPTER], bool(folder.read("hns", {}).get("networks"))
    listed = [Adapter("Ethernet", int(own["ifindex"]), _PHYSICAL, own, bound=not switched)]
    if switched:
        virtual = "Hyper-V Virtual Ethernet Adapter"
        listed.insert(0, Adapter("vEthernet (Ethernet)", int(own["ifindex"]) + _SWITCHED, virtual, own))
    if "eth1" in found:
        listed.append(Adapter("Ethernet 2", int(found["eth1"]["ifindex"]), _PHYSICAL + " #2", found["eth1"]))
    return [*listed, Adapter("Loopback Pseudo-Interface 1", 1, "Software Loopback Interface 1", found["lo"])]


def interface_metric(folder: HostFolder, adapter: Adapter) -> int:
    """Return what Windows adds to the metric of each route through the adapter; ``metrics`` of the host's state."""
    return int(folder.read("metrics", {}).get(adapter.device, _METRIC))


def uses_dhcp(folder: HostFolder, adapter: Adapter) -> bool:
    """Return whether the adapter's address comes from DHCP; ``dhcp`` of the host's state lists those where it does."""
    return adapter.device in folder.read("dhcp", [])


def not_found(call: CmdletCall, kind: str, name: str, value: object) -> None:
    """Report that no object of this class has the property."""
    call.error(
        f"No {kind} objects found with property '{name}' equal to '{value}'.  Verify the value of the property and "
        "retry.", category="ObjectNotFound", error_id=f"CmdletizationQuery_NotFound_{name}", target=value,
        exception=CIM_JOB_ERROR,
    )  # fmt: skip


@cmdlet(
    "Get-NetAdapter",
    named=["InterfaceIndex:int"],
    switches=["IncludeHidden"],
    aliases={"ifIndex": "InterfaceIndex"},
)
def get_net_adapter(call: CmdletCall) -> Iterator[object]:
    """Get the adapters; the loopback is none."""
    wanted = call.get("InterfaceIndex")
    shown = [one for one in adapters(machine_of(call).folder)[:-1] if wanted in (None, one.index)]
    if wanted is not None and not shown:
        not_found(call, "MSFT_NetAdapter", "InterfaceIndex", wanted)
    for one in shown:
        properties = {
            "Name": one.name, "InterfaceAlias": one.name, "InterfaceIndex": one.index, "ifIndex": one.index,
            "InterfaceDescription": one.description, "Status": one.status, "LinkSpeed": "10 Gbps",
            "MacAddress": one.data["address"].upper().replace(":", "-"),
        }  # fmt: skip
        yield PSObject(properties, type_name="Microsoft.Management.Infrastructure.CimInstance#MSFT_NetAdapter")


_OFFLOADS = ("IpIPv4Enabled", "TcpIPv4Enabled", "TcpIPv6Enabled", "UdpIPv4Enabled", "UdpIPv6Enabled")


def _offload(call: CmdletCall, name: str) -> bool | None:
    """Return whether the adapter computes checksums, or None after reporting that there is none of this name."""
    if name.lower() not in {one.name.lower() for one in adapters(machine_of(call).folder)[:-1]}:
        not_found(call, "MSFT_NetAdapterChecksumOffloadSettingData", "Name", name)
        return None
    return name.lower() not in machine_of(call).folder.read("checksum-offload-off", [])


@cmdlet("Get-NetAdapterChecksumOffload", positional=["Name:string"], mandatory=["Name"])
def get_checksum_offload(call: CmdletCall) -> Iterator[object]:
    """Get what an adapter computes by itself."""
    found = _offload(call, call.text("Name"))
    if found is not None:
        state = "RxTxEnabled" if found else "Disabled"
        yield PSObject({"Name": call.text("Name"), **dict.fromkeys(_OFFLOADS, state)})


def _set_offload(call: CmdletCall, wanted: bool) -> None:
    name = call.text("Name")
    if _offload(call, name) not in (None, wanted):
        with machine_of(call).folder.changing("checksum-offload-off", []) as off:
            (off.remove if wanted else off.append)(name.lower())


@cmdlet("Disable-NetAdapterChecksumOffload", positional=["Name:string"], mandatory=["Name"])
def disable_checksum_offload(call: CmdletCall) -> None:
    """Let the operating system compute all checksums of an adapter."""
    _set_offload(call, False)


@cmdlet("Enable-NetAdapterChecksumOffload", positional=["Name:string"], mandatory=["Name"])
def enable_checksum_offload(call: CmdletCall) -> None:
    """Let the adapter compute all checksums."""
    _set_offload(call, True)


CMDLETS = catalogue(get_net_adapter, get_checksum_offload, disable_checksum_offload, enable_checksum_offload)
