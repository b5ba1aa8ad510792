"""An SSH server on 127.0.0.1 whose answers a test scripts, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import asyncssh

USER, PASSWORD = "root", "correct horse"


@dataclass(frozen=True)
class Request:
    """One command that the server was asked to run."""

    command: str
    stdin: str
    environment: dict[str, str]


@dataclass(frozen=True)
class Reply:
    """What a command does."""

    stdout: str = ""
    stderr: str = ""
    exit_status: int = 0
    cut: bool = False
    """Whether the whole connection drops instead of an exit status."""


@dataclass
class Openings:
    """The connections to one address of the server, as many as ever were at the same time."""

    now: int = 0
    most: int = 0
    not_let_in: int = 0
    most_not_let_in: int = 0
    """Those that have not logged in yet, which sshd limits (``MaxStartups``)."""

    def opened(self) -> None:
        self.now += 1
        self.not_let_in += 1
        self.most, self.most_not_let_in = max(self.most, self.now), max(self.most_not_let_in, self.not_let_in)

    def let_in(self) -> None:
        self.not_let_in -= 1

    def closed(self, let_in: bool) -> None:
        self.now -= 1
        self.not_let_in -= not let_in


Handler = Callable[[Request], Awaitable[Reply]]


async def _ok(request: Request) -> Reply:
    del request
    return Reply()


@dataclass
class SshServer:
    """Keeps every request; ``handler`` answers them and may be changed while the server runs."""

    root: Path
    handler: Handler = _ok
    accepted_environment: tuple[str, ...] = ("*",)
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    """How many connections were ever made."""
    open_connections: int = 0
    openings: dict[str, Openings] = field(default_factory=dict)
    """Connections by the address that was dialled: whoever listens on all of 127.0.0.0/8 stands for many machines."""
    says_first: str = ""
    """What every command prints on its standard error before it is answered, as steps do."""
    leads_to: Mapping[str, int] | None = None
    """Where who goes through it gets to: host to port on 127.0.0.1, or to itself; None where he wanted to go."""
    forwarded: list[str] = field(default_factory=list)
    """Where those who went through it wanted to go."""
    port: int = 0
    host_key: str = ""
    """The server's public key, one line as in ``authorized_keys``."""
    user_key: str = ""
    """Private key that it lets in, as text."""

    @property
    def commands(self) -> list[str]:
        """The commands in the order in which they came."""
        return [request.command for request in self.requests]

    def connection(self, **more: object) -> dict[str, object]:
        """Return the ``connection`` of a resource, with the given properties on top."""
        return {"host": "127.0.0.1", "port": self.port, "password": PASSWORD, "dialErrorLimit": 0, **more}

    async def serve(self, process: asyncssh.SSHServerProcess[str]) -> None:
        stdin = await process.stdin.read()
        environment = {str(key): str(value) for key, value in process.env.items()}
        request = Request(process.command or "", stdin, environment)
        self.requests.append(request)
        process.stderr.write(self.says_first)
        reply = await self.handler(request)
        process.stdout.write(reply.stdout)
        process.stderr.write(reply.stderr)
        if reply.cut:
            process.channel.get_connection().abort()
        else:
            process.exit(reply.exit_status)


class _Login(asyncssh.SSHServer):
    def __init__(self, server: SshServer) -> None:
        self._server = server
        self._connection: asyncssh.SSHServerConnection | None = None
        self._openings = Openings()
        self._let_in = False

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._openings = self._server.openings.setdefault(conn.get_extra_info("sockname")[0], self._openings)
        self._openings.opened()
        self._server.connections += 1
        self._server.open_connections += 1

    def auth_completed(self) -> None:
        self._let_in = True
        self._openings.let_in()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._openings.closed(self._let_in)
        self._server.open_connections -= 1

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return username == USER and password == PASSWORD

    def connection_requested(
        self, dest_host: str, dest_port: int, orig_host: str, orig_port: int
    ) -> bool | Awaitable[asyncssh.SSHTCPSession[bytes]]:
        del orig_host, orig_port
        self._server.forwarded.append(dest_host)
        if self._server.leads_to is None:
            return True
        assert self._connection is not None
        # What asyncssh itself puts in the place of True, and calls a session.
        port = self._server.leads_to.get(dest_host, self._server.port)
        onward = self._connection.forward_connection("127.0.0.1", port)
        return cast("Awaitable[asyncssh.SSHTCPSession[bytes]]", onward)


class _Disk(asyncssh.SFTPServer):
    """Where files are copied to. Several machines share it, so that what one has just made is no fault of another."""

    def mkdir(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        with suppress(FileExistsError):
            super().mkdir(path, attrs)


@contextmanager
def ssh_server(folder: Path, port: int = 0, user_key: str = "", address: str = "127.0.0.1") -> Iterator[SshServer]:
    """Run a server until the block ends; its SFTP files are in ``folder``/files, and ``user_key`` is a private key."""
    (folder / "files").mkdir(parents=True, exist_ok=True)
    server = SshServer(folder / "files")
    host_key = asyncssh.generate_private_key("ssh-ed25519")
    own_key = asyncssh.import_private_key(user_key) if user_key else asyncssh.generate_private_key("ssh-ed25519")
    server.host_key = host_key.export_public_key().decode().strip()
    server.user_key = own_key.export_private_key().decode()
    authorized = asyncssh.import_authorized_keys(own_key.export_public_key().decode())
    ready: Future[tuple[int, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def run() -> None:
        stop = asyncio.Event()
        acceptor = await asyncssh.listen(
            address,
            port,
            server_factory=lambda: _Login(server),
            process_factory=server.serve,
            sftp_factory=lambda channel: _Disk(channel, chroot=str(server.root).encode()),
            server_host_keys=[host_key],
            authorized_client_keys=authorized,
            reuse_address=True,
        )
        ready.set_result((acceptor.get_port(), asyncio.get_running_loop(), stop))
        await stop.wait()
        acceptor.close()

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    server.port, loop, stopping = ready.result(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join(5)
