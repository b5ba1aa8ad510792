"""Hosts of the lab behind the machines of the stand-ins for clouds: fresh ones, made as a cloud's images are.

What a cloud runs on a machine runs on its host: user data and startup scripts at its boots, run commands when they are
asked for. Hosts outlive the provider that has started them; one of the lab's own of the same name is thrown away.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import threading
import time
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path
from typing import TypeVar

from lab import cloud_init, network, run
from lab.linux_disk import make_disk
from lab.linux_host import LinuxHost
from lab.metadata_server import ADDRESS, MetadataServer
from lab.providers.cloud_machines import MachineError, NewMachine, Ran
from lab.windows import openssh
from lab.windows.host import WindowsHost
from lab.windows.template import make_prefix

_RELEASE = re.compile(r"(?<!\d)(2022|2025)(?!\d)")
_DEBIAN = "debian-12"
_STARTUP = "C:/Program Files/Google/Compute Engine/metadata_scripts/startup.ps1"
_TASK = "gcestartup"
_SECONDS_TO_BOOT = 120
_HOST_KEY = "hostkeys/ssh-ed25519"
Host = LinuxHost | WindowsHost
T = TypeVar("T")


class CloudHosts:
    """Implements lab.providers.cloud_machines.Machines."""

    def __init__(self) -> None:
        self._metadata: MetadataServer | None = None
        self._one_at_a_time = threading.Lock()

    async def start(self, machine: NewMachine) -> str:
        """Start a fresh host; return what its startup script has published."""
        if machine.startup_script:
            await _in_thread(self._answer_for_google)
        return await _in_thread(lambda: self._start(machine))

    async def run(self, name: str, script: str, host_key: str) -> Ran:
        """Run a script on the host."""
        del host_key
        return await _in_thread(lambda: _run(_host(name), script))

    async def erase(self, name: str) -> None:
        """Throw the host away."""
        await _in_thread(lambda: _erase(name))

    def _answer_for_google(self) -> None:
        with self._one_at_a_time:
            if self._metadata is None:
                self._metadata = MetadataServer(str(network.GATEWAY.ip))
                network.answer_for(ADDRESS, self._metadata.port)

    def _start(self, machine: NewMachine) -> str:
        _erase(machine.name)
        if self._metadata is not None:
            self._metadata.forget(machine.address)
        host = _made(machine.name, IPv4Address(machine.address), release(machine))
        host.folder.mkdir(parents=True)
        kind = {"address": machine.address, "release": host.release if isinstance(host, WindowsHost) else ""}
        _kind(machine.name).write_text(json.dumps(kind))
        if isinstance(host, LinuxHost):
            _boot_linux(host, machine)
        else:
            self._boot_windows(host, machine)
        if self._metadata is None or not machine.startup_script:
            return ""
        key = self._metadata.attribute(machine.address, _HOST_KEY)
        if not key:
            raise RuntimeError("its startup script has ended, and has published no host key")
        return f"ssh-ed25519 {key}"

    def _boot_windows(self, host: WindowsHost, machine: NewMachine) -> None:
        make_prefix(host.release, host.files.prefix)
        openssh.come_from_image(host.files, host.release, machine.user)
        if machine.startup_script:
            script = host.files.path(_STARTUP)
            script.parent.mkdir(parents=True)
            script.write_text(machine.startup_script, encoding="utf-8-sig", newline="\r\n")
            argument = f'-NoProfile -NonInteractive -ExecutionPolicy Bypass -File "{host.files.windows_path(script)}"'
            task = {"Name": "GCEStartup", "Execute": "powershell.exe", "Argument": argument}
            host.files.write("tasks", {_TASK: {**task, "AtStartup": True, "User": "SYSTEM", "Enabled": True}})
        host.power_on()
        log = host.folder / f"task-{_TASK}.log"
        _wait(lambda: host.files.read("booted") is not None, lambda: _end_of(host.console))
        if machine.startup_script and self._metadata is not None:
            metadata = self._metadata
            _wait(lambda: bool(metadata.attribute(machine.address, _HOST_KEY)), lambda: _end_of(log))
            host.wait()
            _remember(host)


def _boot_linux(host: LinuxHost, machine: NewMachine) -> None:
    root = host.folder / "root"
    make_disk(root, host.name, host.address, host.ssh)
    cloud_init.prepare(
        root,
        user=machine.user,
        public_key=machine.public_key,
        user_data=machine.user_data,
        startup_script=machine.startup_script,
    )
    host.start()
    state = host.run("systemctl is-system-running --wait", check=False).strip()
    if state != "running":
        units = "cloud-final netplan google-startup-scripts"
        said = host.run(f"systemctl --failed --no-legend; journalctl --no-pager -n 30 -u {units.replace(' ', ' -u ')}")
        raise RuntimeError(f"the system is {state} after its first boot:\n{said}")


def _run(host: Host, script: str) -> Ran:
    if isinstance(host, LinuxHost):
        line = [*host.ssh.command("root", host.address), "sh"]
        done = subprocess.run(line, input=script, capture_output=True, text=True, check=False)
    else:
        done = host.run_as_system(script)
        if not done.returncode:
            _remember(host)
    return Ran(done.returncode, done.stdout, done.stderr)


def _remember(host: WindowsHost) -> None:
    """Let the lab's own tools know the host key that sshd has made."""
    public = openssh.host_key(host.files).with_suffix(".pub")
    if public.exists():
        host.ssh.remember(host.address, " ".join(public.read_text().split()[:2]))


def release(machine: NewMachine) -> str:
    """Return the release of Windows Server that an image is of; nothing for Debian 12."""
    if machine.os == "linux" and _DEBIAN in machine.image:
        return ""
    found = _RELEASE.search(machine.image) if machine.os == "windows" else None
    if found is None:
        raise RuntimeError(
            f"no host of the lab is like {machine.image}: they are Debian 12, Windows Server 2022 and 2025"
        )
    return found[1]


def _made(name: str, address: IPv4Address, release: str) -> Host:
    if not release:
        return run.linux_host(name, address)
    return WindowsHost(name, address, release, folder=run.RUN_FOLDER / "hosts" / name, ssh=run.SSH)


def _kind(name: str) -> Path:
    """Return the file in a host's folder that tells what it is."""
    return run.RUN_FOLDER / "hosts" / name / "machine.json"


def _host(name: str) -> Host:
    """Return a host that was started before. Raises RuntimeError where there is none."""
    if not _kind(name).exists():
        raise RuntimeError(f"no host stands behind the machine {name}")
    kind = json.loads(_kind(name).read_text())
    return _made(name, IPv4Address(kind["address"]), kind["release"])


def _erase(name: str) -> None:
    """Throw away the host of this name, whoever has made it."""
    own = {host.name: host for host in run.hosts().named()}
    if _kind(name).exists():
        _host(name).erase()
    elif name in own:
        own[name].erase()


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:] if log.exists() else "(nothing)"


def _wait(done: Callable[[], bool], said: Callable[[], str]) -> None:
    """Wait until it is so. Raises RuntimeError with what the machine has said after two minutes."""
    deadline = time.monotonic() + _SECONDS_TO_BOOT
    while not done():
        if time.monotonic() > deadline:
            raise RuntimeError(f"the machine has not come up after {_SECONDS_TO_BOOT} s; it said:\n{said()}")
        time.sleep(0.1)


async def _in_thread(work: Callable[[], T]) -> T:
    """Do what takes its time. Raises MachineError where it fails."""
    try:
        return await asyncio.to_thread(work)
    except (OSError, RuntimeError, ValueError, subprocess.SubprocessError) as error:
        raise MachineError(str(error)) from error
