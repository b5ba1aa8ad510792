"""A Linux machine as SSH shows one: commands run in bash, in a home folder of its own, and SFTP starts there."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh
from pydantic import SecretStr

from config.ssh import SshEndpoint


@dataclass
class ShellHost:
    """What to connect to, and what was asked of it."""

    home: Path
    user_key: asyncssh.SSHKey = field(default_factory=lambda: asyncssh.generate_private_key("ssh-ed25519"))
    host_key: asyncssh.SSHKey = field(default_factory=lambda: asyncssh.generate_private_key("ssh-ed25519"))
    commands: list[str] = field(default_factory=list)
    port: int = 0

    def endpoint(self, *, host_key: asyncssh.SSHKey | None = None, jump: SshEndpoint | None = None) -> SshEndpoint:
        """Return how to reach it; with another host key pinned, or through another machine."""
        pinned = " ".join((host_key or self.host_key).export_public_key().decode().split()[:2])
        key = SecretStr(self.user_key.export_private_key().decode())
        return SshEndpoint("127.0.0.1", "root", self.port, pinned, key, jump)


class _Login(asyncssh.SSHServer):
    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        del dest_host, dest_port, orig_host, orig_port
        return True


@asynccontextmanager
async def shell_host(home: Path) -> AsyncIterator[ShellHost]:
    """Serve until the block ends."""
    host = ShellHost(home)
    home.mkdir()

    class Files(asyncssh.SFTPServer):
        def map_path(self, path: bytes) -> bytes:
            return os.path.join(os.fsencode(home), path)  # noqa: PTH118 - bytes

    async def run(process: asyncssh.SSHServerProcess[bytes]) -> None:
        assert process.command is not None
        host.commands.append(process.command)
        shell = await asyncio.create_subprocess_exec(
            "bash", "-c", process.command, cwd=home, stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        await process.redirect(stdin=shell.stdin, stdout=shell.stdout, stderr=shell.stderr)
        code = await shell.wait()
        await process.stdout.drain()
        await process.stderr.drain()
        process.exit(code)
        await process.wait_closed()

    acceptor = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=_Login,
        process_factory=run,
        sftp_factory=Files,
        encoding=None,
        server_host_keys=[host.host_key],
        authorized_client_keys=asyncssh.import_authorized_keys(host.user_key.export_public_key().decode()),
    )
    host.port = acceptor.get_port()
    try:
        yield host
    finally:
        acceptor.close()
