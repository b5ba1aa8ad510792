"""The lab's own Linux hosts: they are what tests of the product stand on."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from lab import ground, network
from lab.cgroups import groups
from lab.linux_host import LinuxHost
from lab.machine import prepare_machine
from lab.snapshot import differences, snapshot
from lab.ssh import Ssh

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def segment() -> Iterator[None]:
    prepare_machine()
    with ground.present():
        yield


@pytest.fixture(scope="module")
def pair(segment: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LinuxHost, LinuxHost]]:
    folder = tmp_path_factory.mktemp("hosts")
    ssh = Ssh(folder / "ssh")
    ssh.prepare()
    first = LinuxHost("trial1", IPv4Address("10.77.0.201"), folder / "trial1", ssh)
    second = LinuxHost("trial2", IPv4Address("10.77.0.202"), folder / "trial2", ssh)
    try:
        first.start()
        second.start()
        yield first, second
    finally:
        first.erase()
        second.erase()


def traces(host: LinuxHost) -> dict[str, list[str]]:
    """Everything on this machine that bears the host's name, files of its own folder aside."""
    mark = f"lab-{host.name}"
    processes = subprocess.run(["ps", "-ww", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    links = subprocess.run(
        ["ip", "-n", "casement-switch", "-o", "link"], capture_output=True, text=True, check=False
    ).stdout
    return {
        "mounts": [line for line in Path("/proc/self/mounts").read_text().splitlines() if host.name in line],
        "namespaces": [str(path) for path in Path("/run/netns").glob(mark)],
        "control groups": [str(group) for group in groups(host.name) if group.exists()],
        "processes": [line for line in processes.splitlines() if mark in line or f" {host.name} " in line],
        "bridge ports": [line for line in links.splitlines() if f" {host.name}@" in line],
        "nspawn folders": [str(path) for path in Path("/run/systemd/nspawn").glob(f"*/{mark}")],
    }


def interfaces() -> list[str]:
    return [name for _, name in socket.if_nameindex()]


# First: the module's own network stands from the next test on.
def test_taking_the_ground_away_gives_the_machine_its_settings_back() -> None:
    if network.is_up():
        pytest.skip("a lab runs on this machine: its network stays")
    limit = Path("/proc/sys/fs/inotify/max_user_instances")
    before = limit.read_text()
    with ground.present():
        assert int(limit.read_text()) >= 8192
        assert "lab0" in interfaces()
    assert limit.read_text() == before
    assert "lab0" not in interfaces()
    assert not network.is_up()


def test_a_host_is_a_debian_server_without_anything_of_kubernetes(pair: tuple[LinuxHost, LinuxHost]) -> None:
    host, _ = pair
    assert host.run("systemctl is-system-running --wait").strip() == "running"
    assert "VERSION_CODENAME=bookworm" in host.run("cat /etc/os-release")
    missing = host.run("for each in containerd runc kubelet kubeadm crictl; do command -v $each || echo none; done")
    assert missing.split() == ["none"] * 5
    assert host.run("sysctl -n net.ipv4.ip_forward").strip() == "0"
    assert host.run("sudo -u debian sudo -n id -u").strip() == "0"


def test_two_hosts_reach_each_other_with_large_packets_and_over_vxlan(pair: tuple[LinuxHost, LinuxHost]) -> None:
    for number, (here, there) in enumerate((pair, pair[::-1]), start=1):
        here.run(
            f"ip link add vx type vxlan id 4096 dstport 4789 remote {there.address} && "
            f"ip address add 192.168.77.{number}/24 dev vx && ip link set vx up"
        )
    first, second = pair
    try:
        assert " 0% packet loss" in first.run(f"ping -c 2 -i 0.2 -M do -s 1472 {second.address}")
        assert " 0% packet loss" in first.run("ping -c 2 -i 0.2 -M do -s 1422 192.168.77.2")
    finally:
        for host in pair:
            host.run("ip link delete vx")


def test_kernel_modules_and_bridge_settings_are_a_servers_own(pair: tuple[LinuxHost, LinuxHost]) -> None:
    first, second = pair
    first.run("modprobe br_netfilter && modprobe overlay && sysctl -w net.bridge.bridge-nf-call-iptables=0")
    assert first.run("sysctl -n net.bridge.bridge-nf-call-iptables").strip() == "0"
    assert second.run("sysctl -n net.bridge.bridge-nf-call-iptables").strip() == "1"


def test_a_restart_makes_a_new_boot_and_keeps_only_the_disk(pair: tuple[LinuxHost, LinuxHost]) -> None:
    host, _ = pair
    host.run("echo kept > /root/kept && ip link add br9 type bridge && iptables -A FORWARD -j DROP")
    before, boot = snapshot(host), host.boot_id()
    host.reboot()
    assert host.boot_id() != boot
    assert host.run("cat /root/kept").strip() == "kept"
    changed = differences(before, snapshot(host), ["interfaces", "firewall", "files"])
    assert [line.partition(" (")[0] for line in changed] == [
        "interfaces: br9 went",
        "firewall: -A FORWARD -j DROP went",
    ]


def test_a_power_cut_ends_the_host_and_the_disk_boots_again(pair: tuple[LinuxHost, LinuxHost]) -> None:
    _, host = pair
    boot = host.boot_id()
    host.power_cut()
    assert not host.is_running()
    assert not any(traces(host).values())
    host.start()
    assert host.boot_id() != boot


def test_a_snapshot_sees_what_came_and_went(pair: tuple[LinuxHost, LinuxHost]) -> None:
    host, _ = pair
    before = snapshot(host)
    assert differences(before, snapshot(host)) == []
    host.run("mkdir /etc/casement && useradd extra && iptables -A INPUT -p tcp --dport 1 -j ACCEPT")
    kinds = {line.partition(":")[0] for line in differences(before, snapshot(host))}
    assert {"files", "users", "firewall"} <= kinds
    host.run("rmdir /etc/casement && userdel extra && iptables -D INPUT -p tcp --dport 1 -j ACCEPT")
    left = [line for line in differences(before, snapshot(host)) if not line.startswith("files: /etc/")]
    assert left == []


def test_a_second_host_of_the_same_name_is_refused(pair: tuple[LinuxHost, LinuxHost], tmp_path: Path) -> None:
    host, _ = pair
    done = subprocess.run(
        [sys.executable, "-m", "lab.linux_boot", str(tmp_path), host.name, "10.77.0.203"],
        capture_output=True, text=True, check=False, timeout=20,
    )  # fmt: skip
    assert done.returncode == 1
    assert "runs already" in done.stderr


def test_stopping_a_host_leaves_nothing_of_it_on_the_machine(pair: tuple[LinuxHost, LinuxHost]) -> None:
    host, _ = pair
    running = traces(host)
    silent = [kind for kind in ("namespaces", "control groups", "processes", "bridge ports") if not running[kind]]
    assert silent == []
    host.stop()
    assert {kind: found for kind, found in traces(host).items() if found} == {}
