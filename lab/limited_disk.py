"""A disk of limited size for one host, so that it can be full: a file with a file system, mounted where the host lies.

Sparse: it takes no more room on the machine than what is written to it.
"""

from __future__ import annotations

import errno
import os
import subprocess
from pathlib import Path

from lab.shell import run

_FILLER = "filler"
_PIECES = (1 << 30, 1 << 26, 1 << 22, 1 << 18, 1 << 12)


def _image(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.disk")


def mount(folder: Path, gibibytes: int = 16) -> None:
    """Make a disk and mount it at the folder, which must be empty or not there.

    Raises RuntimeError when this machine has no loop devices.
    """
    folder.mkdir(parents=True, exist_ok=True)
    image = _image(folder)
    with image.open("wb") as file:
        file.truncate(gibibytes << 30)
    run(["mkfs.ext4", "-q", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard", str(image)])
    run(["mount", "-o", "loop", str(image), str(folder)])
    (folder / "lost+found").rmdir()


def unmount(folder: Path) -> None:
    """Throw the disk away; nothing to do where the folder is none."""
    if folder.is_mount():
        # Lazily: a host that is still going down has a copy of every mount of this machine.
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
    _image(folder).unlink(missing_ok=True)


def fill(folder: Path, leave: int = 0) -> None:
    """Leave no more than so many bytes free: whoever writes more gets "no space left on device"."""
    with (folder / _FILLER).open("ab") as file:
        for piece in _PIECES:
            while _free(folder) - leave >= piece and _grow(file.fileno(), piece):
                pass
        if not leave:
            while _grow(file.fileno(), 4096):
                pass


def empty(folder: Path) -> None:
    """Give the room back that fill() took."""
    (folder / _FILLER).unlink(missing_ok=True)


def _free(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def _grow(file: int, size: int) -> bool:
    try:
        os.posix_fallocate(file, os.fstat(file).st_size, size)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return False
    return True
