"""The machine that carries the lab: its packages, and the settings of its kernel that all hosts share."""

from __future__ import annotations

import json
import os
from pathlib import Path

from lab.shell import run, say

_REQUIREMENTS = Path(__file__).with_name("requirements")
# Every host of the lab counts against the machine's limits; a kubelet alone takes dozens of instances.
_RAISED = {"fs/inotify/max_user_instances": 8192, "fs/inotify/max_user_watches": 1048576}
# Hosts write these as any server would (systemd at boot, kubelet), but they belong to the whole machine.
_SHARED = ("fs", "kernel", "vm")
_SYSCTL = Path("/proc/sys")
# Values that the kernel changes by itself, or that belong to a namespace.
_LIVING = (
    "kernel/random/",
    "kernel/ns_last_pid",
    "kernel/hostname",
    "kernel/domainname",
    "fs/binfmt_misc/",
    "kernel/cap_",
)


def required_packages() -> tuple[str, ...]:
    """Return the Debian packages named in ``lab/requirements``."""
    lines = (line.partition("#")[0].strip() for line in _REQUIREMENTS.read_text().splitlines())
    return tuple(line for line in lines if line)


def prepare_machine() -> None:
    """Install the required packages that are missing; quick when none is.

    Raises RuntimeError when not run by root, or when apt cannot install them.
    """
    if os.geteuid() != 0:
        raise RuntimeError("the lab makes network namespaces, mounts and control groups: run it as root")
    listed = run(["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n"])
    present = {line.split()[0] for line in listed.splitlines() if line.endswith(" installed")}
    missing = [name for name in required_packages() if name not in present]
    if missing:
        say(f"installing {' '.join(missing)}")
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "update", "--quiet"], environment=environment)
        install = ["apt-get", "install", "--quiet", "--yes", "--no-install-recommends", *missing]
        run(install, environment=environment)


def _shared_settings() -> dict[str, str]:
    """Return the machine-wide kernel settings that root may read and write, by their path below /proc/sys."""
    found: dict[str, str] = {}
    for area in _SHARED:
        for path in sorted((_SYSCTL / area).rglob("*")):
            name = str(path.relative_to(_SYSCTL))
            if name.startswith(_LIVING) or not path.is_file() or path.stat().st_mode & 0o600 != 0o600:
                continue
            try:
                found[name] = path.read_text()
            except (OSError, UnicodeDecodeError):
                continue
    return found


def raise_limits(record: Path) -> None:
    """Raise the machine's inotify limits, keeping all its settings in the file ``record`` for restore_limits()."""
    if not record.exists():
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text(json.dumps(_shared_settings(), indent=1))
    for name, wanted in _RAISED.items():
        path = _SYSCTL / name
        if int(path.read_text()) < wanted:
            path.write_text(str(wanted))


def restore_limits(record: Path) -> None:
    """Give the machine back every kernel setting that the lab or one of its hosts has changed since raise_limits()."""
    if not record.exists():
        return
    now = _shared_settings()
    for name, before in json.loads(record.read_text()).items():
        if now.get(name, before) != before:
            try:
                (_SYSCTL / name).write_text(before)
            except OSError as error:
                say(f"could not set {name} back to {before.strip()}: {error.strerror}")
    record.unlink()
