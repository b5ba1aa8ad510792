"""A Linux host's disk: a copy of the base system, with what an installer would have asked or made."""

from __future__ import annotations

import gzip
import os
import secrets
import shutil
from ipaddress import IPv4Address
from pathlib import Path

from lab.base import USER, base
from lab.network import GATEWAY
from lab.shell import run
from lab.ssh import Ssh, make_key

# Kernel modules that a Debian server can load, by the option that builds them. A kernel may have them built in.
_MODULES = {
    "BRIDGE": "net/bridge/bridge",
    "BRIDGE_NETFILTER": "net/bridge/br_netfilter",
    "NF_CONNTRACK": "net/netfilter/nf_conntrack",
    "NF_TABLES": "net/netfilter/nf_tables",
    "OVERLAY_FS": "fs/overlayfs/overlay",
    "VETH": "drivers/net/veth",
    "VXLAN": "drivers/net/vxlan/vxlan",
}


def make_disk(root: Path, name: str, address: IPv4Address, ssh: Ssh) -> None:
    """Make the root folder of a new host: its own name, address, machine id and SSH host key; ours let in."""
    unfinished = root.with_name("unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    run(["cp", "--archive", str(base()), str(unfinished)])
    (unfinished / "etc/hostname").write_text(f"{name}\n")
    (unfinished / "etc/hosts").write_text(f"127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n{address}\t{name}\n")
    # Nothing answers there, and says so at once: a lab host has no internet, and finds out without waiting.
    (unfinished / "etc/resolv.conf").write_text(f"nameserver {GATEWAY.ip}\n")
    (unfinished / "etc/machine-id").write_text(f"{secrets.token_hex(16)}\n")
    make_key(unfinished / "etc/ssh/ssh_host_ed25519_key", f"root@{name}")
    for home, owner in ((unfinished / "root", 0), (unfinished / "home" / USER, 1000)):
        let_in(home, ssh.public_key(), owner)
    _add_modules(unfinished)
    unfinished.rename(root)


def let_in(home: Path, keys: str, owner: int) -> None:
    """Let the user of this home log in with these keys, and no others."""
    folder = home / ".ssh"
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "authorized_keys").write_text(keys)
    (folder / "authorized_keys").chmod(0o600)
    for path in (folder, folder / "authorized_keys"):
        os.chown(path, owner, owner)


def host_key(root: Path) -> str:
    """Return the public SSH host key of the host with this root folder: type and base64."""
    return " ".join((root / "etc/ssh/ssh_host_ed25519_key.pub").read_text().split()[:2])


def _add_modules(root: Path) -> None:
    """Tell modprobe which modules the running kernel has built in, as Debian's kernel package would."""
    config = Path("/proc/config.gz")
    release = os.uname().release
    folder = root / "lib/modules" / release
    folder.mkdir(parents=True)
    options = gzip.decompress(config.read_bytes()).decode().splitlines() if config.exists() else []
    built_in = [f"kernel/{path}.ko\n" for option, path in _MODULES.items() if f"CONFIG_{option}=y" in options]
    (folder / "modules.builtin").write_text("".join(built_in))
    (folder / "modules.order").write_text("")
    run(["depmod", "--basedir", str(root), release])
