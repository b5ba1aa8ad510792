"""Copies files and folders over SFTP with the rules of the real plugin.

| source  | destination is a folder | does not exist | is a file          |
|---------|-------------------------|----------------|--------------------|
| ``dir`` | dest/dir                | dest/dir       | error              |
| ``dir/``| dest/x for x in dir     | dest/x         | error              |
| file    | dest/file               | dest           | dest (overwritten) |

One file after the other, like the real one. Files get the server's default permissions.
"""

from __future__ import annotations

import errno
import posixpath
import stat
from pathlib import Path
from typing import Any

import asyncssh

from lab.providers.server import ProviderError

_REMOTE_ERRORS = (asyncssh.SFTPError, OSError)
"""What an operation on the host ends with: the server's answer, or that of the system where the connection breaks."""


def _go_text(error: asyncssh.SFTPError | OSError) -> str:
    """Return the words of Go's SFTP client, which calls every broken connection lost (``broadcastErr`` in conn.go)."""
    if isinstance(error, asyncssh.SFTPNoSuchFile | asyncssh.SFTPNoSuchPath):
        return "file does not exist"
    if isinstance(error, asyncssh.SFTPPermissionDenied):
        return "permission denied"
    if isinstance(error, asyncssh.SFTPConnectionLost | asyncssh.SFTPNoConnection | OSError):
        return "connection lost"
    return f'sftp: "{error.reason}" (SSH_FX_FAILURE)'


def _join(folder: str, name: str) -> str:
    return posixpath.normpath(posixpath.join(folder, name))


def _local_error(path: str, error: OSError) -> ProviderError:
    text = "no such file or directory" if error.errno == errno.ENOENT else str(error.strerror).lower()
    return ProviderError(f"open {path}: {text}")


class Copier:
    """Copies to one host, over an open SFTP session."""

    def __init__(self, sftp: asyncssh.SFTPClient) -> None:
        self._sftp = sftp

    async def _kind(self, path: str) -> str:
        """Return ``dir``, ``file``, or an empty text where nothing is."""
        try:
            attributes = await self._sftp.stat(path)
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
            return ""
        except _REMOTE_ERRORS as error:
            raise ProviderError(f"failed to stat remote path {path}: {_go_text(error)}") from None
        return "dir" if stat.S_ISDIR(attributes.permissions or 0) else "file"

    async def _make(self, path: str) -> None:
        try:
            await self._sftp.mkdir(path)
        except _REMOTE_ERRORS as error:
            raise ProviderError(f"failed to create remote directory {path}: {_go_text(error)}") from None

    async def _make_all(self, path: str, complaint: str) -> None:
        kind = await self._kind(path)
        if kind == "file":
            raise ProviderError(f"{complaint}: mkdir {path}: not a directory")
        if kind == "dir":
            return
        parent = posixpath.dirname(path.rstrip("/"))
        if parent and parent != path:
            await self._make_all(parent, complaint)
        try:
            await self._sftp.mkdir(path)
        except _REMOTE_ERRORS as error:
            if await self._kind(path) != "dir":
                raise ProviderError(f"{complaint}: {_go_text(error)}") from None

    async def _make_parents(self, path: str) -> None:
        await self._make_all(posixpath.dirname(path) or ".", f"failed to create parent directories for {path}")

    async def _write(self, path: str, data: bytes, complaint: str) -> None:
        try:
            remote = await self._sftp.open(path, "wb")
        except _REMOTE_ERRORS as error:
            raise ProviderError(f"failed to create remote file {path}: {_go_text(error)}") from None
        try:
            async with remote:
                await remote.write(data)
        except _REMOTE_ERRORS as error:
            raise ProviderError(f"{complaint}: {_go_text(error)}") from None

    async def _copy_file(self, source: str, target: str) -> None:
        try:
            data = Path(source).read_bytes()
        except OSError as error:
            raise _local_error(source, error) from None
        await self._write(target, data, f"failed to copy file {source} to remote path {target}")

    async def _copy_folder(self, source: Path, target: str) -> None:
        kind = await self._kind(target)
        if kind == "file":
            raise ProviderError(f"remote path {target} exists but is not a directory")
        if not kind:
            await self._make(target)
        for entry in sorted(source.iterdir()):
            if entry.is_dir() and not entry.is_symlink():
                await self._copy_folder(entry, _join(target, entry.name))
            else:
                await self._copy_file(str(entry), _join(target, entry.name))

    async def copy_text(self, text: str, target: str) -> None:
        """Write a file from a text asset. Raises ProviderError, as the methods below do."""
        if await self._kind(target) == "dir":
            reason = "is a directory; when using a text asset, remotePath must be a file path"
            raise ProviderError(f"remote path {target} {reason}")
        await self._make_parents(target)
        await self._write(target, text.encode(), f"failed to write text content to remote path {target}")

    async def copy_path(self, source: str, target: str) -> None:
        """Copy a local file or folder; ``target`` follows the table above."""
        try:
            is_folder = stat.S_ISDIR(Path(source).stat().st_mode)
        except OSError as error:
            raise _local_error(source, error) from None
        kind, name = await self._kind(target), Path(source).name
        if not is_folder:
            if kind == "dir":
                target = _join(target, name)
            elif not kind:
                await self._make_parents(target)
            await self._copy_file(source, target)
            return
        if not kind:
            await self._make_all(target, f"failed to create remote directory {target}")
        if not source.endswith("/"):
            target = _join(target, name)
            inner = await self._kind(target)
            if inner == "file":
                raise ProviderError(f"remote path {target} exists but is not a directory")
            if not inner:
                await self._make(target)
        await self._copy_folder(Path(source), posixpath.normpath(target))


async def copy(connection: asyncssh.SSHClientConnection, source: dict[str, Any], target: str) -> None:
    """Copy an asset or archive as the engine sends it over an open SSH connection. Raises ProviderError."""
    try:
        sftp = await connection.start_sftp_client()
    except asyncssh.ChannelOpenError:
        raise ProviderError("ssh: subsystem request failed") from None
    except (asyncssh.Error, OSError):
        raise ProviderError("EOF") from None
    async with sftp:
        copier = Copier(sftp)
        if source.get("path"):
            await copier.copy_path(source["path"], target)
        else:
            await copier.copy_text(source.get("text") or "", target)
