"""What a stand-in for a Windows host tells of its system and its network, to be set by a test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lab.powershell.cmdlet import CmdletCall, catalogue, cmdlet
from lab.powershell.faults import NetFault
from lab.powershell.host import Cmdlet, StaticType
from lab.powershell.values import NOTHING, NetException, PSObject
from lab.windows.folder import HostFolder
from lab.windows.netsh import netsh
from tests.unit.powershell_machine import Machine
from tests.unit.windows_scripts import State, make_host

_NAMES = r"HKLM:\SYSTEM\CurrentControlSet\Control\ComputerName"
_VERSION = r"HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
_TOOLS = ("curl.exe", "tar.exe", "icacls.exe", "sc.exe", "shutdown.exe")


@dataclass
class Adapter:
    """One adapter, with its IPv4 addresses as ADDRESS/LENGTH; none where a virtual switch has taken it over."""

    name: str
    index: int
    addresses: list[str]
    status: str = "Up"
    dhcp: bool = False
    mtu: int = 1500
    metric: int = 15


@dataclass
class Network:
    """What the cmdlets of a host tell; all of it may be changed before a script runs."""

    adapters: list[Adapter] = field(default_factory=lambda: [Adapter("Ethernet", 4, ["10.77.0.21/24"])])
    routes: list[dict[str, Any]] = field(
        default_factory=lambda: [
            {"DestinationPrefix": "0.0.0.0/0", "NextHop": "10.77.0.1", "InterfaceIndex": 4, "RouteMetric": 256},
            {"DestinationPrefix": "10.77.0.0/24", "NextHop": "On-link", "InterfaceIndex": 4, "RouteMetric": 256},
        ]
    )
    system: dict[str, Any] = field(
        default_factory=lambda: {
            "Caption": "Microsoft Windows Server 2022 Datacenter", "BuildNumber": "20348", "ProductType": 3,
            "TotalVisibleMemorySize": 8388608, "LastBootUpTime": datetime(2026, 1, 2, tzinfo=UTC),
        }
    )  # fmt: skip
    free_disk: int = 50 << 30
    services: dict[str, str] = field(default_factory=lambda: {"w32time": "Running"})
    disabled: set[str] = field(default_factory=set)
    """Services that nobody starts."""
    switches: list[dict[str, str]] = field(default_factory=list)
    hns_networks: list[dict[str, Any]] = field(default_factory=list)
    machine_environment: dict[str, str] = field(default_factory=dict)
    dns: dict[int, dict[str, Any]] = field(default_factory=dict)
    offload: dict[str, bool] = field(default_factory=lambda: {"Ethernet": True})
    answers: dict[str, str] = field(default_factory=dict)
    """What comes of a TCP connection to HOST:PORT: ``open``, or the name of a socket error; others never answer."""


def make_networked_host(folder: HostFolder) -> tuple[Machine, State, Network]:
    """Return a host that can become a node, with the project's scripts; ``folder`` keeps what netsh.exe changes."""
    machine, state = make_host(folder.root)
    network = Network()
    state.registry |= {
        _NAMES + r"\ComputerName": {"ComputerName": "WIN1"},
        _NAMES + r"\ActiveComputerName": {"ComputerName": "WIN1"},
        _VERSION: {"UBR": 2340},
    }
    machine.variables["NUMBER_OF_PROCESSORS"] = "4"
    machine.cmdlets = {**machine.cmdlets, **_system(state, network), **_adapters(network), **_changes(network)}
    machine.statics = {**machine.statics, **{one.name: one for one in _statics(network)}}
    for tool in _TOOLS:
        machine.programs.setdefault(tool, lambda _arguments, _stdin: (0, b"", b""))
    machine.programs["netsh.exe"] = lambda arguments, _stdin: netsh(folder, list(arguments))
    machine.programs["w32tm.exe"] = lambda _arguments, _stdin: (0, b"time.windows.com,0x8 \r\n", b"")
    return machine, state, network


