"""The main job on machines that clouds make: stand-ins for Azure and Google, with fresh hosts of the lab behind them.

For each site the tests are one story and run in this order.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from lab import network
from lab.down import erase
from lab.linux_host import LinuxHost
from lab.providers.cloud_state import FOLDER_VARIABLE, HOSTS_VARIABLE, Circumstances, CloudFolder
from lab.snapshot import Snapshot, differences, snapshot
from lab.up import up
from lab.windows import openssh
from lab.windows.host import WindowsHost
from plan.checks import CHECKS
from plan.first_boot import PUBLISHED
from tests.lab.site import Site, linux_host, make_site, windows_host

pytestmark = [pytest.mark.lab, pytest.mark.minutes(12), pytest.mark.timeout(900)]

MACHINES = (":VirtualMachine", ":Instance")
ADMINISTRATORS = {"adminCidrs": [f"{network.GATEWAY.ip}/32"]}
WINDOWS = {"name": "win1", "managementIp": "10.77.0.21", "criEndpoint": "tcp://127.0.0.1:3735"}
NODES: dict[str, Any] = {"clusterName": "casement", "linuxWorkers": [], "windowsNodes": [WINDOWS]}
WINDOWS_2022 = "MicrosoftWindowsServer:WindowsServer:2022-datacenter-core-g2:20348.4294.251011"
AZURE: dict[str, Any] = {
    **ADMINISTRATORS,
    "location": "westeurope",
    "resourceGroup": "casement",
    "subnetCidr": "10.77.0.0/24",
    # The lab's network carries what Azure's splits.
    "linuxMtu": 1500,
    "linux": {"image": "Debian:debian-12:12-gen2:0.20251006.2257"},
    "windows": {"image": "MicrosoftWindowsServer:WindowsServer:2025-datacenter-core-g2:26100.6899.251011"},
}
GCE: dict[str, Any] = {
    **ADMINISTRATORS,
    "project": "my-project-1",
    "region": "europe-west4",
    "subnetCidr": "10.77.0.0/24",
    "linux": {"zone": "europe-west4-a", "image": "debian-cloud/debian-12-bookworm-v20251014"},
    "windows": {"zone": "europe-west4-a", "image": "windows-cloud/windows-server-2022-dc-core-v20251014"},
}
MIXED: dict[str, Any] = {
    **NODES,
    "windowsNodes": [{**WINDOWS, "source": "azure"}],
    # The control plane stands on premises, at an address beside the cloud's range.
    "azure": {
        **AZURE,
        "subnetCidr": "10.77.0.16/28",
        "publicControlPlane": False,
        "windows": {"image": WINDOWS_2022},
    },
}


@dataclass
class Story:
    """A site, and what is expected of it."""

    values: dict[str, Any]
    release: str
    """Of Windows Server."""
    own: tuple[str, ...] = ()
    """Machines on premises."""
    found: dict[str, Snapshot] = field(default_factory=dict)
    site: Site = field(init=False)
    clouds: CloudFolder = field(init=False)


STORIES = {
    "azure": Story({**NODES, "source": "azure", "azure": AZURE}, "2025"),
    "gce": Story({**NODES, "source": "gce", "gce": GCE}, "2022"),
    "mixed": Story(MIXED, "2022", ("cp1",)),
}


@pytest.fixture(scope="module")
def names_free(lab_hosts: None) -> Iterator[None]:
    """The clouds' machines have names and addresses of the lab's own hosts, which come back afterwards."""
    yield
    erase(())
    up(())


@pytest.fixture(scope="module", params=STORIES)
def story(names_free: None, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """One site for each story, on clouds that have nothing."""
    folder, told = tmp_path_factory.mktemp(request.param), STORIES[request.param]
    erase(())
    if told.own:
        up(told.own)
    told.found = {name: snapshot(linux_host(name)) for name in told.own}
    told.clouds = CloudFolder(folder / "clouds")
    told.clouds.set(Circumstances(public_addresses={"cp1-public": "10.77.0.11"}))
    told.site = make_site(folder / "project")
    environment = {FOLDER_VARIABLE: str(told.clouds.folder), HOSTS_VARIABLE: "1", "ARM_SUBSCRIPTION_ID": "lab"}
    told.site.engine = replace(told.site.engine, environment=environment)
    told.site.configure(**told.values)
    return told


def made(story: Story) -> dict[str, LinuxHost | WindowsHost]:
    """Return the hosts that clouds have made."""
    every: dict[str, LinuxHost | WindowsHost] = {"cp1": linux_host("cp1"), "win1": windows_host("win1")}
    return {name: host for name, host in every.items() if name not in story.own}


def has(story: Story) -> dict[str, str]:
    """Return what the clouds have, with its type."""
    return {key: thing.token for cloud in ("azure-native", "gcp") for key, thing in story.clouds.things(cloud).items()}


def test_an_up_from_nothing_ends_with_the_checks_of_any_cluster(story: Story) -> None:
    result = story.site.up()
    assert result.returncode == 0, result.diagnostics
    outputs = story.site.outputs()
    checks = outputs["checks"]
    # There is one machine of each kind.
    assert set(CHECKS) - set(checks) == {"linux-to-linux", "windows-to-windows"}
    results = {(name, of): result for name, kind in checks.items() for of, result in kind["results"].items()}
    assert all(result["ok"] for result in results.values())
    crossing = {("linux-to-windows", "cp1 to win1"), ("windows-to-linux", "win1 to cp1"), ("outbound", "win1")}
    assert crossing <= set(results)
    nodes = story.site.nodes()
    assert set(nodes) == {"cp1", "win1"}
    assert story.release in nodes["win1"]["status"]["nodeInfo"]["osImage"]
    machines = [key.rpartition("/")[2] for key, token in has(story).items() if token.endswith(MACHINES)]
    assert set(machines) == set(made(story))


def test_machines_let_their_administrator_in_by_key_and_show_the_host_keys_that_they_have_told(story: Story) -> None:
    told = story.site.outputs()["machines"]
    assert set(told) == {"cp1", "win1"}
    for name, host in made(story).items():
        file = host.folder / "root/etc/ssh/ssh_host_ed25519_key"
        if isinstance(host, WindowsHost):
            file = openssh.host_key(host.files)
            assert openssh.users(host.files) == {"Administrator": True, "casement": True}
        assert told[name]["hostKey"] == " ".join(file.with_suffix(".pub").read_text().split()[:2])
        command = host.ssh.command("casement", host.address)
        tried = subprocess.run(
            [*command[:-1], "-o", "PreferredAuthentications=none", command[-1], "true"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Permission denied (publickey)." in tried.stderr


def test_what_the_clouds_run_at_boot_has_run(story: Story) -> None:
    for host in made(story).values():
        on_google = "gce" in story.values
        if isinstance(host, WindowsHost) and on_google:
            # It has restarted with its feature.
            assert (host.folder / "task-gcestartup.log").read_text().count(PUBLISHED) == 2
        elif isinstance(host, LinuxHost) and on_google:
            assert PUBLISHED in host.run("journalctl --no-pager -u google-startup-scripts")
        elif isinstance(host, LinuxHost):
            host.run("test -e /var/lib/cloud/instance/boot-finished")
            assert " mtu 1500 " in host.run("ip link show eth0")


def test_another_up_changes_nothing(story: Story) -> None:
    assert story.site.engine.run("preview", "--expect-no-changes").returncode == 0
    again = story.site.engine.up("--expect-no-changes")
    assert again.returncode == 0, again.diagnostics


def test_destroy_leaves_the_clouds_empty_and_no_host(story: Story) -> None:
    hosts = made(story)
    result = story.site.engine.run("destroy", "--yes", "--skip-preview", "--run-program", timeout=600)
    assert result.returncode == 0, result.diagnostics
    assert has(story) == {}
    assert [name for name, host in hosts.items() if host.is_running() or host.folder.exists()] == []
    left = {name: differences(story.found[name], snapshot(linux_host(name))) for name in story.own}
    assert not any(left.values()), left
