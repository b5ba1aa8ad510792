"""The process behind a running Linux host: its power supply, one might say.

``python -m lab.linux_boot DISK NAME ADDRESS`` boots the host in systemd-nspawn, boots it again when it restarts
itself, and ends when it is switched off: on SIGTERM it shuts the host down in order. Each boot gets a new network
namespace and new control groups, so that interfaces, firewall rules and processes do not outlive a restart.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path
from types import FrameType

from lab import network
from lab.cgroups import enter_groups, make_groups, remove_groups
from lab.holder import announce, hold

# The exit code by which systemd-nspawn --keep-unit says that the host has restarted itself.
_RESTARTED = 133
_ENVIRONMENT = {
    # A server writes its own /proc/sys and /sys; kube-proxy and the kubelet do.
    "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "yes",
    "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "0",
}


def lock_file(name: str) -> Path:
    """Return the file that is locked, and holds the process id, as long as a host of this name runs."""
    return network.STATE / f"host-{name}.lock"


def _command(disk: Path, name: str) -> list[str]:
    return [
        # Should this process be killed, the host still shuts down in order.
        "setpriv", "--pdeathsig", "TERM",
        "systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit",
        f"--machine=lab-{name}", f"--hostname={name}", f"--directory={disk / 'root'}",
        f"--network-namespace-path={network.namespace_path(name)}",
        "--capability=all", "--system-call-filter=add_key keyctl bpf",
        "--resolv-conf=off", "--timezone=off", "--link-journal=no",
        "--bind=/dev/kmsg",
    ]  # fmt: skip


def _boot(disk: Path, name: str, address: IPv4Address, started: Callable[[subprocess.Popen[bytes]], None]) -> int:
    """Run the host until it stops or restarts, and return nspawn's exit code."""
    network.attach(name, address)
    make_groups(name)
    try:
        process = subprocess.Popen(
            _command(disk, name),
            env=os.environ | _ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            preexec_fn=lambda: enter_groups(name),  # noqa: PLW1509 - this program has one thread
        )
        started(process)
        return process.wait()
    finally:
        remove_groups(name)
        network.detach(name)


def main(disk: Path, name: str, address: IPv4Address) -> int:
    """Keep the host running; return 0 when it was switched off."""
    lock = hold(lock_file(name))
    if lock is None:
        print(f"a lab host named {name} runs already", file=sys.stderr)
        return 1
    announce(lock)
    stopping = False
    host: subprocess.Popen[bytes] | None = None

    def started(process: subprocess.Popen[bytes]) -> None:
        nonlocal host
        host = process
        if stopping:
            host.terminate()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        if host is not None:
            host.terminate()

    signal.signal(signal.SIGTERM, stop)
    while _boot(disk, name, address, started) == _RESTARTED and not stopping:
        print(f"{name} restarts", file=sys.stderr, flush=True)
    lock_file(name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], IPv4Address(sys.argv[3])))
