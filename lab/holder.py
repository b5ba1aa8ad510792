"""Knowing whether a process of the lab runs: it holds a locked file, which holds its process id.

The kernel lets go of the lock when the process ends, however it does: what a file says is never stale.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import IO


def hold(path: Path) -> IO[str] | None:
    """Lock the file for as long as it stays open, and return it; None where another process has it.

    The caller announces itself with announce() when it is ready.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a+")
    # A look by held_by() takes the lock for a moment.
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.02)
        else:
            file.truncate(0)
            return file
    file.close()
    return None


def announce(file: IO[str], *remarks: str) -> None:
    """Write the own process id into a held file, and whatever else others are to know, a line each."""
    file.write("\n".join([str(os.getpid()), *remarks]) + "\n")
    file.flush()


def held_by(path: Path) -> list[str] | None:
    """Return what the process that holds the file announced (empty before it did), or None where none holds it."""
    try:
        with path.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return file.read().splitlines()
    except FileNotFoundError:
        pass
    return None
