"""Runs one command over SSH and hands back what it printed, or the error text of the real plugin."""

from __future__ import annotations

import asyncio

import asyncssh
from asyncssh.channel import SSHClientChannel
from asyncssh.packet import String

from lab.providers.go_text import quoted
from lab.providers.server import Context, ProviderError

_SETENV_REFUSED = (
    "Unable to set '{}'. This only works if your SSH server is configured to accept\n"
    "\tthese variables via AcceptEnv. Alternatively, if a Bash-like shell runs the command on the remote host, you "
    "could\n\tprefix the command itself with the variables in the form 'VAR=value command'"
)
# bufio.Scanner's limit, at which the real plugin's log reader gives up without saying so.
_LONGEST_LINE = 64 * 1024


class LogPipe:
    """Sends whole lines to the engine as they come.

    A line of 64 KiB or more stops the reader for ever, and with it the command: that is what the real plugin does
    (its scanner gives up on the line, and nobody reads the pipe any more).
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._rest = b""
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._stuck = False
        self._task = asyncio.create_task(self._send())

    def write(self, data: bytes) -> None:
        """Take what the command printed."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._stuck = self._stuck or len(line) >= _LONGEST_LINE
            if not self._stuck:
                self._lines.put_nowait(line.removesuffix(b"\r"))
        self._stuck = self._stuck or len(self._rest) >= _LONGEST_LINE

    def drop(self) -> None:
        """Forget what is left."""
        self._task.cancel()

    async def close(self) -> None:
        """Send what is left, and wait until the engine has it all."""
        if self._stuck:
            await asyncio.Event().wait()
        if self._rest:
            self._lines.put_nowait(self._rest.removesuffix(b"\r"))
        self._lines.put_nowait(None)
        await self._task

    async def _send(self) -> None:
        while (line := await self._lines.get()) is not None:
            await self._context.log(line.decode(errors="replace"), status=True)


class _Session(asyncssh.SSHClientSession[bytes]):
    """Keeps what arrives, in the order in which it arrives."""

    def __init__(self, pipes: dict[bool, LogPipe | None]) -> None:
        self.pipes = pipes
        self.out: list[bytes] = []
        self.err: list[bytes] = []
        self.both: list[bytes] = []
        self.end: tuple[int, str, str] | None = None
        self.closed = asyncio.Event()

    def data_received(self, data: bytes, datatype: int | None) -> None:
        (self.out if datatype is None else self.err).append(data)
        self.both.append(data)
        pipe = self.pipes[datatype is None]
        if pipe is not None:
            pipe.write(data)

    def exit_status_received(self, status: int) -> None:
        self.end = (status, "", "")

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:
        del core_dumped, lang
        # Go counts signals from 128 up; it knows the number of those in RFC 4254.
        numbers = {"HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "ABRT": 6, "FPE": 8, "KILL": 9, "SEGV": 11, "PIPE": 13}
        numbers |= {"ALRM": 14, "TERM": 15}
        self.end = (128 + numbers.get(signal, 0), signal, msg)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.closed.set()

    def failure(self) -> str:
        """Return Go's words for the end of the command; empty for success."""
        if self.end is None:
            return "wait: remote command exited without exit status or exit signal"
        status, signal, message = self.end
        if status == 0:
            return ""
        text = f"Process exited with status {status}"
        text += f" from signal {signal}" if signal else ""
        return text + (f". Reason was: {message}" if message else "")


class _Channel(SSHClientChannel[bytes]):
    """A session channel that waits for the server's word on each variable, as the real plugin does."""

    async def set_environment(self, name: str, value: str) -> bool:
        return bool(await self._make_request(b"env", String(name), String(value)))

    async def open(self, session: _Session) -> None:
        await self._open(b"session")
        self._session = session
        session.connection_made(self)

    async def execute(self, command: str) -> bool:
        if not await self._make_request(b"exec", String(command)):
            return False
        self._session.session_started()
        self._conn.create_task(self._start_reading(), self.logger)
        return True


def _text(parts: list[bytes]) -> str:
    return b"".join(parts).decode(errors="replace")


async def run(
    context: Context,
    connection: asyncssh.SSHClientConnection,
    *,
    command: str,
    stdin: str,
    environment: dict[str, str],
    optional_environment: dict[str, str],
    logged: tuple[bool, bool],
) -> tuple[str, str]:
    """Return stdout and stderr, each without one newline at its end.

    ``environment`` must be accepted by the server, ``optional_environment`` may be refused at the price of a warning.
    ``logged`` says whether stdout and stderr go to the engine while the command runs. Raises ProviderError. Like the
    real plugin, this cannot be interrupted: neither Ctrl-C nor a custom timeout ends a command that runs.
    """
    loop = asyncio.get_running_loop()
    pipe = LogPipe(context)
    session = _Session({True: pipe if logged[0] else None, False: pipe if logged[1] else None})
    channel = _Channel(connection, loop, "replace", None, "strict", 2 * 1024 * 1024, 32 * 1024)
    try:
        await channel.open(session)
        for name, value in environment.items():
            if not await channel.set_environment(name, value):
                await context.log(_SETENV_REFUSED.format(name), "ERROR")
                raise ProviderError(f"could not set environment variable {quoted(name)}: ssh: setenv failed")
        for name, value in optional_environment.items():
            if not await channel.set_environment(name, value):
                await context.log(_SETENV_REFUSED.format(name), "WARNING")
        failure = "" if await channel.execute(command) else f"ssh: command {command} failed"
        if not failure:
            channel.write(stdin.encode())
            channel.write_eof()
            await session.closed.wait()
            failure = session.failure()
    except ProviderError:
        pipe.drop()
        raise
    except asyncssh.ChannelOpenError as error:
        pipe.drop()
        raise ProviderError(f"ssh: rejected: administratively prohibited ({error.reason})") from None
    except (asyncssh.Error, OSError):
        failure = "EOF"
    finally:
        channel.abort()
    await pipe.close()
    if failure:
        raise ProviderError(f"{failure}: running {quoted(command)}:\n{_text(session.both)}")
    return _text(session.out).removesuffix("\n"), _text(session.err).removesuffix("\n")
