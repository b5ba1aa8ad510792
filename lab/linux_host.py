"""A Linux host of the lab: a real Debian system with systemd and OpenSSH, in a container of the machine."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

from lab import limited_disk, network
from lab.cgroups import members, remove_groups
from lab.holder import held_by
from lab.linux_boot import lock_file
from lab.linux_disk import host_key, make_disk
from lab.shell import say
from lab.ssh import Ssh

_PROJECT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class LinuxHost:
    """One server: name, address, and the folder that holds its disk and console log."""

    name: str
    address: IPv4Address
    folder: Path
    ssh: Ssh
    user: str = "root"

    @property
    def console(self) -> Path:
        """What systemd printed at boot, of every boot."""
        return self.folder / "console.log"

    def is_running(self) -> bool:
        """Return whether the host has power; it may still be booting."""
        return held_by(lock_file(self.name)) is not None

    def start(self, seconds: float = 60) -> None:
        """Switch the host on, making its disk the first time, and wait until SSH answers (1-2 s).

        Raises RuntimeError with the end of the console log when it does not answer in time.
        """
        if not self.is_running():
            self._clear()
            root = self.folder / "root"
            if not root.exists():
                make_disk(root, self.name, self.address, self.ssh)
            self.ssh.remember(self.address, host_key(root))
            command = [sys.executable, "-m", "lab.linux_boot", str(self.folder), self.name, str(self.address)]
            with self.console.open("ab") as console:
                # In a session of its own: Ctrl-C at the terminal ends `lab up`, not the hosts.
                subprocess.run(
                    ["setsid", "--fork", *command], stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                    cwd=_PROJECT, check=True,
                )  # fmt: skip
        self.wait(seconds)

    def wait(self, seconds: float = 60) -> None:
        """Wait until the host's SSH server answers.

        Raises RuntimeError with the end of the console log after so many seconds.
        """
        deadline = time.monotonic() + seconds
        while not answers(self.address):
            if time.monotonic() > deadline:
                said = self.console.read_text(errors="replace")[-2000:] if self.console.exists() else ""
                raise RuntimeError(f"{self.name} does not answer on {self.address}:22 after {seconds:.0f} s:\n{said}")
            time.sleep(0.05)

    def stop(self, seconds: float = 60) -> None:
        """Shut the host down in order, or cut its power after so many seconds; its disk stays."""
        supply = self._power_supply()
        if supply is not None:
            with suppress(ProcessLookupError):
                os.kill(supply, signal.SIGTERM)
            if not _ends(supply, seconds):
                say(f"{self.name} did not shut down within {seconds:.0f} s: cutting its power")
                self.power_cut()
        self._clear()

    def power_cut(self) -> None:
        """End the host at once, as a power failure does; its disk stays.

        Raises RuntimeError when it does not go off.
        """
        supply = self._power_supply()
        for process in members(self.name):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        if supply is not None and not _ends(supply, 20):
            raise RuntimeError(f"{self.name} does not go off: see {self.console}")
        self._clear()

    def reboot(self, seconds: float = 120) -> None:
        """Restart the host in order, and wait until the new boot answers.

        Raises RuntimeError when it does not in time. A service that does not stop holds systemd up for 90 seconds.
        """
        before = self.boot_id()
        self.run("systemctl reboot", check=False)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(RuntimeError):
                if self.boot_id() != before:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"{self.name} did not restart within {seconds:.0f} s: see {self.console}")

    def boot_id(self) -> str:
        """Return the kernel's random id of this boot, as the kubelet reports it."""
        return self.run("cat /proc/sys/kernel/random/boot_id").strip()

    def run(self, command: str, *, text: str | None = None, check: bool = True) -> str:
        """Run a shell command on the host over SSH, and return its standard output.

        Raises RuntimeError with its standard error when it fails, unless ``check`` is false.
        """
        line = [*self.ssh.command(self.user, self.address), command]
        given: dict[str, object] = {"input": text} if text is not None else {"stdin": subprocess.DEVNULL}
        done = subprocess.run(line, capture_output=True, text=True, check=False, **given)  # type: ignore[call-overload]
        if check and done.returncode:
            raise RuntimeError(f"{self.name}: {command!r} ended with {done.returncode}: {done.stderr.strip()[-3000:]}")
        return str(done.stdout)

    def erase(self) -> None:
        """Switch the host off without ceremony, and throw its disk away."""
        if self.is_running():
            self.power_cut()
        self._clear()
        limited_disk.unmount(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _power_supply(self) -> int | None:
        """Return the id of the process that keeps the host running."""
        holder = held_by(lock_file(self.name))
        while holder == []:
            # It holds the lock, and is about to say who it is.
            time.sleep(0.02)
            holder = held_by(lock_file(self.name))
        return int(holder[0]) if holder else None

    def _clear(self) -> None:
        """Remove what a host leaves when its power supply was killed, and systemd-nspawn's empty folders."""
        remove_groups(self.name)
        network.detach(self.name)
        lock_file(self.name).unlink(missing_ok=True)
        for kind in ("propagate", "unix-export"):
            shutil.rmtree(Path("/run/systemd/nspawn") / kind / f"lab-{self.name}", ignore_errors=True)


def _ends(process: int, seconds: float) -> bool:
    """Return whether a process has ended before so many seconds are over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            # That of a process that only waits to be collected is empty.
            if not Path(f"/proc/{process}/cmdline").read_bytes():
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


def answers(address: IPv4Address, port: int = 22) -> bool:
    """Return whether an SSH server greets on this address."""
    try:
        with socket.create_connection((str(address), port), timeout=0.5) as connection:
            connection.settimeout(2)
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False
