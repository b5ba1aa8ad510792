"""The SSH server of a Windows host, as OpenSSH on Windows Server serves it: commands through cmd.exe, and SFTP."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import struct
from contextlib import suppress
from pathlib import Path

import asyncssh

from lab.windows import openssh
from lab.windows.command_line import NotRecognized, parse_command_line
from lab.windows.folder import HOME, HostFolder

_OUTAGE = 3.0
"""Seconds that a new virtual switch keeps the port closed."""


class SshServer:
    """The server; ``powershell`` is the command line, on this machine, that stands for powershell.exe."""

    def __init__(self, folder: HostFolder, address: str, powershell: list[str]) -> None:
        self._folder = folder
        self._address = address
        self._powershell = powershell
        self._connections: set[asyncssh.SSHServerConnection] = set()
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._away = False

    async def follow(self, service_runs: bool) -> None:
        """Listen as long as the service does, but for a moment in which the port is closed anyway."""
        if self._away or service_runs == (self._acceptor is not None):
            return
        if service_runs:
            await self.open()
        elif self._acceptor is not None:
            # Sessions outlive the service.
            self._acceptor.close()
            self._acceptor = None

    async def open(self) -> None:
        """Listen on port 22 of the host's address."""
        self._acceptor = await asyncssh.listen(
            self._address,
            22,
            reuse_address=True,
            server_factory=lambda: _Login(self._connections, self._folder),
            server_host_keys=[str(openssh.host_key(self._folder))],
            process_factory=self._serve,
            sftp_factory=lambda channel: _Files(channel, self._folder),
            encoding=None,
            server_version="OpenSSH_for_Windows_9.5",
            line_editor=False,
        )

    async def close(self) -> None:
        """Stop listening and drop every connection without a word, as a lost network does."""
        if self._acceptor is not None:
            self._acceptor.close()
            self._acceptor = None
        for connection in list(self._connections):
            _reset(connection)
        self._connections.clear()

    async def blink(self) -> None:
        """Be gone for some seconds, or until the adapter has an address again."""
        self._away = True
        await self.close()
        while True:
            await asyncio.sleep(_OUTAGE)
            with suppress(OSError):
                await self.open()
                self._away = False
                return

    async def _serve(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        if process.command is None:
            process.stderr.write(b"The lab's Windows hosts run commands; there is no shell to sit at.\r\n")
            process.exit(1)
            return
        try:
            parse_command_line(process.command)
        except (NotRecognized, ValueError) as error:
            process.stderr.write(str(error).encode())
            process.exit(1)
            return
        await self._run(process)

    async def _run(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        assert process.command is not None
        worker = await asyncio.create_subprocess_exec(
            *self._powershell,
            *_arguments(process.command),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            await process.redirect(stdin=worker.stdin, stdout=worker.stdout, stderr=worker.stderr)
            ended = asyncio.ensure_future(worker.wait())
            gone = asyncio.ensure_future(process.channel.wait_closed())
            await asyncio.wait({ended, gone}, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                await process.stdout.drain()
                await process.stderr.drain()
                # Windows counts exit codes from 0 to 2^32; SSH carries them as they are.
                process.exit(ended.result())
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(gone, 10)
            gone.cancel()
        finally:
            # sshd ends what a session started when the session is over.
            if worker.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(worker.pid, signal.SIGKILL)
            # What was redirected waits in tasks of its own.
            with suppress(asyncio.TimeoutError, asyncssh.Error, OSError):
                await asyncio.wait_for(process.wait_closed(), 5)


def _arguments(line: str) -> list[str]:
    call = parse_command_line(line)
    return ["-File", call.file, *call.arguments] if call.file is not None else ["-Command", call.text]


def _reset(connection: asyncssh.SSHServerConnection) -> None:
    plug = connection.get_extra_info("socket")
    if plug is not None:
        with suppress(OSError):
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.abort()


class _Login(asyncssh.SSHServer):
    """Lets an administrator in with a key that the host knows; nothing else."""

    def __init__(self, connections: set[asyncssh.SSHServerConnection], folder: HostFolder) -> None:
        self._connections = connections
        self._folder = folder
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection is not None:
            self._connections.discard(self._connection)

    def begin_auth(self, username: str) -> bool:
        keys = openssh.authorized_keys(self._folder, username)
        if keys is not None and self._connection is not None:
            self._connection.set_authorized_keys(str(keys))
        return True

    def password_auth_supported(self) -> bool:
        return openssh.takes_passwords(self._folder)

    def validate_password(self, username: str, password: str) -> bool:
        # Nobody knows one.
        return False

    def kbdint_auth_supported(self) -> bool:
        return False


class _Files(asyncssh.SFTPServer):
    """The host's drive, in the spelling of OpenSSH's SFTP server: ``/C:/k/x``."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], folder: HostFolder) -> None:
        super().__init__(channel)
        self._folder = folder

    def map_path(self, path: bytes) -> bytes:
        text = path.decode()
        if not text.startswith("/"):
            text = "/" + HOME.replace("\\", "/") + "/" + text
        elif ":" not in text:
            text = "/C:" + text
        return os.fsencode(self._folder.path(text))

    def reverse_map_path(self, path: bytes) -> bytes:
        return ("/" + self._folder.windows_path(Path(os.fsdecode(path))).replace("\\", "/")).encode()
