"""The root file system that every Linux host of the lab starts from: a plain Debian server, nothing of Kubernetes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from lab.cache import made_once
from lab.shell import run, timed

SUITE = "bookworm"
PACKAGES = (
    "ca-certificates",
    "conntrack",
    "curl",
    "dbus",
    "ethtool",
    "iproute2",
    "iptables",
    "iputils-ping",
    "kmod",
    "nftables",
    "openssh-server",
    "procps",
    "python3-minimal",
    "socat",
    "sudo",
    "systemd",
    "systemd-sysv",
)
# Timers that would want the internet or change files at random times, and a login prompt nobody sees.
_MASKED = (
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "console-getty.service",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "fstrim.timer",
)
_DROPPED = ("var/cache/apt/archives", "var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale")
USER = "debian"
"""A user besides root, as cloud images of Debian have one: sudo without password, same key."""

# nspawn mounts the hierarchies of cgroup v1 read-only. On a server of its own they are writable.
_CGROUP_UNIT = """\
[Unit]
Description=Make the control group hierarchies of this lab host writable
DefaultDependencies=no
Before=sysinit.target

[Service]
Type=oneshot
ExecStart=/bin/sh -c 'for each in /sys/fs/cgroup/*/; do mount -o remount,bind,rw "$each" || true; done'

[Install]
WantedBy=sysinit.target
"""


def _mirror() -> str:
    """Return the Debian mirror that this machine itself installs from."""
    listed = run(["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)", "Created-By: Packages"])
    for line in listed.splitlines():
        site, _, release = line.partition(" ")
        if release == SUITE:
            return site
    raise RuntimeError(f"no source of Debian {SUITE} among this machine's apt sources: add one and run apt-get update")


def _environment() -> dict[str, str]:
    """Return the environment in which debootstrap uses the same proxy as apt."""
    printed = run(["apt-config", "shell", "PROXY", "Acquire::http::Proxy"])
    proxy = re.search(r"PROXY='([^']+)'", printed)
    return os.environ | ({"http_proxy": proxy[1]} if proxy else {})


def base() -> Path:
    """Return the root folder of the base system, made with debootstrap on first use (about a minute)."""

    def make(folder: Path) -> None:
        root = folder / "root"
        with timed(f"made the base system of Debian {SUITE}"):
            include = f"--include={','.join(PACKAGES)}"
            command = ["debootstrap", "--variant=minbase", include, SUITE, str(root), _mirror()]
            run(command, environment=_environment())
            _settle(root)

    recipe = {"suite": SUITE, "packages": PACKAGES, "masked": _MASKED, "unit": _CGROUP_UNIT, "user": USER, "recipe": 1}
    return made_once("base", recipe, make) / "root"


def _settle(root: Path) -> None:
    """Turn what debootstrap leaves into the system of a server that is about to boot for the first time."""
    for key in (root / "etc/ssh").glob("ssh_host_*"):
        key.unlink()
    for name in _DROPPED:
        shutil.rmtree(root / name, ignore_errors=True)
        (root / name).mkdir(parents=True)
    (root / "etc/systemd/system/lab-cgroups.service").write_text(_CGROUP_UNIT)
    enabled = root / "etc/systemd/system/sysinit.target.wants"
    enabled.mkdir(exist_ok=True)
    (enabled / "lab-cgroups.service").symlink_to("/etc/systemd/system/lab-cgroups.service")
    for unit in _MASKED:
        (root / "etc/systemd/system" / unit).unlink(missing_ok=True)
        (root / "etc/systemd/system" / unit).symlink_to("/dev/null")
    # Empty: each host gets its own.
    (root / "etc/machine-id").write_text("")
    (root / "etc/fstab").write_text("")
    subprocess.run(["chroot", root, "useradd", "--create-home", "--shell", "/bin/bash", USER], check=True)
    sudoers = root / "etc/sudoers.d" / USER
    sudoers.write_text(f"{USER} ALL=(ALL) NOPASSWD: ALL\n")
    sudoers.chmod(0o440)
