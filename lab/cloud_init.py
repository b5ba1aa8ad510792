"""What a cloud's image of Debian does at its boots: its administrator, its user data, its startup script.

Stand-ins for cloud-init (``write_files`` and ``runcmd``), for netplan (the MTU), and for the guest agent of Google.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from lab.linux_disk import let_in

_NETPLAN = """\
#!/bin/sh
# Of what netplan does, the MTU only.
[ "$1" = apply ] || exit 64
cat /etc/netplan/*.yaml | awk '/^    [a-z0-9]+:$/ { name = $1; sub(":", "", name) } $1 == "mtu:" { print name, $2 }' |
while read -r name mtu; do ip link set dev "$name" mtu "$mtu" || exit; done
"""
_UNIT = """\
[Unit]
Description={description}
After=network.target ssh.service
{condition}
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart={program}

[Install]
WantedBy=multi-user.target
"""
_ONCE = "/var/lib/cloud/instance/boot-finished"


def prepare(root: Path, *, user: str, public_key: str, user_data: str, startup_script: str) -> None:
    """Make a disk that was never booted what an image is with these things around it.

    Raises ValueError for user data that ask for more than is modelled.
    """
    _make_administrator(root, user, public_key)
    if user_data:
        take_user_data(root, user_data)
    if startup_script:
        _program(root, "/var/lib/google/startup-script", startup_script)
        _unit(root, "google-startup-scripts", "Run the startup script at every boot", "/var/lib/google/startup-script")


def _make_administrator(root: Path, user: str, public_key: str) -> None:
    subprocess.run(["chroot", root, "useradd", "--create-home", "--shell", "/bin/bash", user], check=True)
    sudoers = root / "etc/sudoers.d" / user
    sudoers.write_text(f"{user} ALL=(ALL) NOPASSWD: ALL\n")
    sudoers.chmod(0o440)
    let_in(root / "home" / user, f"{public_key}\n", (root / "home" / user).stat().st_uid)
    (root / "etc/ssh/sshd_config.d/50-cloud-init.conf").write_text("PasswordAuthentication no\n")


def take_user_data(root: Path, user_data: str) -> None:
    """Write the files that a cloud-config asks for, and have the first boot run its commands.

    Raises ValueError for what is not modelled.
    """
    asked: Mapping[str, Any] = yaml.safe_load(user_data)
    left = set(asked) - {"write_files", "runcmd"}
    if left:
        raise ValueError(f"user data that ask for {', '.join(sorted(left))} are not modelled")
    for file in asked.get("write_files", ()):
        path = root / file["path"].lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file["content"])
        path.chmod(int(file.get("permissions", "0644"), 8))
    _program(root, "/usr/sbin/netplan", _NETPLAN)
    there = "ConditionPathExists=/etc/netplan"
    _unit(root, "netplan", "Apply what /etc/netplan says", "/usr/sbin/netplan apply", there)
    lines = [command if isinstance(command, str) else shlex.join(command) for command in asked.get("runcmd", ())]
    run = "/var/lib/cloud/instance/scripts/runcmd"
    _program(root, run, "\n".join(["#!/bin/sh -e", *lines, f"touch {_ONCE}\n"]))
    _unit(root, "cloud-final", "Run once what the user data ask for", run, f"ConditionPathExists=!{_ONCE}")


def _program(root: Path, name: str, text: str) -> None:
    path = root / name.lstrip("/")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def _unit(root: Path, name: str, description: str, program: str, condition: str = "") -> None:
    units = root / "etc/systemd/system"
    units.mkdir(parents=True, exist_ok=True)
    text = _UNIT.format(description=description, condition=f"{condition}\n" if condition else "", program=program)
    (units / f"{name}.service").write_text(text)
    wanted = units / "multi-user.target.wants"
    wanted.mkdir(exist_ok=True)
    (wanted / f"{name}.service").symlink_to(f"/etc/systemd/system/{name}.service")
