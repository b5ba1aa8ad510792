"""The lab's fixed cast: its folder, its hosts and their addresses."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from typing import Protocol, cast

from lab import network
from lab.linux_host import LinuxHost
from lab.ssh import Ssh
from lab.windows.host import WindowsHost

RUN_FOLDER = Path(__file__).resolve().parent.parent / ".lab"
"""Everything of the present run: disks, keys, logs. Ignored by git; `python -m lab down` first, then delete at will."""
SSH = Ssh(RUN_FOLDER / "ssh")
DOWNLOADS = RUN_FOLDER / "downloads.yaml"
"""Official address to sha256 of every file in the mirror, as the setting ``downloadsFile`` takes it."""
KUBECONFIG = RUN_FOLDER / "kubeconfig"
"""Where `python -m lab kubectl` looks for credentials."""
MIRROR_ADDRESS = str(network.GATEWAY.ip)
MIRROR_PORT = 8080
MIRROR_URL = f"http://{MIRROR_ADDRESS}:{MIRROR_PORT}"
"""The value of the setting ``mirror``."""
LAB_LOCK = network.STATE / "lab.lock"
"""Held by the mirror's server as long as a lab runs."""
LINUX = {"cp1": IPv4Address("10.77.0.11"), "lin1": IPv4Address("10.77.0.12")}
WINDOWS = {"win1": IPv4Address("10.77.0.21"), "win2": IPv4Address("10.77.0.22")}
WINDOWS_RELEASE = {"win1": "2022", "win2": "2025"}


class Host(Protocol):
    """What the lab asks of any of its hosts."""

    name: str
    address: IPv4Address

    def start(self) -> None:
        """Switch the host on and wait until SSH answers."""

    def stop(self) -> None:
        """Shut the host down; nothing of it keeps running, its disk stays."""

    def erase(self) -> None:
        """Switch the host off without ceremony, and throw its disk away."""


@dataclass(frozen=True, slots=True)
class Cast:
    """The hosts of the lab by name."""

    linux: dict[str, LinuxHost]
    windows: dict[str, Host]

    def named(self, names: tuple[str, ...] = ()) -> list[Host]:
        """Return the hosts of these names, or all.

        Raises KeyError for a name that the lab does not have.
        """
        known: dict[str, Host] = {**cast("dict[str, Host]", self.linux), **self.windows}
        return [known[name] for name in names or known]


def linux_host(name: str, address: IPv4Address) -> LinuxHost:
    """Return a Linux host in the lab's folder."""
    return LinuxHost(name, address, RUN_FOLDER / "hosts" / name, SSH)


def hosts() -> Cast:
    """Return the lab's hosts, running or not."""
    linux = {name: linux_host(name, address) for name, address in LINUX.items()}
    windows: dict[str, Host] = {
        name: WindowsHost(name, address, WINDOWS_RELEASE[name], folder=RUN_FOLDER / "hosts" / name, ssh=SSH)
        for name, address in WINDOWS.items()
    }
    return Cast(linux, windows)
