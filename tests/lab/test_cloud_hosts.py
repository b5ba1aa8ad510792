"""The hosts behind a cloud's machines: closed at first, opened by what the cloud runs on them, gone when erased."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from lab import ground, network, run
from lab.cloud_hosts import CloudHosts
from lab.linux_host import answers
from lab.machine import prepare_machine
from lab.providers.cloud_machines import NewMachine
from lab.windows.host import WindowsHost
from plan.first_boot import (
    PRINT_HOST_KEY,
    PUBLISHED,
    Publication,
    host_key_in,
    linux_boot,
    linux_with_mtu,
    open_ssh,
    windows_boot,
)

pytestmark = pytest.mark.lab

PUBLICATION = Publication(
    "http://169.254.169.254/computeMetadata/v1/instance/guest-attributes/hostkeys", "Metadata-Flavor: Google"
)
WINDOWS = NewMachine("trialwin", "windows", "server-2022-core", "10.77.0.203", "", "", "")
POWERSHELL = "powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -Command"
Start = Callable[[NewMachine], str]


@pytest.fixture(scope="module")
def hosts() -> Iterator[CloudHosts]:
    prepare_machine()
    with ground.present():
        run.SSH.prepare()
        yield CloudHosts()


@pytest.fixture
def start(hosts: CloudHosts) -> Iterator[Start]:
    started: list[str] = []

    def begin(machine: NewMachine) -> str:
        started.append(machine.name)
        return asyncio.run(hosts.start(machine))

    yield begin
    for name in started:
        asyncio.run(hosts.erase(name))
        assert not (run.RUN_FOLDER / "hosts" / name).exists()
        assert not network.namespace_path(name).exists()


def public_key() -> str:
    return " ".join(run.SSH.public_key().split()[:2])


def windows_host(release: str) -> WindowsHost:
    address, folder = IPv4Address(WINDOWS.address), run.RUN_FOLDER / "hosts" / WINDOWS.name
    return WindowsHost(WINDOWS.name, address, release, folder=folder, ssh=run.SSH)


def logs_in(user: str, address: str, host_key: str, command: str) -> str:
    """Return what a command prints that a user runs on a host which shows this key."""
    run.SSH.remember(IPv4Address(address), host_key)
    line = [*run.SSH.command(user, IPv4Address(address)), command]
    return subprocess.run(line, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL).stdout.strip()


def refused_without_a_key(address: str) -> str:
    *line, whom = run.SSH.command("casement", IPv4Address(address))
    tried = [*line, "-o", "PreferredAuthentications=none", whom, "true"]
    return subprocess.run(tried, capture_output=True, text=True, check=False).stderr


def test_debian_has_its_administrator_its_user_data_and_a_published_host_key(hosts: CloudHosts, start: Start) -> None:
    machine = NewMachine("triallin", "linux", "debian-12", "10.77.0.204", "casement", public_key(), "")
    key = start(replace(machine, user_data=linux_with_mtu(1400), startup_script=linux_boot(PUBLICATION)))
    assert logs_in("casement", machine.address, key, "sudo -n id -u") == "0"
    assert " mtu 1400 " in logs_in("casement", machine.address, key, "ip link show eth0")
    assert "(publickey)" in refused_without_a_key(machine.address)
    assert host_key_in(asyncio.run(hosts.run(machine.name, PRINT_HOST_KEY, "")).output) == key


def test_windows_is_closed_until_a_run_command_has_opened_it_by_key_only(hosts: CloudHosts, start: Start) -> None:
    assert start(replace(WINDOWS, image="server:2025-core", user="casement")) == ""
    assert not answers(IPv4Address(WINDOWS.address))
    done = asyncio.run(hosts.run(WINDOWS.name, open_ssh("casement", public_key()), ""))
    assert (done.exit_code, done.error) == (0, "")
    windows_host("2025").wait(20)
    name = logs_in("casement", WINDOWS.address, host_key_in(done.output), f'{POWERSHELL} "$env:COMPUTERNAME"')
    assert name == WINDOWS.name.upper()
    assert "(publickey)" in refused_without_a_key(WINDOWS.address)


def test_a_startup_script_opens_windows_publishes_its_host_key_and_runs_at_each_boot(start: Start) -> None:
    script = windows_boot("casement", public_key(), 1500, PUBLICATION)
    key = start(replace(WINDOWS, startup_script=script))
    logs_in("casement", WINDOWS.address, key, f'{POWERSHELL} "1"')
    host = windows_host("2022")
    host.stop()
    host.power_on()
    host.wait()
    logs_in("casement", WINDOWS.address, key, f'{POWERSHELL} "1"')
    log, deadline = host.folder / "task-gcestartup.log", time.monotonic() + 60
    while log.read_text().count(PUBLISHED) < 2:
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)
