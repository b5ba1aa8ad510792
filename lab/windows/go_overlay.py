"""Two files of Go's standard library as Wine 8 needs them; ``go build -overlay`` puts them in the place of Go's own.

Wine answers two newer calls otherwise than any Windows does, and Go takes each answer for an error:

- the control code SIO_UDP_NETRESET of a UDP socket, without which no Go program can use UDP,
- deleting by FileDispositionInformationEx, without which ``os.RemoveAll`` of a folder fails, and with it the
  kubelet's taking down of a pod's volumes.

Nothing else of Go or of any program is changed.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

_CHANGES = {
    "net/fd_windows.go": (
        "err = syscall.WSAIoctl(fd.pfd.Sysfd, windows.SIO_UDP_NETRESET,",
        "_ = syscall.WSAIoctl(fd.pfd.Sysfd, windows.SIO_UDP_NETRESET,",
    ),
    "internal/syscall/windows/at_windows.go": (
        "\tcase STATUS_INVALID_INFO_CLASS, //",
        "\tcase NTStatus(0xC0000002), STATUS_INVALID_INFO_CLASS, //",
    ),
}


def overlay_digest() -> str:
    """Return what belongs into the recipe of a program that is built with the overlay."""
    return hashlib.sha256(json.dumps(_CHANGES, sort_keys=True).encode()).hexdigest()[:12]


def write_overlay(go: Path, folder: Path) -> Path:
    """Write the changed files into a folder, for a Go whose program is ``go``; return the file for ``-overlay``.

    Raises RuntimeError when this Go has other text in the place of what is changed.
    """
    source, replaced = go.parent.parent / "src", {}
    folder.mkdir(parents=True, exist_ok=True)
    for name, (old, new) in _CHANGES.items():
        text = (source / name).read_text()
        if text.count(old) != 1:
            raise RuntimeError(f"{source / name}: expected one {old!r}, found {text.count(old)}")
        changed = folder / name.replace("/", "_")
        changed.write_text(text.replace(old, new))
        replaced[str(source / name)] = str(changed)
    path = folder / "overlay.json"
    path.write_text(json.dumps({"Replace": replaced}, indent=1))
    return path
