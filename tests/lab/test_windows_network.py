"""What is seen of a Windows host's network before anything is changed, on a lab host without a cluster.

The probe goes out from the machine of the lab, on the same segment, by the very script that a control plane runs.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest

from lab import ground, network
from lab.machine import prepare_machine
from lab.shell import run
from lab.ssh import Ssh
from lab.windows.host import WindowsHost
from plan import preflight
from plan.preflight import PreflightPlan
from plan.shells import command_line, standard_input
from plan.step import Step
from tests.windows import sample

pytestmark = pytest.mark.lab
PROJECT = Path(__file__).resolve().parents[2]
ADDRESS = "10.77.0.204"


@dataclass
class Trial:
    """One Windows host with the project's scripts on it, and the machine beside it that probes."""

    host: WindowsHost
    folder: Path

    def plan(self, **changes: Any) -> PreflightPlan:
        """Return what is looked at, with other keys of the Windows node's settings."""
        node: dict[str, Any] = {"name": "wintrial", "managementIp": ADDRESS, **changes}
        # The API server that is asked for is the machine's own address: nothing listens there.
        head = {"name": "cp1", "address": str(network.GATEWAY.ip)}
        settings = sample.settings(controlPlane=head, windowsNodes=[node])
        return preflight.windows(settings, settings.windows_nodes[0], ssh_port=22)

    def windows(self, step: Step) -> subprocess.CompletedProcess[str]:
        """Run a step on the host, as the program does."""
        line = command_line(step, "windows", step.script, "0", as_root=False)
        command = [*self.host.ssh.command(self.host.user, self.host.address), line]
        stdin = standard_input(step.parameters, "windows")
        return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=300)

    def probe(self, step: Step) -> subprocess.CompletedProcess[str]:
        """Run the probe on the machine."""
        command = ["bash", str(self.folder / "linux/step.sh"), step.script, "0", step.name, str(step.time_limit)]
        stdin = standard_input(step.parameters, "linux")
        return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=300)

    def inside(self, *command: str) -> str:
        """Run a command in the host's network."""
        return run(["ip", "netns", "exec", network.namespace(self.host.name), *command])


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    prepare_machine()
    folder = tmp_path_factory.mktemp("hosts")
    ssh = Ssh(folder / "ssh")
    ssh.prepare()
    shutil.copytree(PROJECT / "scripts/linux", folder / "linux")
    host = WindowsHost("wintrial", IPv4Address(ADDRESS), "2022", folder=folder / "wintrial", ssh=ssh)
    with ground.present():
        try:
            host.start()
            shutil.copytree(PROJECT / "scripts/windows", host.files.drive_c / "k/casement/windows")
            yield Trial(host, folder)
        finally:
            host.erase()


def found(ran: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return the facts that a step printed."""
    assert ran.returncode == 0, ran.stderr
    facts: dict[str, Any] = json.loads(ran.stdout)
    return facts


def test_a_host_that_can_become_a_node_is_described(trial: Trial) -> None:
    facts = found(trial.windows(trial.plan().inspecting[0]))
    assert (facts["computerName"], facts["build"], facts["containersFeature"]) == ("WINTRIAL", "20348", "Available")
    assert facts["adapter"]["addresses"] == [f"{ADDRESS}/24"]
    assert (facts["adapter"]["mtu"], facts["adapter"]["dhcp"]) == (1500, False)
    assert facts["apiEndpoint"] == {"endpoint": "10.77.0.1:6443", "answer": "refused"}
    assert (facts["containerServices"], facts["hnsNetworks"], facts["warnings"]) == ([], [], [])


def test_everything_that_is_wrong_is_said_at_once(trial: Trial) -> None:
    trial.inside("ip", "link", "add", "eth1", "type", "veth", "peer", "name", "other")
    trial.inside("ip", "link", "set", "other", "up")
    trial.inside("ip", "address", "add", "192.0.2.9/24", "dev", "eth1")
    trial.inside("ip", "link", "set", "eth1", "up")
    trial.inside("ip", "route", "add", "default", "via", "192.0.2.1", "dev", "eth1", "metric", "1")
    trial.host.files.write("excluded-ports", {"tcp": [[10200, 10300]]})
    trial.host.files.write("metrics", {"eth1": 1, "eth0": 30})
    wrong = trial.plan(interfaceName="Ethernet 2").inspecting[0]
    wrong = replace(
        wrong, parameters={**wrong.parameters, "NodeCidrs": ("10.77.0.0/16",), "ApiEndpoint": "192.0.2.1:1"}
    )
    try:
        said = trial.windows(wrong).stderr
        trial.host.files.write("excluded-ports", {})
        clear = found(trial.windows(trial.plan().inspecting[0]))
    finally:
        trial.inside("ip", "link", "delete", "eth1")
    assert f"{ADDRESS} is on adapter 'Ethernet', not on 'Ethernet 2'" in said
    assert (
        "2 default routes, through Ethernet 2 (metric 2) and Ethernet (metric 30): traffic to the nodes may leave"
        in said
    )
    assert "TCP ports 10200-10300 are set aside" in said
    assert "no answer from the API server's 192.0.2.1:1" in said
    # The nodes' own range has a route of its own through the right adapter.
    assert ["nodes are reached through Ethernet" in text for text in clear["warnings"]] == [True]


def test_the_way_to_the_host_is_measured_and_nothing_is_left_of_it(trial: Trial) -> None:
    plan = trial.plan()
    assert found(trial.windows(plan.inspecting[1])) == {"answering": True, "port": 4789}
    facts = found(trial.probe(plan.probing[0]))
    assert (facts["mtu"], facts["answered"], facts["asked"], facts["back"]) == (1500, 10, 10, "proven")
    assert (facts["warnings"], abs(facts["clockOffsetMs"]) < 1000) == ([], True)
    assert trial.windows(plan.releasing[0]).returncode == 0
    assert trial.host.files.read("tasks", {}) == {}
    assert "casement-underlay" not in trial.host.files.read("firewall")
    assert "4789" not in trial.inside("ss", "-ulnH")


def test_each_fault_of_the_way_is_told_from_the_others(trial: Trial) -> None:
    plan, port = trial.plan(), trial.host.name
    assert trial.windows(plan.inspecting[1]).returncode == 0
    switch = ["ip", "-n", "casement-switch", "link", "set", port, "mtu"]
    run([*switch, "1400"])
    hole = trial.probe(plan.probing[0])
    run([*switch, "1500"])
    assert "but 1500 bytes do not get to it" in hole.stderr
    path = int(hole.stderr.split("set casement:mtu to ")[1].split(",")[0])
    assert 1390 <= path <= 1400
    trial.host.files.write("clock-offset", 90)
    clock = trial.probe(plan.probing[0])
    trial.host.files.write("clock-offset", 0)
    assert "the clock of wintrial is 90 s ahead of that of" in clock.stderr
    assert "w32tm /resync /force" in clock.stderr
    rules = trial.host.files.read("firewall")
    trial.inside("nft", "insert", "rule", "inet", "firewall", "input", "udp", "dport", "4789", "drop")
    closed = trial.probe(plan.probing[0])
    assert "no datagram gets from" in closed.stderr
    assert "TCP 22 there: open" in closed.stderr
    assert rules.keys() == {"openssh-server-in-tcp", "casement-underlay"}
    # Starting the answering again puts the firewall in force again, and the way is open.
    assert trial.windows(plan.inspecting[1]).returncode == 0
    assert found(trial.probe(plan.probing[0]))["answered"] == 10
    assert trial.windows(plan.releasing[0]).returncode == 0
