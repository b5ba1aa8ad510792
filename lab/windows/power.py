"""The process behind a running Windows host: its power supply.

``python -m lab.windows.power FOLDER NAME ADDRESS RELEASE`` boots the host, boots it again when it restarts itself, and
ends when it is switched off: on SIGTERM it shuts the host down in order. Each boot has a network namespace of its own
and its own process ids (interfaces, connections and programs do not outlive it), and this machine's name for Windows
programs is the host's.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import suppress
from ipaddress import IPv4Address
from pathlib import Path
from types import FrameType

from lab import network
from lab.holder import announce, hold

RESTARTED = 133
"""Exit code by which a boot says that the host wants to be started again."""


def lock_file(name: str) -> Path:
    """Return the file that is locked, and holds the process id, as long as a host of this name runs."""
    return network.STATE / f"host-{name}.lock"


def _command(folder: Path, name: str, address: IPv4Address, release: str) -> list[str]:
    return [
        "setpriv", "--pdeathsig", "TERM",
        "ip", "netns", "exec", network.namespace(name),
        sys.executable, "-m", "lab.windows.init", str(folder), name, str(address), release,
    ]  # fmt: skip


def children(process: int) -> list[int]:
    """Return the ids of a process' children; none when it is gone."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    return []


def main(folder: Path, name: str, address: IPv4Address, release: str) -> int:
    """Keep the host running; return 0 when it was switched off."""
    lock = hold(lock_file(name))
    if lock is None:
        print(f"a lab host named {name} runs already", file=sys.stderr)
        return 1
    announce(lock)
    stopping = False
    boot: subprocess.Popen[bytes] | None = None

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        if boot is not None:
            boot.terminate()

    signal.signal(signal.SIGTERM, stop)
    code = RESTARTED
    while code == RESTARTED and not stopping:
        network.attach(name, address)
        try:
            boot = subprocess.Popen(_command(folder, name, address, release), stdin=subprocess.DEVNULL)
            code = boot.wait()
        finally:
            network.detach(name)
    lock_file(name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], IPv4Address(sys.argv[3]), sys.argv[4]))
