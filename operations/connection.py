"""SSH to one machine: its pinned host key, our private key, the jump host; nothing of the user's own set-up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncssh

from config.ssh import SshEndpoint

_SECONDS = 20
_KEEP_ALIVE_SECONDS = 15


class UnreachableError(Exception):
    """A machine does not answer SSH as it should; the text says how."""


@asynccontextmanager
async def connect(endpoint: SshEndpoint) -> AsyncIterator[asyncssh.SSHClientConnection]:
    """Connect to a machine, through its jump host where it has one.

    Raises UnreachableError when either does not answer within 20 s, shows another host key, or refuses the user.
    """
    if endpoint.jump is None:
        async with _opened(endpoint, None) as connection:
            yield connection
        return
    async with _opened(endpoint.jump, None) as jump, _opened(endpoint, jump) as connection:
        yield connection


@asynccontextmanager
async def _opened(
    endpoint: SshEndpoint, tunnel: asyncssh.SSHClientConnection | None
) -> AsyncIterator[asyncssh.SSHClientConnection]:
    where = f"{endpoint.user}@{endpoint.host}:{endpoint.port}"
    try:
        connection = await asyncssh.connect(
            endpoint.host,
            endpoint.port,
            username=endpoint.user,
            tunnel=tunnel or (),
            config=None,
            agent_path=None,
            client_keys=[asyncssh.import_private_key(endpoint.private_key.get_secret_value())],
            known_hosts=([asyncssh.import_public_key(endpoint.host_key)], [], []),
            preferred_auth="publickey",
            connect_timeout=_SECONDS,
            login_timeout=_SECONDS,
            keepalive_interval=_KEEP_ALIVE_SECONDS,
        )
    except asyncssh.HostKeyNotVerifiable:
        raise UnreachableError(f"{where} shows another host key than the one that is pinned") from None
    except asyncssh.PermissionDenied:
        raise UnreachableError(f"{where} does not accept the private key for this user") from None
    except (OSError, asyncssh.Error) as error:
        raise UnreachableError(f"{where} does not answer: {_reason(error)}") from None
    async with connection:
        yield connection


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"nothing came within {_SECONDS} s"
    return str(error) or type(error).__name__