def _system(state: State, network: Network) -> Mapping[str, Cmdlet]:
    @cmdlet("Get-CimInstance", named=["ClassName:string", "Filter:string"])
    def get_cim_instance(call: CmdletCall) -> Iterator[object]:
        kind = call.text("ClassName")
        if kind == "Win32_OperatingSystem":
            yield PSObject(dict(network.system))
        elif kind == "Win32_LogicalDisk":
            yield PSObject({"FreeSpace": network.free_disk})
        elif (found := state.services.get(call.text("Filter").partition("'")[2].rstrip("'"))) is not None:
            yield PSObject(dict(found))

    @cmdlet("Get-Service", named=["Name:string"])
    def get_service(call: CmdletCall) -> Iterator[object]:
        if call.text("Name") in network.services:
            name = call.text("Name")
            start = "Disabled" if name in network.disabled else "Automatic"
            yield PSObject({"Name": name, "Status": network.services[name], "StartType": start})

    @cmdlet("Get-VMSwitch")
    def get_vm_switch(_call: CmdletCall) -> Iterator[object]:
        yield from (PSObject(dict(one)) for one in network.switches)

    return catalogue(get_cim_instance, get_service, get_vm_switch)


def _adapters(network: Network) -> Mapping[str, Cmdlet]:
    def chosen(call: CmdletCall, *, bound: bool = True) -> list[Adapter]:
        wanted = call.get("InterfaceIndex")
        return [one for one in network.adapters if wanted in (None, one.index) and (one.addresses or not bound)]

    @cmdlet("Get-NetAdapter", named=["InterfaceIndex:int"])
    def get_adapter(call: CmdletCall) -> Iterator[object]:
        for one in chosen(call, bound=False):
            yield PSObject(
                {"Name": one.name, "InterfaceIndex": one.index, "Status": one.status, "MacAddress": "00-15-5D-00-00-01"}
            )

    @cmdlet("Get-NetIPAddress", named=["AddressFamily:string", "InterfaceIndex:int"])
    def get_address(call: CmdletCall) -> Iterator[object]:
        for one in chosen(call):
            for address, _, length in (each.partition("/") for each in one.addresses):
                known = {"IPAddress": address, "PrefixLength": int(length)}
                yield PSObject({"InterfaceIndex": one.index, "InterfaceAlias": one.name, **known})

    @cmdlet("Get-NetIPInterface", named=["AddressFamily:string", "InterfaceIndex:int"])
    def get_interface(call: CmdletCall) -> Iterator[object]:
        for one in chosen(call):
            dhcp = "Enabled" if one.dhcp else "Disabled"
            known = {"NlMtu": one.mtu, "InterfaceMetric": one.metric, "Dhcp": dhcp}
            yield PSObject({"InterfaceIndex": one.index, "InterfaceAlias": one.name, **known})

    @cmdlet("Get-NetRoute", named=["AddressFamily:string", "DestinationPrefix:string", "InterfaceIndex:int"])
    def get_route(call: CmdletCall) -> Iterator[object]:
        for one in network.routes:
            same = call.get("DestinationPrefix") in (None, one["DestinationPrefix"])
            if same and call.get("InterfaceIndex") in (None, one["InterfaceIndex"]):
                yield PSObject(dict(one))

    @cmdlet("Get-DnsClientServerAddress", named=["InterfaceIndex:int", "AddressFamily:string"])
    def get_servers(call: CmdletCall) -> Iterator[object]:
        yield PSObject({"ServerAddresses": network.dns.get(call.integer("InterfaceIndex", 0), {}).get("servers", [])})

    @cmdlet("Get-DnsClient", named=["InterfaceIndex:int"])
    def get_client(call: CmdletCall) -> Iterator[object]:
        suffix = network.dns.get(call.integer("InterfaceIndex", 0), {}).get("suffix", "")
        yield PSObject({"ConnectionSpecificSuffix": suffix})

    @cmdlet("Get-NetAdapterChecksumOffload", named=["Name:string"])
    def get_offload(call: CmdletCall) -> Iterator[object]:
        if call.text("Name") in network.offload:
            state = "RxTxEnabled" if network.offload[call.text("Name")] else "Disabled"
            kinds = ("IpIPv4", "TcpIPv4", "TcpIPv6", "UdpIPv4", "UdpIPv6")
            yield PSObject(dict.fromkeys((f"{kind}Enabled" for kind in kinds), state))

    return catalogue(
        get_adapter, get_address, get_interface, get_route, get_servers, get_client, get_offload
    )  # fmt: skip


