"""What the supervisor of flannel does about a network or a Host Network Service that is new, on the model of HNS."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lab.powershell.cmdlet import CmdletCall, catalogue, cmdlet
from lab.powershell.faults import NetFault
from lab.powershell.host import Cmdlet, StaticType
from lab.windows.folder import HostFolder
from lab.windows.hns import HnsModel
from lab.windows.hns_v1 import hns_call
from tests.unit.powershell_machine import Machine
from tests.unit.test_windows_hns import NETWORK, FakeWire
from tests.unit.windows_network import Network, make_networked_host
from tests.unit.windows_scripts import State, with_module

LOOK = "Sync-PodNetwork -NetworkName vxlan0 -LogFolder C:\\k -State $state\n"
HOST_LOCAL = r"C:\opt\cni\bin\host-local.exe"
LEASES = "C:\\var\\lib\\cni\\networks\\vxlan0\\"
BALANCER = {
    "HostComputeEndpoints": [],
    "SourceVIP": "10.244.1.2",
    "PortMappings": [{"Protocol": 6, "ExternalPort": 443}],
    "FrontendVIPs": ["10.96.0.1"],
}


@dataclass
class Node:
    """A node with kube-proxy set up, whose HNS is the lab's model."""

    machine: Machine
    state: State
    network: Network
    hns: HnsModel
    done: list[str] = field(default_factory=list)

    def look(self, *more: str) -> str:
        """Let the supervisor look once, then run more of the script with the same memory; return what it said."""
        ran = with_module(self.machine, "\n".join(["$state = @{}", LOOK, *more]))
        assert ran.code == 0, ran.err
        return ran.err

    def make_network(self, prefix: str = "10.244.1.0/24") -> None:
        """Have flanneld's network there, and no other."""
        for key in list(self.hns.state["networks"]):
            self.hns.delete("Network", key)
        wanted = copy.deepcopy(NETWORK)
        wanted["Ipams"][0]["Subnets"][0]["IpAddressPrefix"] = prefix  # type: ignore[index]
        assert self.hns.call("HcnCreateNetwork", "", json.dumps(wanted)).result == 0

    def balance(self) -> None:
        """Have a load balancer there."""
        assert self.hns.call("HcnCreateLoadBalancer", "", json.dumps(BALANCER)).result == 0

    def source(self) -> str:
        """Return the source address in kube-proxy's configuration."""
        text = self.machine.path(r"C:\k\kube-proxy.yaml").read_text()
        return text.split("sourceVip: ")[1].strip().strip("'")

    def leases(self) -> set[str]:
        """Return what is reserved for kube-proxy."""
        return {path.name for path in self.machine.path(LEASES).iterdir()}


def _host_local(machine: Machine) -> Any:
    def run(_arguments: Sequence[str], stdin: bytes | None) -> tuple[int, bytes, bytes]:
        subnet = json.loads(stdin or b"")["ipam"]["ranges"][0][0]["subnet"]
        address = subnet.rsplit(".", 1)[0] + ".2"
        lease = machine.path(LEASES + address)
        lease.parent.mkdir(parents=True, exist_ok=True)
        lease.write_text("kube-proxy\r\nsource-vip")
        return 0, json.dumps({"ips": [{"address": f"{address}/24"}]}).encode(), b""

    return run


def _cmdlets(node: Node) -> Mapping[str, Cmdlet]:
    def change(verb: str, status: str) -> Cmdlet:
        @cmdlet(verb, named=["Name:string"], switches=["Force"])
        def run(call: CmdletCall) -> None:
            node.done.append(f"{verb} {call.text('Name')}")
            node.network.services[call.text("Name")] = status

        return run

    @cmdlet("Get-Process", named=["Name:string"])
    def get_process(call: CmdletCall) -> Iterator[object]:
        node.done.append(f"Get-Process {call.text('Name')}")
        yield from ()

    return catalogue(change("Start-Service", "Running"), change("Stop-Service", "Stopped"), get_process)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    machine, state, network = make_networked_host(HostFolder(tmp_path))
    made = Node(machine, state, network, HnsModel({}, FakeWire(), iter("abcdefgh").__next__))
    machine.cmdlets = {**machine.cmdlets, **_cmdlets(made)}
    call = {"Call": lambda method, path, body: hns_call(made.hns, "20348", f"{method} {path}\n{body}")}
    machine.statics = {**machine.statics, "Casement.Hns": StaticType("Casement.Hns", call)}
    machine.programs[HOST_LOCAL] = _host_local(machine)
    network.services |= {"hns": "Running", "kube-proxy": "Running"}
    state.services |= {"hns": {"ProcessId": 50}, "kube-proxy": {"ProcessId": 60, "State": "Running"}}
    template = machine.path(r"C:\k\casement\kube-proxy.template.yaml")
    template.write_text("winkernel:\n  sourceVip: '@SOURCE_VIP@'\n")
    return made


def test_a_new_network_gives_kube_proxy_its_source_address_and_a_fresh_start(node: Node) -> None:
    node.make_network()
    node.balance()
    assert "HNS network vxlan0 is new: 10.244.1.0/24" in node.look()
    assert (node.source(), node.leases()) == ("10.244.1.2", {"10.244.1.2"})
    assert node.done == ["Stop-Service kube-proxy", "Start-Service kube-proxy"]
    assert node.hns.state["loadbalancers"] == {}


def test_a_network_that_is_known_is_left_alone(node: Node) -> None:
    node.make_network()
    node.look()
    node.done.clear()
    node.balance()
    assert node.look(LOOK) == ""
    assert (node.done, len(node.hns.state["loadbalancers"])) == ([], 1)


