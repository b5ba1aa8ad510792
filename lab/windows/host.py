"""A Windows host of the lab: real Windows programs under Wine, reached over SSH as a Windows Server would be."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from ipaddress import IPv4Address
from pathlib import Path

from lab import limited_disk, network
from lab.holder import held_by
from lab.linux_host import answers
from lab.shell import say
from lab.ssh import Ssh, make_key
from lab.windows.folder import HostFolder
from lab.windows.power import children, lock_file
from lab.windows.template import make_prefix
from lab.windows.wine import processes_in

_PROJECT = Path(__file__).resolve().parents[2]


class WindowsHost:
    """One server: name, address, release (2022 or 2025), and the folder that holds its disk, state and logs."""

    user = "Administrator"

    def __init__(self, name: str, address: IPv4Address, release: str, *, folder: Path, ssh: Ssh) -> None:
        self.name = name
        self.address = address
        self.release = release
        self.folder = folder
        self.ssh = ssh

    @property
    def console(self) -> Path:
        """What the host's own processes printed, of every boot."""
        return self.folder / "console.log"

    @property
    def files(self) -> HostFolder:
        """The host's disk and state, as this machine sees them."""
        return HostFolder(self.folder)

    def is_running(self) -> bool:
        """Return whether the host has power; it may still be booting."""
        return self._power_supply() is not None

    def start(self, seconds: float = 90) -> None:
        """Switch the host on, making its disk the first time, and wait until SSH answers (3-5 s).

        Raises RuntimeError with the end of the console log when it does not answer in time.
        """
        self.power_on()
        self.wait(seconds)

    def power_on(self) -> None:
        """Switch the host on, making its disk the first time."""
        if not self.is_running():
            self._clear()
            self._make_disk()
            # The key's comment is no part of what a client sees of it.
            key = (self.folder / "ssh_host_ed25519_key.pub").read_text().split()[:2]
            self.ssh.remember(self.address, " ".join(key))
            command = [sys.executable, "-m", "lab.windows.power", str(self.folder), self.name, str(self.address)]
            with self.console.open("ab") as console:
                # In a session of its own: Ctrl-C at the terminal ends `lab up`, not the hosts.
                subprocess.run(
                    ["setsid", "--fork", *command, self.release], stdin=subprocess.DEVNULL, stdout=console,
                    stderr=console, cwd=_PROJECT, check=True,
                )  # fmt: skip

    def wait(self, seconds: float = 90) -> None:
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
        process = self._power_supply()
        if process is not None:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGTERM)
            if not self._wait_until_off(seconds):
                say(f"{self.name} did not shut down within {seconds:.0f} s: cutting its power")
                self.power_cut()
        self._clear()

    def power_cut(self) -> None:
        """End the host at once, as a power failure does; its disk stays.

        The registry is kept: Windows logs every change of it to the disk, Wine writes it out now and then.
        Raises RuntimeError when the host does not go off.
        """
        supply = self._power_supply()
        if supply is None:
            return
        self._save_registry()
        boots = children(supply)
        for process in (supply, *boots):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        if not self._wait_until_off(20):
            raise RuntimeError(f"{self.name} does not go off: see {self.console}")
        for process in boots:
            while Path(f"/proc/{process}").exists():
                time.sleep(0.02)
        self._clear()

    def restart(self, seconds: float = 90) -> None:
        """Restart the host in order, and wait until the new boot answers.

        Raises RuntimeError when it does not in time.
        """
        before = self.boot_id()
        self.stop(seconds)
        self.start(seconds)
        if self.boot_id() == before:
            raise RuntimeError(f"{self.name} did not restart: see {self.console}")

    def boot_id(self) -> str:
        """Return the number of this boot, as the kubelet reports it."""
        return str(self.files.read("boot")["number"])

    def run(self, command: str, *, text: str | None = None, check: bool = True) -> str:
        """Run a command line on the host over SSH, and return its standard output.

        Raises RuntimeError with its standard error when it fails, unless ``check`` is false.
        """
        line = [*self.ssh.command(self.user, self.address), command]
        done = subprocess.run(line, input=text or "", capture_output=True, text=True, check=False)
        if check and done.returncode:
            raise RuntimeError(f"{self.name}: {command!r} ended with {done.returncode}: {done.stderr.strip()[-3000:]}")
        return done.stdout

    def run_as_system(self, script: str, seconds: float = 300) -> subprocess.CompletedProcess[str]:
        """Run a text of PowerShell as an agent of a cloud does, by no way of the network, and return how it ended.

        Raises RuntimeError when the host is off, and subprocess.TimeoutExpired after so many seconds.
        """
        path = self.files.path("C:/Packages/script.ps1")
        path.parent.mkdir(exist_ok=True)
        path.write_text(script, encoding="utf-8-sig", newline="\r\n")
        # The power supply's child is the boot, and its only child process 1 of it.
        first = [each for boot in children(self._power_supply() or 0) for each in children(boot)]
        if not first:
            raise RuntimeError(f"{self.name} is off")
        line = ["nsenter", "--target", str(first[0]), "--mount", "--uts", "--net", "--pid"]
        line += [sys.executable, "-m", "lab.windows.worker", str(self.folder), self.release, "--"]
        line += ["-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File", self.files.windows_path(path)]
        # Whoever enters another tree of mounts is at its root.
        own = os.environ | {"PYTHONPATH": str(_PROJECT)}
        return subprocess.run(line, input="", capture_output=True, text=True, check=False, env=own, timeout=seconds)

    def erase(self) -> None:
        """Switch the host off without ceremony, and throw its disk away."""
        self.power_cut()
        self._clear()
        limited_disk.unmount(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _make_disk(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "home").mkdir(exist_ok=True)
        if not self.files.prefix.exists():
            make_prefix(self.release, self.files.prefix)
        if not (self.folder / "ssh_host_ed25519_key").exists():
            make_key(self.folder / "ssh_host_ed25519_key", self.name)
        (self.folder / "authorized_keys").write_text(self.ssh.public_key())

    def _power_supply(self) -> int | None:
        """Return the id of the process that keeps the host running."""
        holder = held_by(lock_file(self.name))
        if holder is None:
            return None
        return int(holder[0]) if holder else -1

    def _save_registry(self) -> None:
        for process in processes_in(self.files):
            with suppress(OSError):
                if "wineserver" in (process / "cmdline").read_text():
                    os.kill(int(process.name), signal.SIGTERM)
                    for _ in range(100):
                        if not process.exists():
                            break
                        time.sleep(0.02)

    def _wait_until_off(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.is_running():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def _clear(self) -> None:
        """Remove what a host leaves when its power supply was killed."""
        network.detach(self.name)
        lock_file(self.name).unlink(missing_ok=True)
