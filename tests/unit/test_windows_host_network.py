"""What the scripts do to a Windows host's own network, and that they give back what they or a virtual switch took."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab.windows.folder import HostFolder
from tests.unit.powershell_machine import Machine, Ran
from tests.unit.windows_network import Adapter, Network, make_networked_host
from tests.unit.windows_scripts import State, with_module

METADATA = "169.254.169.254/32"


@dataclass
class Host:
    """A host with one adapter and the project's scripts."""

    machine: Machine
    state: State
    network: Network
    folder: HostFolder

    def does(self, text: str) -> Ran:
        """Run a text that has the module's functions; it must succeed."""
        ran = with_module(self.machine, text)
        assert ran.code == 0, ran.err
        return ran

    def script(self, line: str) -> Ran:
        """Run a script of the project."""
        name, _, rest = line.partition(" ")
        return self.does(f"& 'C:\\k\\casement\\windows\\{name}' {rest}")

    def marker(self, name: str) -> Any:
        """Return what a script keeps under a name, or None."""
        path = self.machine.path(rf"C:\k\casement\state\{name}.json")
        return json.loads(path.read_text()) if path.exists() else None

    def switch(self, *addresses: str) -> None:
        """Let a virtual switch take the adapter over, with what it leaves of its addresses and none of its routes."""
        (adapter,) = self.network.adapters
        adapter.addresses = []
        self.network.adapters.append(Adapter("vEthernet (Ethernet)", 104, list(addresses)))
        self.network.routes = []
        self.network.dns = {}


@pytest.fixture
def host(tmp_path: Path) -> Host:
    folder = HostFolder(tmp_path)
    made = Host(*make_networked_host(folder), folder=folder)
    made.network.dns = {4: {"servers": ["10.77.0.2", "10.77.0.3"], "suffix": "corp.example.org"}}
    route = {"DestinationPrefix": METADATA, "NextHop": "10.77.0.1", "InterfaceIndex": 4, "RouteMetric": 256}
    made.network.routes.append(route)
    return made


SAVE = "Save-HostNetwork -ManagementIP 10.77.0.21 -InterfaceName Ethernet"


def test_a_static_address_that_the_switch_loses_comes_back_with_all_that_belongs_to_it(host: Host) -> None:
    host.does(SAVE)
    host.switch()
    said = host.does("Restore-HostNetwork").err
    assert "restored the static address 10.77.0.21 on vEthernet (Ethernet)" in said
    assert host.network.adapters[1].addresses == ["10.77.0.21/24"]
    assert {route["DestinationPrefix"]: route["InterfaceIndex"] for route in host.network.routes} == {
        "0.0.0.0/0": 104,
        METADATA: 104,
    }
    assert host.network.dns == {104: {"servers": ["10.77.0.2", "10.77.0.3"], "suffix": "corp.example.org"}}


def test_an_address_that_stays_is_left_alone_and_the_metadata_route_comes_back(host: Host) -> None:
    host.does(SAVE)
    host.switch("10.77.0.21/24")
    host.does("Restore-HostNetwork")
    assert [route["DestinationPrefix"] for route in host.network.routes] == ["0.0.0.0/0", METADATA]
    assert "restored" not in host.does("Restore-HostNetwork").err


def test_settings_that_windows_has_kept_are_left_as_they_are(host: Host) -> None:
    host.does(SAVE)
    host.switch("10.77.0.21/24")
    host.network.dns = {104: {"servers": ["10.77.0.9"], "suffix": "new.example.org"}}
    host.does("Restore-HostNetwork")
    assert host.network.dns == {104: {"servers": ["10.77.0.9"], "suffix": "new.example.org"}}


def test_what_was_noted_without_a_dns_suffix_is_restored_too(host: Host) -> None:
    host.does(SAVE)
    path = host.machine.path(r"C:\k\casement\state\host-network.json")
    noted = json.loads(path.read_text())
    del noted["dnsSuffix"]
    path.write_text(json.dumps(noted))
    host.switch()
    host.does("Restore-HostNetwork")
    assert host.network.dns == {104: {"servers": ["10.77.0.2", "10.77.0.3"]}}


def test_an_address_from_dhcp_is_waited_for_and_never_made_static(host: Host) -> None:
    host.network.adapters[0].dhcp = True
    host.does(SAVE)
    host.switch()
    ran = with_module(host.machine, "Restore-HostNetwork")
    assert (ran.code, host.network.adapters[1].addresses) == (1, [])
    assert "until an adapter holds 10.77.0.21" in ran.err


def test_what_was_saved_is_not_saved_anew_from_the_switch(host: Host) -> None:
    host.does(SAVE)
    before = host.marker("host-network")
    host.switch("10.77.0.21/24")
    host.does(SAVE)
    assert host.marker("host-network") == before
    assert before["static"] is True


def test_the_port_range_is_set_once_and_given_back_as_it_was_found(host: Host) -> None:
    host.folder.write("dynamic-ports", {"tcp": {"start": 50000, "number": 1000}})
    line = "Set-PortRange.ps1 -StartPort 34000 -PortCount 31536"
    assert json.loads(host.script(line).lines[-1])["changed"] is True
    assert json.loads(host.script(line).lines[-1])["changed"] is False
    assert host.folder.read("dynamic-ports")["tcp"] == {"start": 34000, "number": 31536}
    fact = "Get-FactValue -Kind port-range -Name tcp"
    assert host.does(fact).lines == ["34000 31536"]
    host.script("Restore-PortRange.ps1")
    assert host.does(fact).lines == ["50000 1000"]
    assert host.marker("port-range") is None


def test_checksum_offload_is_turned_off_and_on_again(host: Host) -> None:
    line = "Disable-ChecksumOffload.ps1 -InterfaceName Ethernet"
    assert json.loads(host.script(line).lines[-1])["changed"] is True
    assert json.loads(host.script(line).lines[-1])["changed"] is False
    assert host.network.offload == {"Ethernet": False}
    host.script("Restore-ChecksumOffload.ps1")
    assert host.network.offload == {"Ethernet": True}


def test_checksum_offload_that_was_off_before_stays_off(host: Host) -> None:
    host.network.offload["Ethernet"] = False
    host.script("Disable-ChecksumOffload.ps1 -InterfaceName Ethernet")
    host.script("Restore-ChecksumOffload.ps1")
    assert host.network.offload == {"Ethernet": False}
