"""The only place of this package that runs commands on a machine."""

from __future__ import annotations

import asyncio
import posixpath
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncssh

from config.ssh import SshEndpoint
from operations.connection import UnreachableError, connect
from operations.stack import Node
from plan.bundle import PROJECT
from plan.shells import SHELLS, folder_removal, observing_command_line, standard_input
from plan.step import Step

_REMOVAL_SECONDS = 60
_LAST_WORDS = 6

Say = Callable[[str], None]


class ScriptError(Exception):
    """A script has failed on a machine; the text is the end of what it said."""

    def __init__(self, said: str, printed: str = "") -> None:
        super().__init__(said)
        self.printed = printed
        """What it had printed on its standard output until then."""


class RemoteHost:
    """A machine with this project's scripts in a folder of their own, which is removed when the work is done."""

    def __init__(
        self, node: Node, connection: asyncssh.SSHClientConnection, files: asyncssh.SFTPClient, folder: str, say: Say
    ) -> None:
        self.node = node
        self.folder = folder
        """The folder, as SFTP spells it: absolute, with slashes."""
        self._connection = connection
        self._files = files
        self._say = say

    async def run(self, step: Step) -> str:
        """Run a step that changes nothing for good, and return what it printed; its progress is said as it comes.

        Raises ScriptError when it ends with an error, UnreachableError when the connection is lost.
        """
        line = observing_command_line(step, self.node.os, self.folder, self._as_root)
        try:
            async with self._connection.create_process(line, encoding="utf-8", errors="replace") as process:
                process.stdin.write(standard_input(step.parameters, self.node.os))
                process.stdin.write_eof()
                printed, said = await asyncio.gather(process.stdout.read(), self._relayed(process.stderr))
                ended = await process.wait()
        except (OSError, asyncssh.Error) as error:
            raise UnreachableError(f"the connection was lost in {step.name}: {error or type(error).__name__}") from None
        if ended.exit_status != 0:
            reason = " / ".join(said) or f"exit code {ended.exit_status}"
            raise ScriptError(f"{step.script}: {reason}", str(printed))
        return str(printed)

    async def _relayed(self, stream: asyncssh.SSHReader[str]) -> list[str]:
        """Say each line as it comes, and return the last ones."""
        said: list[str] = []
        async for line in stream:
            if line.strip():
                said = [*said[-_LAST_WORDS + 1 :], line.rstrip()]
                self._say(line.rstrip())
        return said

    async def fetch(self, path: str, target: Path) -> None:
        """Copy a file from the machine, given by its absolute path; raises FileNotFoundError, UnreachableError."""
        try:
            await self._files.get(self.spelt(path), str(target))
        except asyncssh.SFTPNoSuchFile:
            raise FileNotFoundError(path) from None
        except (OSError, asyncssh.Error) as error:
            raise UnreachableError(f"{path} cannot be fetched: {error}") from None

    @staticmethod
    def spelt(path: str) -> str:
        r"""Return an absolute path as SFTP spells it: ``/C:/k/x`` for ``C:\k\x``."""
        return "/" + path.replace("\\", "/") if path[1:2] == ":" else path

    @property
    def _as_root(self) -> bool:
        return str(self._connection.get_extra_info("username")) == "root"

    async def put_scripts(self) -> None:
        """Make the folder and copy the scripts into it."""
        await self._files.mkdir(self.folder, asyncssh.SFTPAttrs(permissions=0o700))
        await self._files.put(str(PROJECT / SHELLS[self.node.os].scripts), self.folder, recurse=True)

    async def remove_folder(self) -> None:
        """Remove the folder with all that is in it; a machine that has gone keeps it, and that is said."""
        line = folder_removal(self.node.os, self.folder, self._as_root)
        try:
            await self._connection.run(line, check=True, stdin=asyncssh.DEVNULL, timeout=_REMOVAL_SECONDS)
        except (OSError, asyncssh.Error) as error:
            self._say(f"{self.folder} could not be removed: {error or type(error).__name__}")


@asynccontextmanager
async def reached(node: Node, endpoint: SshEndpoint, say: Say) -> AsyncIterator[RemoteHost]:
    """Connect to a node's machine and put the scripts there, for as long as the block runs.

    Raises UnreachableError when the machine does not answer, or takes no files.
    """
    async with connect(endpoint) as connection:
        try:
            files = await connection.start_sftp_client()
            home = await files.realpath(".")
        except (OSError, asyncssh.Error) as error:
            raise UnreachableError(f"{endpoint.host} does not take files (SFTP): {error}") from None
        host = RemoteHost(
            node, connection, files, posixpath.join(home, f"casement-operations-{secrets.token_hex(4)}"), say
        )
        try:
            try:
                await host.put_scripts()
            except (OSError, asyncssh.Error) as error:
                raise UnreachableError(f"{endpoint.host} does not take files (SFTP): {error}") from None
            yield host
        finally:
            # Also when the work was cut short by its time limit or by Ctrl-C: the machine stays as it was.
            removal = asyncio.ensure_future(host.remove_folder())
            with suppress(asyncio.CancelledError):
                await asyncio.shield(removal)
            files.exit()
