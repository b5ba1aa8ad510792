"""SSH keys as text: which host keys and private keys can be used, and where known_hosts says what."""

from __future__ import annotations

import base64
import binascii
import fnmatch
import hashlib
import hmac
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

HOST_KEY_TYPES = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521")
"""Host key types that can be pinned, best first.

Pinning an ssh-rsa key also pins its SHA-1 signatures (the client offers the key's type as the only algorithm), which
every OpenSSH since 8.8 refuses.
"""
DEFAULT_PORT = 22
_OPENSSH_MAGIC = b"openssh-key-v1\0"


@dataclass(frozen=True, slots=True)
class KnownHosts:
    """The entries of a known_hosts file."""

    entries: Sequence[tuple[str, str]] = ()
    """Patterns of host names, and the key as ``TYPE BASE64``."""

    def keys(self, host: str, port: int) -> list[str]:
        """Return every key the file has for a host, as ``TYPE BASE64``, the best type first."""
        name = host if port == DEFAULT_PORT else f"[{host}]:{port}"
        found = [key for patterns, key in self.entries if _matches(name, patterns)]
        return sorted(found, key=lambda key: _rank(key.split()[0]))


def read_known_hosts(text: str) -> KnownHosts:
    """Read a known_hosts file; marked lines (@revoked, @cert-authority) and lines of another shape are left out."""
    return KnownHosts(tuple(_entries(text)))


def _entries(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        fields = line.split()
        if len(fields) >= 3 and not fields[0].startswith(("#", "@")):  # noqa: PLR2004 - hosts, type, key
            yield fields[0], f"{fields[1]} {fields[2]}"


def _matches(name: str, patterns: str) -> bool:
    if patterns.startswith("|1|"):
        return _matches_hash(name, patterns)
    listed = patterns.split(",")
    if any(fnmatch.fnmatchcase(name, pattern[1:]) for pattern in listed if pattern.startswith("!")):
        return False
    return any(name == pattern or _matches_wildcard(name, pattern) for pattern in listed)


def _matches_wildcard(name: str, pattern: str) -> bool:
    # fnmatch reads the brackets of [host]:port as a set of characters; only * and ? are meant here.
    return ("*" in pattern or "?" in pattern) and fnmatch.fnmatchcase(name, pattern.replace("[", "[[]"))


def _matches_hash(name: str, entry: str) -> bool:
    try:
        salt, digest = (base64.b64decode(part) for part in entry.split("|")[2:4])
    except (ValueError, binascii.Error):
        return False
    return hmac.compare_digest(hmac.new(salt, name.encode(), hashlib.sha1).digest(), digest)


def _rank(key_type: str) -> int:
    return HOST_KEY_TYPES.index(key_type) if key_type in HOST_KEY_TYPES else len(HOST_KEY_TYPES)


def host_key_fault(key: str) -> str | None:
    """Return why a host key, ``TYPE BASE64``, cannot be used; None if it can."""
    fields = key.split()
    if len(fields) < 2:  # noqa: PLR2004 - type and key
        return "a host key is `TYPE BASE64`, as ssh-keyscan prints it after the host name"
    kind, blob = fields[0], fields[1]
    if kind == "ssh-rsa":
        return "an ssh-rsa host key cannot be pinned: that asks for SHA-1 signatures, which OpenSSH refuses since 8.8"
    if kind not in HOST_KEY_TYPES:
        return f"the type of a host key must be one of {', '.join(HOST_KEY_TYPES)}"
    try:
        inside = base64.b64decode(blob, validate=True)
    except binascii.Error:
        return "the second part of a host key must be base64"
    if not inside.startswith(struct.pack(">I", len(kind)) + kind.encode()):
        return f"the key's content is not of the type {kind} that stands before it"
    return None


def private_key_fault(text: str) -> tuple[str, str] | None:
    """Return why a private key cannot be used, and the remedy; None if it can. The key itself is never repeated."""
    if text.startswith("PuTTY-User-Key-File"):
        return "is a PuTTY key; an OpenSSH key is needed", "in PuTTYgen choose Conversions, Export OpenSSH key"
    if text.startswith(("ssh-", "ecdsa-")):
        return "is a public key; the private one is needed", "name the file without .pub"
    if "PRIVATE KEY-----" not in text:
        return "is no private key", "name an OpenSSH private key; `ssh-keygen -t ed25519 -N '' -f FILE` makes one"
    if _is_encrypted(text):
        return (
            "is protected by a passphrase, which cannot be asked for",
            "make a key for this purpose (`ssh-keygen -t ed25519 -N '' -f FILE`), or give it as a Pulumi secret "
            "(`pulumi config set --secret sshPrivateKey`) after taking the passphrase off a copy (`ssh-keygen -p`)",
        )
    return None


def public_key_of(private_key: str) -> str | None:
    """Return the public part of a private key without a passphrase, as ``TYPE BASE64``; None if it cannot be read."""
    read = load_ssh_private_key if "OPENSSH PRIVATE KEY" in private_key else load_pem_private_key
    try:
        public = read(private_key.encode(), None).public_key()
        return public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def _is_encrypted(text: str) -> bool:
    if "ENCRYPTED" in text:
        return True
    body = "".join(line for line in text.splitlines() if line and not line.startswith("-----") and ":" not in line)
    try:
        inside = base64.b64decode(body)
    except binascii.Error:
        return False
    if not inside.startswith(_OPENSSH_MAGIC):
        return False
    start = len(_OPENSSH_MAGIC) + 4
    (length,) = struct.unpack(">I", inside[start - 4 : start])
    return inside[start : start + length] != b"none"
