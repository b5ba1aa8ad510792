"""The host's adapter as Windows shows it: Linux' ``eth0``, under the name that a virtual switch gives it or takes."""

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
CIM_JOB_ERROR = "Microsoft.PowerShell.Cmdletization.Cim.CimJobException"


@dataclass(frozen=True, slots=True)
class Adapter:
    """One adapter; ``data`` is what ``ip -json address`` tells of it."""

    name: str
    index: int
    description: str
    data: dict[str, Any]

    @property
    def status(self) -> str:
        """Up or Disconnected."""
        return "Up" if self.data["operstate"] == "UP" else "Disconnected"


def adapters(folder: HostFolder) -> list[Adapter]:
    """Return loopback and adapter: with a virtual switch the adapter's address is on ``vEthernet (Ethernet)``."""
    found = {one["ifname"]: one for one in json.loads(run(["ip", "-json", "address", "show"]))}
    switched = bool(folder.read("hns", {}).get("networks"))
    name = "vEthernet (Ethernet)" if switched else "Ethernet"
    index = int(found[ADAPTER]["ifindex"]) + (_SWITCHED if switched else 0)
    kind = "Hyper-V Virtual Ethernet Adapter" if switched else "Microsoft Hyper-V Network Adapter"
    return [
        Adapter(name, index, kind, found[ADAPTER]),
        Adapter("Loopback Pseudo-Interface 1", 1, "Software Loopback Interface 1", found["lo"]),
    ]


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
    shown = [one for one in adapters(machine_of(call).folder)[:1] if wanted in (None, one.index)]
    if wanted is not None and not shown:
        not_found(call, "MSFT_NetAdapter", "InterfaceIndex", wanted)
    for one in shown:
        properties = {
            "Name": one.name, "InterfaceAlias": one.name, "InterfaceIndex": one.index, "ifIndex": one.index,
            "InterfaceDescription": one.description, "Status": one.status, "LinkSpeed": "10 Gbps",
            "MacAddress": one.data["address"].upper().replace(":", "-"),
        }  # fmt: skip
        yield PSObject(properties, type_name="Microsoft.Management.Infrastructure.CimInstance#MSFT_NetAdapter")


CMDLETS = catalogue(get_net_adapter)