def _changes(network: Network) -> Mapping[str, Cmdlet]:
    @cmdlet(
        "New-NetIPAddress",
        named=["InterfaceIndex:int", "IPAddress:string", "PrefixLength:int", "DefaultGateway:string"],
    )
    def new_address(call: CmdletCall) -> Iterator[object]:
        index = call.integer("InterfaceIndex", 0)
        (adapter,) = (one for one in network.adapters if one.index == index)
        adapter.addresses.append(f"{call.text('IPAddress')}/{call.integer('PrefixLength', 32)}")
        if call.given("DefaultGateway"):
            network.routes.append(_route("0.0.0.0/0", call.text("DefaultGateway"), index))
        yield PSObject({"IPAddress": call.text("IPAddress")})

    @cmdlet(
        "New-NetRoute",
        named=["DestinationPrefix:string", "InterfaceIndex:int", "NextHop:string", "PolicyStore:string"],
    )
    def new_route(call: CmdletCall) -> Iterator[object]:
        made = _route(call.text("DestinationPrefix"), call.text("NextHop"), call.integer("InterfaceIndex", 0))
        network.routes.append(made)
        yield PSObject(dict(made))

    @cmdlet("Set-DnsClientServerAddress", named=["InterfaceIndex:int", "ServerAddresses:string[]"])
    def set_servers(call: CmdletCall) -> None:
        network.dns.setdefault(call.integer("InterfaceIndex", 0), {})["servers"] = call.get("ServerAddresses")

    @cmdlet("Set-DnsClient", named=["InterfaceIndex:int", "ConnectionSpecificSuffix:string"])
    def set_client(call: CmdletCall) -> None:
        suffix = call.text("ConnectionSpecificSuffix")
        network.dns.setdefault(call.integer("InterfaceIndex", 0), {})["suffix"] = suffix

    @cmdlet("Disable-NetAdapterChecksumOffload", named=["Name:string"])
    def disable_offload(call: CmdletCall) -> None:
        network.offload[call.text("Name")] = False

    @cmdlet("Enable-NetAdapterChecksumOffload", named=["Name:string"])
    def enable_offload(call: CmdletCall) -> None:
        network.offload[call.text("Name")] = True

    return catalogue(new_address, new_route, set_servers, set_client, disable_offload, enable_offload)


def _route(prefix: str, hop: str, index: int) -> dict[str, Any]:
    return {"DestinationPrefix": prefix, "NextHop": hop, "InterfaceIndex": index, "RouteMetric": 256}


def _statics(network: Network) -> list[StaticType]:
    def read(name: object, _scope: object = "Process") -> object:
        return network.machine_environment.get(str(name))

    def connect(host: object, port: object) -> PSObject:
        def wait(_milliseconds: object) -> object:
            answer = network.answers.get(f"{host}:{port}")
            if answer in (None, "open"):
                return answer == "open"
            failed = NetFault("One or more errors occurred.", "System.AggregateException")
            failed.exception.inner = NetException(
                "no", "System.Net.Sockets.SocketException", data={"SocketErrorCode": answer}
            )
            raise failed

        return PSObject({}, methods={"Wait": wait})

    def client() -> PSObject:
        return PSObject({}, methods={"ConnectAsync": connect, "Close": lambda: NOTHING})

    return [
        StaticType("System.Environment", {"GetEnvironmentVariable": read}),
        StaticType("System.Net.Sockets.TcpClient", constructor=client),
    ]
