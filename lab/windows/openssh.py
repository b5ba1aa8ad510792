"""OpenSSH on a host that was made from a cloud's image: a capability, a service, its files, and whom it lets in.

Other hosts of the lab are as an administrator hands them over: SSH is open already, and its files are the lab's own.
"""

from __future__ import annotations

from pathlib import Path

from lab.ssh import make_key
from lab.windows.firewall import OPENSSH, Rule
from lab.windows.folder import HostFolder

CAPABILITY, SERVICE = "OpenSSH.Server~~~~0.0.1.0", "sshd"
PROGRAM = rf"C:\windows\system32\labservice.exe {SERVICE}"
RULE: Rule = {**OPENSSH, "Profile": "Private"}
"""The rule of the firewall that comes with the capability."""
_WITH_IT = ("2025",)
"""Releases whose images have it, stopped."""
_FOLDER = "C:/ProgramData/ssh"
_KEY = "ssh_host_ed25519_key"
_STATE, _USERS = "openssh", "users"
_CONFIGURATION = (
    "#Port 22\r\n#PasswordAuthentication yes\r\nSubsystem sftp sftp-server.exe\r\n"
    "Match Group administrators\r\n       AuthorizedKeysFile __PROGRAMDATA__/ssh/administrators_authorized_keys\r\n"
)


def come_from_image(folder: HostFolder, release: str, administrator: str = "") -> None:
    """Leave a host that was never switched on as a cloud makes it: SSH closed, one more administrator where named."""
    there = release in _WITH_IT
    folder.write(_STATE, {"installed": there})
    folder.write("firewall", {RULE["Name"].lower(): RULE} if there else {})
    folder.write(_USERS, users(folder) | ({administrator: True} if administrator else {}))


def is_of_image(folder: HostFolder) -> bool:
    """Return whether SSH is a matter of the service here."""
    return folder.read(_STATE) is not None


def is_installed(folder: HostFolder) -> bool:
    """Return whether the capability is there, on a host for which that is a question."""
    return bool(folder.read(_STATE, {}).get("installed"))


def note_installed(folder: HostFolder) -> None:
    """Keep that the capability is there."""
    folder.write(_STATE, {"installed": True})


def users(folder: HostFolder) -> dict[str, bool]:
    """Return the users, and of each whether it is an administrator."""
    found: dict[str, bool] = folder.read(_USERS, {"Administrator": True})
    return found


def keep_user(folder: HostFolder, name: str, administrator: bool) -> None:
    """Make a user, or change what it is."""
    folder.write(_USERS, users(folder) | {name: administrator})


def first_start(folder: HostFolder) -> None:
    """Make what sshd makes at its first start: host key and configuration."""
    place = folder.path(_FOLDER)
    place.mkdir(parents=True, exist_ok=True)
    if not (place / _KEY).exists():
        make_key(place / _KEY, "system")
    if not (place / "sshd_config").exists():
        (place / "sshd_config").write_text(_CONFIGURATION, newline="")


def host_key(folder: HostFolder) -> Path:
    """Return the file of the host's private key."""
    return folder.path(f"{_FOLDER}/{_KEY}") if is_of_image(folder) else folder.root / _KEY


def authorized_keys(folder: HostFolder, user: str) -> Path | None:
    """Return the file of the keys that this user may log in with; None where sshd takes no notice of any.

    All that log in here are administrators, who have one file; on which nobody else may have rights.
    """
    if not is_of_image(folder):
        return folder.root / "authorized_keys"
    path = folder.path(f"{_FOLDER}/administrators_authorized_keys")
    known = {name.lower(): administrator for name, administrator in users(folder).items()}
    return path if known.get(user.lower()) and path.exists() and not path.stat().st_mode & 0o007 else None


def takes_passwords(folder: HostFolder) -> bool:
    """Return whether sshd asks for a password: of several lines about it the first counts."""
    if not is_of_image(folder):
        return False
    lines = folder.path(f"{_FOLDER}/sshd_config").read_text().lower().splitlines()
    said = [line.split()[1] for line in lines if line.startswith("passwordauthentication ")]
    return said[:1] != ["no"]
