"""What a cloud runs on a machine that it has just made, so that SSH answers and its host key is known."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

import yaml

from plan.bundle import PROJECT

PRINT_HOST_KEY = "cat /etc/ssh/ssh_host_ed25519_key.pub\n"
"""For Linux, whose images come with SSH."""
PUBLISHED = "casement: SSH answers, and the host key is published"
"""What a machine writes on its console that has published its host key."""
_HOST_KEY = re.compile(r"ssh-ed25519 [A-Za-z0-9+/]+=*")


@dataclass(frozen=True, slots=True)
class Publication:
    """Where in its cloud a machine publishes its host key: below a URL of the metadata route."""

    url: str
    header: str
    """What the route asks for with each request, as ``NAME: VALUE``."""


NOWHERE = Publication("", "")


def open_ssh(user: str, public_key: str, *, mtu: int = 0, published: Publication = NOWHERE) -> str:
    """Return PowerShell for Windows that lets the user in by SSH with this key, and prints the host key.

    Args:
        user: the administrator.
        public_key: the key to log in with, as ``TYPE BASE64``.
        mtu: MTU of the adapters in bytes; 0 leaves them as they are.
        published: where the host key is published too.
    """
    script = (PROJECT / "scripts/boot/Open-Ssh.ps1").read_text(encoding="utf-8")
    texts = {"User": user, "PublicKey": public_key}
    texts |= {"AttributesUrl": published.url, "AttributesHeader": published.header}
    arguments = " ".join(f"-{name} {_quoted(text)}" for name, text in texts.items())
    # The script's own preference ends with its scope: what fails there would let the rest run, and end with 0.
    return f"$ErrorActionPreference = 'Stop'\n& {{\n{script}}} {arguments} -Mtu {mtu}\n"


def windows_boot(user: str, public_key: str, mtu: int, published: Publication) -> str:
    """Return PowerShell for every boot of a machine that publishes its host key; arguments as ``open_ssh`` has them."""
    opened = open_ssh(user, public_key, mtu=mtu, published=published)
    return f"{opened}Write-Output {_quoted(PUBLISHED)}\n"


def linux_boot(published: Publication) -> str:
    """Return bash for every boot of a machine that publishes its host key."""
    script = (PROJECT / "scripts/boot/publish-host-key.sh").read_text(encoding="utf-8")
    arguments = shlex.join([published.url, published.header])
    return f"#!/usr/bin/env bash\nset -- {arguments}\n{script}echo '{PUBLISHED}'\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def linux_with_mtu(mtu: int) -> str:
    """Return a cloud-config for Ubuntu that gives the first adapter this MTU in bytes, now and at every boot."""
    # Laid over what cloud-init itself writes about eth0, which says by its MAC address which adapter that is.
    network = {"network": {"version": 2, "ethernets": {"eth0": {"mtu": mtu}}}}
    file = {"path": "/etc/netplan/60-casement.yaml", "permissions": "0600", "content": yaml.safe_dump(network)}
    return "#cloud-config\n" + yaml.safe_dump({"write_files": [file], "runcmd": [["netplan", "apply"]]})


def host_key_in(text: str | None) -> str:
    """Return the host key that a machine printed, as ``TYPE BASE64``. Raises ValueError where there is none."""
    match = _HOST_KEY.search(text or "")
    if match is None:
        raise ValueError(f"the machine has not told its SSH host key; it said: {(text or '(nothing)')[-500:]}")
    return match[0]
