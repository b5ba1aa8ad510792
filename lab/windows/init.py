"""The namespaces of a boot of a Windows host: a machine name and process ids of its own.

Process 1 there starts the host, reaps what its programs leave, and ends with it; the kernel then ends every process
of the boot.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import FrameType

_NEW_MOUNTS, _NEW_NAME, _NEW_PROCESSES = 0x00020000, 0x04000000, 0x20000000
_PARENT_DEATH = 1


def _forward_to(process: int) -> None:
    def forward(number: int, _frame: FrameType | None) -> None:
        os.kill(process, number)

    signal.signal(signal.SIGTERM, forward)


def _first_process(arguments: list[str]) -> int:
    folder, name, address = Path(arguments[0]), arguments[1], arguments[2]
    subprocess.run(["mount", "-t", "proc", "proc", "/proc"], check=True)
    socket.sethostname(name)
    # Wine looks its own name up before anything else; there is no name server in the lab.
    files = {"hosts": f"127.0.0.1 localhost\n{address} {name}\n", "resolv.conf": "nameserver 127.0.0.1\n"}
    for file, text in files.items():
        (folder / file).write_text(text)
        subprocess.run(["mount", "--bind", str(folder / file), f"/etc/{file}"], check=True)
    # Wine's sockets and locks, of the host and of its containers: they vanish with the boot.
    sockets = Path(f"/tmp/.wine-{os.geteuid()}")  # noqa: S108 - the place is Wine's choice
    sockets.mkdir(mode=0o700, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0700", "wine", str(sockets)], check=True)
    host = subprocess.Popen([sys.executable, "-m", "lab.windows.boot", *arguments])
    _forward_to(host.pid)
    while True:
        process, status = os.wait()
        if process == host.pid:
            return os.waitstatus_to_exitcode(status) & 0xFF


def main(arguments: list[str]) -> int:
    """Run the host to its end and return its exit code."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_MOUNTS | _NEW_NAME | _NEW_PROCESSES):
        raise OSError(ctypes.get_errno(), "unshare")
    first = os.fork()
    if first == 0:
        # A power cut ends this process' parent.
        libc.prctl(_PARENT_DEATH, signal.SIGKILL)
        os._exit(_first_process(arguments))
    _forward_to(first)
    return os.waitstatus_to_exitcode(os.waitpid(first, 0)[1]) & 0xFF


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
