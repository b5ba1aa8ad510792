"""What goes wrong with machines and networks, done to hosts of the lab while something runs on them.

Each fault has ``inject`` (raises RuntimeError when there was nothing to do it to, so that no test passes for want of a
fault) and ``heal``.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from lab import limited_disk, mirror_faults, network
from lab.linux_host import LinuxHost
from lab.mirror_faults import Kind, MirrorFault
from lab.windows.host import WindowsHost

Host = LinuxHost | WindowsHost
_LOOK = 0.005
_REFILL = 0.02


class Fault(Protocol):
    """Something that goes wrong on one host."""

    def inject(self, host: Host) -> None:
        """Do it."""

    def heal(self, host: Host) -> None:
        """Put right what does not become right by itself."""


def processes(host: Host) -> Iterator[tuple[int, str]]:
    """Yield the processes in a host's own network (pods have others): number and command line."""
    try:
        own = network.namespace_path(host.name).stat().st_ino
    except FileNotFoundError:
        return
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (folder / "ns/net").stat().st_ino == own:
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                yield int(folder.name), line.strip()


def wait_for_process(host: Host, pattern: str, seconds: float = 60) -> int:
    """Return the number of the first process of a host whose command line holds the pattern, as soon as there is one.

    Raises RuntimeError when there is none within so many seconds.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for number, line in processes(host):
            if re.search(pattern, line):
                return number
        time.sleep(_LOOK)
    raise RuntimeError(f"no process like {pattern!r} on {host.name} within {seconds:.0f} s")


@dataclass
class SshCut:
    """Every SSH connection from this machine to the host is reset; what ran on them runs on, or not."""

    def inject(self, host: Host) -> None:
        """Reset the connections there are."""
        cut = ["ss", "--kill", "--no-header", "--tcp", "dst", str(host.address), "dport", "=", "22"]
        deadline = time.monotonic() + 20
        while not subprocess.run(cut, capture_output=True, text=True, check=False).stdout.strip():
            if time.monotonic() > deadline:
                raise RuntimeError(f"no SSH connection to {host.name}")
            time.sleep(_LOOK)

    def heal(self, host: Host) -> None:
        """Nothing: the next connection is a new one."""


@dataclass
class Restart:
    """The host restarts in order, as after a command of its administrator."""

    def inject(self, host: Host) -> None:
        """Restart it, and return when the new boot answers."""
        if isinstance(host, LinuxHost):
            host.reboot()
        else:
            host.restart()

    def heal(self, host: Host) -> None:
        """Nothing: it has started again."""


@dataclass
class PowerCut:
    """The host loses its power, and is switched on again."""

    def inject(self, host: Host) -> None:
        """Cut the power, and return when the new boot answers."""
        host.power_cut()
        host.start()

    def heal(self, host: Host) -> None:
        """Nothing: it has started again."""


@dataclass
class Hang:
    """A program of this command line, started from now on, never gets on: it is stopped as it starts."""

    program: str
    stopped: list[int] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)
    _watch: threading.Thread | None = None

    def inject(self, host: Host) -> None:
        """Watch for the program until heal()."""
        self._ended.clear()
        self._watch = threading.Thread(target=self._look, args=(host,), daemon=True)
        self._watch.start()

    def heal(self, host: Host) -> None:
        """Watch no more, and let go of what still stands. Raises RuntimeError when no such program was started."""
        self._ended.set()
        if self._watch is not None:
            self._watch.join()
        for number in self.left(host):
            os.kill(number, signal.SIGCONT)
        if not self.stopped:
            raise RuntimeError(f"nothing like {self.program!r} was started on {host.name}")

    def left(self, host: Host) -> list[int]:
        """Return those of the stopped processes that are still there."""
        there = {number for number, line in processes(host) if re.search(self.program, line)}
        return [number for number in self.stopped if number in there]

    def _look(self, host: Host) -> None:
        while not self._ended.wait(_LOOK):
            for number, line in processes(host):
                if number not in self.stopped and re.search(self.program, line):
                    with suppress(ProcessLookupError):
                        os.kill(number, signal.SIGSTOP)
                        self.stopped.append(number)


@dataclass
class FullDisk:
    """The host's disk is full but for some bytes, and stays so; the host lies on a lab.limited_disk."""

    leave: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)
    _watch: threading.Thread | None = None

    def inject(self, host: Host) -> None:
        """Fill it, and go on filling what others give back until heal()."""
        if not host.folder.is_mount():
            raise RuntimeError(f"{host.name} has no disk of its own")
        limited_disk.fill(host.folder, self.leave)
        self._ended.clear()
        self._watch = threading.Thread(target=self._keep, args=(host.folder,), daemon=True)
        self._watch.start()

    def heal(self, host: Host) -> None:
        """Make room again."""
        self._ended.set()
        if self._watch is not None:
            self._watch.join()
        limited_disk.empty(host.folder)

    def _keep(self, folder: Path) -> None:
        while not self._ended.wait(_REFILL):
            limited_disk.fill(folder, self.leave)


@dataclass
class BadDownload:
    """What the host downloads from paths that hold this text is not what it should be."""

    part: str
    kind: Kind

    def _fault(self, host: Host) -> MirrorFault:
        return MirrorFault(str(host.address), self.part, self.kind)

    def inject(self, host: Host) -> None:
        """Serve it so from now on."""
        mirror_faults.put(*mirror_faults.present(), self._fault(host))

    def heal(self, host: Host) -> None:
        """Serve the right file again. Raises RuntimeError when nobody asked for the bad one."""
        mirror_faults.put(*(each for each in mirror_faults.present() if each != self._fault(host)))
        if not mirror_faults.answered(self._fault(host)):
            raise RuntimeError(f"{host.name} has not downloaded {self.part}")


@dataclass
class ApiAway:
    """The API server of the control plane host is away, for some seconds or until heal().

    ``refused``: its port answers as if nobody listened. ``dropped``: packets to it vanish. ``stopped``: the program
    itself stands still, so that connections are made and nothing is answered.
    """

    how: str
    seconds: float | None = None
    _timer: threading.Timer | None = None

    def inject(self, host: Host) -> None:
        """Take it away."""
        if self.how == "stopped":
            os.kill(wait_for_process(host, r"^kube-apiserver ", 5), signal.SIGSTOP)
        else:
            verdict = "reject with tcp reset" if self.how == "refused" else "drop"
            self._nft(host, "add table inet fault")
            self._nft(host, "add chain inet fault in { type filter hook input priority -300; }")
            self._nft(host, f"add rule inet fault in tcp dport 6443 {verdict}")
        if self.seconds is not None:
            self._timer = threading.Timer(self.seconds, self._back, (host,))
            self._timer.start()

    def heal(self, host: Host) -> None:
        """Have it back."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()
        self._back(host)

    def _back(self, host: Host) -> None:
        if self.how == "stopped":
            for number, line in processes(host):
                if line.startswith("kube-apiserver "):
                    os.kill(number, signal.SIGCONT)
        else:
            self._nft(host, "delete table inet fault")

    def _nft(self, host: Host, line: str) -> None:
        # Taking away what is not there is no error: heal() may come after the seconds are over.
        check = not line.startswith("delete")
        command = ["ip", "netns", "exec", network.namespace(host.name), "nft", line]
        subprocess.run(command, check=check, capture_output=not check)
