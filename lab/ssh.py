"""The lab's one SSH key, its list of host keys, and OpenSSH's command lines that use them."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

from lab.network import locked
from lab.shell import run


@dataclass(frozen=True, slots=True)
class Ssh:
    """Files by which hosts of the lab are reached."""

    folder: Path

    @property
    def private_key(self) -> Path:
        """The private key that every host of the lab lets in."""
        return self.folder / "id_ed25519"

    @property
    def known_hosts(self) -> Path:
        """The public keys of the hosts, in OpenSSH's format."""
        return self.folder / "known_hosts"

    def prepare(self) -> None:
        """Make the key, once."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.private_key.exists():
            make_key(self.private_key, "lab")

    def public_key(self) -> str:
        """Return the line for ``authorized_keys``."""
        return self.private_key.with_suffix(".pub").read_text()

    def remember(self, address: IPv4Address, host_key: str) -> None:
        """Put a host's public key (type and base64) into ``known_hosts``, in the place of an older one."""
        with locked("known_hosts"):
            lines = self.known_hosts.read_text().splitlines() if self.known_hosts.exists() else []
            kept = [line for line in lines if line.split(" ", 1)[0] != str(address)]
            self.known_hosts.write_text("\n".join([*kept, f"{address} {host_key}"]) + "\n")

    def command(self, user: str, address: IPv4Address) -> list[str]:
        """Return the ``ssh`` command line up to the remote command."""
        options = {
            "IdentityFile": str(self.private_key),
            "IdentitiesOnly": "yes",
            "UserKnownHostsFile": str(self.known_hosts),
            "StrictHostKeyChecking": "yes",
            "ConnectTimeout": "5",
            # Where its end is lost with the adapter, as when the vSwitch is made, ssh would wait for hours.
            "ServerAliveInterval": "10",
            "ServerAliveCountMax": "3",
            "BatchMode": "yes",
            "LogLevel": "ERROR",
        }
        flags = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
        return ["ssh", "-F", "none", *flags, f"{user}@{address}"]


def make_key(path: Path, comment: str) -> None:
    """Make an ed25519 key pair without passphrase in ``path`` and ``path.pub``."""
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)])
