"""What Test-Host.ps1 finds on a Windows host, what it warns of, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab.windows.folder import HostFolder
from plan import preflight
from tests.unit.powershell_machine import Machine, Ran
from tests.unit.windows_network import Adapter, Network, make_networked_host
from tests.unit.windows_scripts import State, with_module
from tests.windows import sample

TEST_HOST = "& 'C:\\k\\casement\\windows\\Test-Host.ps1' @parameters"


@dataclass
class Host:
    """A host that can become a node, as long as a test does not change it."""

    machine: Machine
    state: State
    network: Network
    folder: HostFolder

    def look(self, *, report_only: bool = False, **keys: Any) -> Ran:
        """Run the preflight of a stack file with these keys."""
        settings = sample.settings(**keys)
        step = preflight.windows(settings, settings.windows_nodes[0], ssh_port=22).inspecting[0]
        given = {name: value for name, value in step.parameters.items() if name not in ("CriEndpoint", "LogFolder")}
        given["ReportOnly"] = report_only
        text = "\n".join(f"{name} = {_literal(value)}" for name, value in given.items())
        return with_module(self.machine, f"$parameters = @{{\n{text}\n}}\n{TEST_HOST}")

    def facts(self, **keys: Any) -> dict[str, Any]:
        """Return what it prints."""
        ran = self.look(**keys)
        assert ran.code == 0, ran.err
        found: dict[str, Any] = json.loads(ran.lines[-1])
        return found

    def refused(self, **keys: Any) -> str:
        """Return why it refuses the host."""
        ran = self.look(**keys)
        assert ran.code == 1
        assert "This host cannot become node win1" in ran.err
        return ran.err

    def mark(self, name: str) -> None:
        """Leave what a step of ours leaves."""
        path = self.machine.path(rf"C:\k\casement\state\{name}.json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return "$true" if value else "$false"
    items = [f"'{one}'" for one in (value if isinstance(value, tuple) else (value,))]
    return f"@({', '.join(items)})" if isinstance(value, tuple) else items[0]


@pytest.fixture
def host(tmp_path: Path) -> Host:
    folder = HostFolder(tmp_path)
    made = Host(*make_networked_host(folder), folder=folder)
    made.network.answers["10.77.0.11:6443"] = "ConnectionRefused"
    return made


def test_a_host_that_can_become_a_node_is_described_without_a_warning(host: Host) -> None:
    facts = host.facts()
    assert facts["warnings"] == []
    assert (facts["build"], facts["revision"], facts["processors"]) == ("20348", 2340, 4)
    assert (facts["memoryMiB"], facts["freeDiskMiB"], facts["containersFeature"]) == (8192, 51200, "Available")
    assert facts["adapter"] == facts["adapters"][0]
    assert facts["adapter"]["addresses"] == ["10.77.0.21/24"]
    assert {route["destination"]: route["metric"] for route in facts["routes"]} == {
        "0.0.0.0/0": 271,
        "10.77.0.0/24": 271,
    }
    assert facts["apiEndpoint"] == {"endpoint": "10.77.0.11:6443", "answer": "refused"}
    assert facts["time"]["source"] == "time.windows.com,0x8"
    assert (facts["proxies"], facts["hnsNetworks"], facts["hyperVSwitches"], facts["pendingRestart"]) == (
        {},
        [],
        [],
        [],
    )


def _second_gateway(host: Host) -> None:
    host.network.adapters.append(Adapter("Ethernet 2", 5, ["192.0.2.9/24"], metric=5))
    route = {"DestinationPrefix": "0.0.0.0/0", "NextHop": "192.0.2.1", "InterfaceIndex": 5, "RouteMetric": 256}
    host.network.routes.append(route)


def _unreachable_nodes(host: Host) -> None:
    _second_gateway(host)
    host.network.routes.pop(1)


REFUSED: list[tuple[str, Callable[[Host], object], str]] = [
    (
        "a build nobody supports",
        lambda host: host.network.system.update(BuildNumber="17763"),
        "build 17763: use Windows",
    ),
    ("a workstation", lambda host: host.network.system.update(ProductType=1), "use Windows Server 2022"),
    ("little memory", lambda host: host.network.system.update(TotalVisibleMemorySize=1 << 20), "1024 MiB of memory"),
    ("little disk", lambda host: setattr(host.network, "free_disk", 5 << 30), "5120 MiB free on C:"),
    ("feature files gone", lambda host: host.state.features.update(Containers="Removed"), "-Source PATH"),
    ("a name that waits", lambda host: host.state.registry[_NAME].update(ComputerName="NEW"), "a new computer name"),
    (
        "updates that wait",
        lambda host: host.state.registry.update({_UPDATE: {}}),
        "pending for Windows Update: restart",
    ),
    ("Docker", lambda host: host.network.services.update(docker="Stopped"), "service docker is on this host already"),
    ("an adapter that is down", lambda host: setattr(host.network.adapters[0], "status", "Disconnected"), "connect it"),
    (
        "another address",
        lambda host: setattr(host.network.adapters[0], "addresses", ["10.77.0.9/24"]),
        "correct managementIp",
    ),
    (
        "another adapter",
        lambda host: setattr(host.network.adapters[0], "name", "LAN"),
        "not on 'Ethernet': correct interfaceName",
    ),
    ("two ways out", _unreachable_nodes, "traffic to the nodes may leave by another adapter than Ethernet"),
    ("a silent API", lambda host: host.network.answers.clear(), "no answer from the API server's 10.77.0.11:6443"),
    (
        "an unknown API",
        lambda host: host.network.answers.update({_API: "HostNotFound"}),
        "unknown name from the API server",
    ),
    (
        "ports set aside",
        lambda host: host.folder.write("excluded-ports", {"tcp": [[10250, 10349]]}),
        "startport=10250 numberofports=100",
    ),
    ("no tar", lambda host: host.machine.programs.pop("tar.exe"), "tar.exe is not on the PATH"),
]
_NAME = r"HKLM:\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName"
_UPDATE = r"HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired"
_API = "10.77.0.11:6443"


@pytest.mark.parametrize(("change", "said"), [each[1:] for each in REFUSED], ids=[each[0] for each in REFUSED])
def test_what_makes_a_node_impossible_is_refused_with_a_remedy(
    host: Host, change: Callable[[Host], object], said: str
) -> None:
    change(host)
    assert said in host.refused()


def test_all_problems_of_a_host_are_told_at_once(host: Host) -> None:
    host.network.system.update(BuildNumber="17763", TotalVisibleMemorySize=1 << 20)
    host.network.services["docker"] = "Running"
    said = host.refused()
    for part in ("build 17763", "1024 MiB of memory", "service docker"):
        assert part in said


def test_a_report_on_demand_tells_the_problems_and_does_not_fail(host: Host) -> None:
    host.network.system.update(BuildNumber="17763")
    ran = host.look(report_only=True)
    facts = json.loads(ran.lines[-1])
    assert (ran.code, len(facts["problems"]), facts["build"]) == (0, 1, "17763")


WARNED: list[tuple[str, Callable[[Host], object], str]] = [
    ("DHCP", lambda host: setattr(host.network.adapters[0], "dhcp", True), "10.77.0.21 comes from DHCP: reserve it"),
    ("no clock", lambda host: host.network.services.clear(), "service w32time does not run"),
    ("another name", lambda host: host.machine.variables.update(COMPUTERNAME="OLD"), "the computer is named OLD"),
    ("a bad update", lambda host: host.state.registry[_UBR].update(UBR=2655), "20348.2655: pods lose their network"),
    ("another way out", _second_gateway, "nodes are reached through Ethernet"),
    (
        "a proxy",
        lambda host: host.network.machine_environment.update(HTTPS_PROXY="http://p:1"),
        "write it as casement:proxy",
    ),
    (
        "node ports",
        lambda host: host.folder.write("excluded-ports", {"tcp": [[31000, 31099]]}),
        "TCP ports 31000-31099",
    ),
    (
        "a switch",
        lambda host: host.network.switches.append({"Name": "S", "SwitchType": "External"}),
        "external switch 'S'",
    ),
    ("a domain controller", lambda host: host.network.system.update(ProductType=2), "domain controller"),
]
_UBR = r"HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion"


@pytest.mark.parametrize(("change", "said"), [each[1:] for each in WARNED], ids=[each[0] for each in WARNED])
def test_what_may_hurt_is_warned_of_in_the_report_and_in_the_progress(
    host: Host, change: Callable[[Host], object], said: str
) -> None:
    change(host)
    ran = host.look()
    assert said in " ".join(json.loads(ran.lines[-1])["warnings"])
    assert "warning: " in ran.err
    assert said in ran.err


def test_an_update_that_repairs_what_another_broke_is_not_warned_of(host: Host) -> None:
    host.state.registry[_UBR]["UBR"] = 2762
    assert host.facts()["warnings"] == []


def test_a_silent_load_balancer_without_a_server_behind_it_is_no_hindrance(host: Host) -> None:
    head = {"name": "cp1", "address": "10.77.0.11", "endpoint": "api.example.org:6443"}
    assert "no answer from the API server's api.example.org:6443" in " ".join(host.facts(controlPlane=head)["warnings"])


def test_a_host_that_is_a_node_already_is_not_refused_for_what_only_hinders_a_first_installation(host: Host) -> None:
    host.network.free_disk = 5 << 30
    host.network.services |= {"kubelet": "Running"}
    host.mark("service-kubelet")
    facts = host.facts()
    assert facts["containerServices"] == [{"name": "kubelet", "state": "Running", "start": "Automatic", "ours": True}]
    assert "5120 MiB free on C:" in facts["warnings"][0]


def test_passwords_of_proxies_are_not_told(host: Host) -> None:
    host.network.machine_environment["HTTP_PROXY"] = "http://user:secret@proxy:3128"
    host.folder.write("winhttp", "proxy:3128")
    proxies = host.facts(proxy={"http": "http://proxy:3128"})["proxies"]
    assert proxies == {"HTTP_PROXY": "http://***@proxy:3128", "winHttp": "proxy:3128"}


def test_what_the_old_guide_has_left_is_no_hindrance_where_it_is_to_be_taken_over(host: Host) -> None:
    host.network.services |= {"docker": "Running", "kubelet": "Running"}
    node = {"name": "win1", "managementIp": "10.77.0.21"}
    assert "service docker, kubelet is on this host already" in host.refused(windowsNodes=[node])
    facts = host.facts(windowsNodes=[node | {"adopt": True}])
    assert facts["problems"] == []
    assert "service docker, kubelet is on this host already, and is taken over" in facts["warnings"]


def test_docker_that_nobody_starts_is_no_hindrance(host: Host) -> None:
    host.network.services |= {"docker": "Stopped"}
    host.network.disabled = {"docker"}
    assert host.facts()["problems"] == []
