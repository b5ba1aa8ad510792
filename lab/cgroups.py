"""One control group per host in each hierarchy, so that a host sees its own root everywhere.

Written for cgroup v1, which is what the lab's machine has; the pure v2 layout is one more hierarchy and is treated
the same, but was not tried.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from itertools import chain
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")


def _hierarchies() -> list[Path]:
    if (_ROOT / "cgroup.controllers").exists():
        return [_ROOT]
    return [path for path in sorted(_ROOT.iterdir()) if path.name != "unified" and (path / "cgroup.procs").exists()]


def groups(host: str) -> list[Path]:
    """Return the folders of a host's control groups, whether they exist or not."""
    return [hierarchy / f"lab-{host}" for hierarchy in _hierarchies()]


def make_groups(host: str) -> None:
    """Make the host's control groups, with the processors and memory of their parents."""
    for group in groups(host):
        group.mkdir(exist_ok=True)
        for name in ("cpuset.cpus", "cpuset.mems"):
            if (group / name).exists() and not (group / name).read_text().strip():
                (group / name).write_text((group.parent / name).read_text())


def enter_groups(host: str) -> None:
    """Move the calling process into the host's control groups."""
    for group in groups(host):
        (group / "cgroup.procs").write_text("0")


def members(host: str) -> set[int]:
    """Return the process ids in the host's control groups and those below."""
    found: set[int] = set()
    for folder in chain.from_iterable(map(_below, groups(host))):
        with suppress(OSError):
            found |= {int(line) for line in (folder / "cgroup.procs").read_text().split()}
    return found


def _below(group: Path) -> list[Path]:
    """Return a group and all in it, the deepest first. Those that go while one looks are no error."""
    return [Path(folder) for folder, _, _ in os.walk(group, topdown=False)]


def remove_groups(host: str) -> None:
    """End what still runs in the host's control groups, and remove them.

    Raises RuntimeError when a process stays for ten seconds.
    """
    deadline = time.monotonic() + 10
    while any(group.exists() for group in groups(host)):
        for process in members(host):
            _kill(process)
        for group in groups(host):
            for folder in _below(group):
                with suppress(OSError):
                    folder.rmdir()
        if time.monotonic() > deadline:
            raise RuntimeError(f"processes of {host} do not end: {sorted(members(host))}")
        time.sleep(0.02)


def _kill(process: int) -> None:
    # Zero stands for a process of another namespace: never a process group of ours.
    if process > 0:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