def test_another_pod_range_gives_the_old_source_address_back_and_takes_one_of_its_own(node: Node) -> None:
    node.make_network()
    node.look()
    node.make_network("10.244.7.0/24")
    said = node.look()
    assert "gave source address 10.244.1.2 back" in said
    assert (node.source(), node.leases()) == ("10.244.7.2", {"10.244.7.2"})


@pytest.mark.parametrize("damage", ["address", "lease", "second lease"])
def test_a_source_address_that_is_not_reserved_in_the_pod_range_is_repaired(node: Node, damage: str) -> None:
    node.make_network()
    node.look()
    node.done.clear()
    if damage == "address":
        node.machine.path(r"C:\k\kube-proxy.yaml").write_text("winkernel:\n  sourceVip: '10.9.9.9'\n")
    elif damage == "lease":
        node.machine.path(LEASES + "10.244.1.2").unlink()
    else:
        node.machine.path(LEASES + "10.244.1.9").write_text("kube-proxy\r\nsource-vip")
    node.look()
    assert (node.source(), node.leases()) == ("10.244.1.2", {"10.244.1.2"})
    assert "Start-Service kube-proxy" in node.done


def test_while_another_process_sets_kube_proxy_up_the_supervisor_waits(node: Node) -> None:
    """A step does: whoever comes second finds the address that it has reserved, and reserves no other."""
    node.make_network()
    real = node.machine.statics["System.IO.File"]
    asked: list[str] = []

    def open_it(path: str, *rest: object) -> object:
        asked.append(path)
        if len(asked) < 3:
            return _held()
        if len(asked) == 3:
            reserve = node.machine.programs[HOST_LOCAL]
            reserve([], json.dumps({"ipam": {"ranges": [[{"subnet": "10.244.1.0/24"}]]}}).encode())
            node.machine.programs[HOST_LOCAL] = lambda _arguments, _stdin: (1, b"duplicate allocation", b"")
        return real.methods["Open"](path, *rest)

    node.machine.statics = {
        **node.machine.statics,
        "System.IO.File": StaticType("System.IO.File", {**real.methods, "Open": open_it}),
    }
    node.look()
    assert set(asked) == {r"C:\k\casement\state\kube-proxy.lock"}
    assert (len(asked), node.source(), node.leases()) == (3, "10.244.1.2", {"10.244.1.2"})


def test_a_plug_in_that_gives_no_address_is_told_of(node: Node) -> None:
    node.make_network()
    node.machine.programs[HOST_LOCAL] = lambda _arguments, _stdin: (1, b'{"msg": "no addresses available"}', b"")
    ran = with_module(node.machine, "\n".join(["$state = @{}", LOOK]))
    assert ran.code != 0
    assert "no addresses available" in ran.err


def test_a_crash_of_the_host_network_service_starts_kube_proxy_anew(node: Node) -> None:
    node.make_network()
    node.look()
    node.done.clear()
    node.state.services["hns"]["ProcessId"] = 51
    assert node.look() == ""
    # The memory of one supervisor: it has seen process 51, and the service comes back as 52.
    said = node.look("$state['hnsProcess'] = 50", LOOK)
    assert "the Host Network Service has started anew" in said
    assert node.done == ["Stop-Service kube-proxy", "Start-Service kube-proxy"]


def test_a_network_lost_in_a_crash_is_made_again_at_once(node: Node) -> None:
    said = node.look("$state['hnsProcess'] = 49", LOOK)
    assert "HNS network vxlan0 is missing: flanneld has to make it again" in said
    assert node.done == ["Get-Process flanneld"]


def test_a_network_that_stays_away_is_made_again_after_three_minutes(node: Node) -> None:
    assert node.look("Start-Sleep -Seconds 170", LOOK) == ""
    assert "flanneld has to make it again" in node.look("Start-Sleep -Seconds 185", LOOK)


def test_load_balancers_of_a_network_that_is_gone_are_removed_before_it_is_made_anew(node: Node) -> None:
    node.balance()
    clear = "Clear-StalePolicy -NetworkName vxlan0"
    ran = with_module(node.machine, clear)
    assert "removing 1 load balancers of a network that is gone" in ran.err
    assert node.hns.state["loadbalancers"] == {}
    node.make_network()
    node.balance()
    assert with_module(node.machine, clear).err == ""
    assert len(node.hns.state["loadbalancers"]) == 1


def test_kube_proxy_that_has_stopped_with_kubelet_is_started_again_after_a_minute(node: Node) -> None:
    node.make_network()
    node.look()
    node.network.services |= {"kubelet": "Running", "kube-proxy": "Stopped"}
    node.done.clear()
    assert node.look("Start-Sleep -Seconds 30", LOOK) == ""
    assert "kube-proxy has stopped: it is started again" in node.look("Start-Sleep -Seconds 61", LOOK)
    assert node.done == ["Start-Service kube-proxy"]


@pytest.mark.parametrize("kubelet", ["Stopped", "Running"])
def test_kube_proxy_that_was_stopped_on_purpose_stays_so(node: Node, kubelet: str) -> None:
    """Kubelet is stopped too, or a step is under way, which holds the lock."""
    node.make_network()
    node.look()
    node.network.services |= {"kubelet": kubelet, "kube-proxy": "Stopped"}
    if kubelet == "Running":
        lock = node.machine.path(r"C:\k\casement\state\step.lock")
        lock.touch()
        node.machine.statics = {**node.machine.statics, "System.IO.File": StaticType("System.IO.File", {"Open": _held})}
    node.done.clear()
    assert node.look("Start-Sleep -Seconds 61", LOOK) == ""
    assert node.done == []


def _held(*_arguments: object) -> object:
    raise NetFault("The process cannot access the file because it is being used.", "System.IO.IOException")
