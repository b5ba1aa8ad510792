"""Connections of the command provider: how it dials, retries and authenticates, and what it says when it cannot.

The time limit of a dial covers the TCP connection only, and nothing limits the handshake after it: a host that accepts
the connection and then says nothing holds the command for ever, as it does with the real plugin.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from lab.providers.go_text import system_error
from lab.providers.server import Context, ProviderError
from lab.providers.values import Properties

if TYPE_CHECKING:
    from asyncssh import SSHClientConnection, SSHKey

# Go's defaults for every connection it dials.
_KEEPALIVE_SECONDS, _KEEPALIVE_PROBES = 15, 9
_FIRST_DELAY, _DELAY_GROWTH, _LONGEST_DELAY = 0.1, 1.5, 5.0
_Result = TypeVar("_Result")


class DialError(Exception):
    """One try that failed, in Go's words."""


async def _retried(context: Context, what: str, limit: int, dial: Callable[[], Awaitable[_Result]]) -> _Result:
    delay, tries = _FIRST_DELAY, 0
    while True:
        try:
            return await dial()
        except DialError as error:
            tries += 1
            if -1 < limit < tries:
                raise ProviderError(f"after {tries - 1} failed attempts: {error}") from None
            shown = "inf" if limit == -1 else str(limit)
            await context.log(f"{what} {tries}/{shown} failed: retrying", status=True)
        await context.sleep(delay)
        delay = min(delay * _DELAY_GROWTH, _LONGEST_DELAY)


async def _tcp(host: str, port: int, limit: float) -> socket.socket:
    loop = asyncio.get_running_loop()
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror:
        raise DialError(f"dial tcp: lookup {host}: no such host") from None
    last: OSError = OSError("no address")
    for family, kind, protocol, _, target in found:
        connection = socket.socket(family, kind, protocol)
        connection.setblocking(False)
        try:
            await asyncio.wait_for(loop.sock_connect(connection, target), limit or None)
        except OSError as error:  # TimeoutError is one too
            connection.close()
            last = error
            continue
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _KEEPALIVE_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _KEEPALIVE_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, _KEEPALIVE_PROBES)
        return connection
    raise DialError(system_error(last, "tcp", address))


def _private_key(options: Properties) -> SSHKey | None:
    import asyncssh  # noqa: PLC0415 - a preview never needs it, and it takes longer to import than the rest

    text = options.get("privateKey")
    if text is None:
        return None
    try:
        return asyncssh.import_private_key(text, options.get("privateKeyPassword"))
    except asyncssh.KeyImportError as error:
        if "assphrase" in str(error) and options.get("privateKeyPassword") is None:
            raise ProviderError("ssh: this private key is passphrase protected") from None
        wrong = isinstance(error, asyncssh.KeyEncryptionError) or "decrypt" in str(error)
        raise ProviderError("x509: decryption password incorrect" if wrong else "ssh: no key found") from None


def _settings(options: Properties) -> dict[str, Any]:
    """Return the arguments of asyncssh that stand for Go's client configuration."""
    import asyncssh  # noqa: PLC0415

    key, password = _private_key(options), options.get("password")
    agent = options.get("agentSocketPath") or os.environ.get("SSH_AUTH_SOCK") or None
    if agent is not None:
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(agent)
        except OSError as error:
            raise ProviderError(system_error(error, "unix", agent)) from None
    settings: dict[str, Any] = {
        # Go tries each method once: with a private key given, the agent's keys never get their turn.
        "agent_path": agent if key is None else None,
        "client_keys": [key] if key is not None else [],
        "config": None,
        "gss_host": None,
        "host_based_auth": False,
        "known_hosts": None,
        "login_timeout": 0,
        "password": password,
        "username": options.get("user", "root"),
        "x509_trusted_certs": None,
    }
    if key is None and agent is None:
        settings["client_keys"] = None
    if options.get("hostKey") is not None:
        try:
            pinned = asyncssh.import_public_key(options["hostKey"])
        except asyncssh.KeyImportError:
            raise ProviderError("failed to parse host key: ssh: no key found") from None
        settings["known_hosts"] = ([pinned], [], [])
        settings["server_host_key_algs"] = [pinned.get_algorithm()]
    return settings


def _methods(settings: dict[str, Any]) -> str:
    methods = ["none"]
    if settings["client_keys"] or settings["agent_path"]:
        methods.append("publickey")
    if settings["password"] is not None:
        methods += ["password", "keyboard-interactive"]
    return " ".join(methods)


async def _handshake(settings: dict[str, Any], host: str, port: int, **way: object) -> SSHClientConnection:
    """Return an SSH connection over a socket or tunnel. Raises DialError."""
    import asyncssh  # noqa: PLC0415

    try:
        return await asyncssh.connect(host, port, **way, **settings)
    except asyncssh.ChannelOpenError as error:
        raise _TunnelError(f"ssh: rejected: connect failed ({error.reason})") from None
    except asyncssh.PermissionDenied:
        reason = f"ssh: unable to authenticate, attempted methods [{_methods(settings)}], no supported methods remain"
    except asyncssh.HostKeyNotVerifiable:
        reason = "ssh: host key mismatch"
    except asyncssh.KeyExchangeFailed as error:
        offered = " ".join(settings.get("server_host_key_algs", ()))
        reason = f"ssh: no common algorithm for host key; we offered: [{offered}], peer offered: [{error.reason}]"
    except ConnectionResetError:
        reason = f"read tcp {host}:{port}: read: connection reset by peer"
    except (asyncssh.Error, OSError) as error:
        reason = "EOF" if isinstance(error, asyncssh.ConnectionLost | BrokenPipeError) else str(error)
    raise DialError(f"ssh: handshake failed: {reason}")


class _TunnelError(DialError):
    """The proxy could not reach the host behind it."""


def _place(options: Properties) -> tuple[str, int]:
    return options["host"], int(options.get("port", 22))


async def dial(context: Context, connection: Properties) -> SSHClientConnection:
    """Return an open asyncssh connection. Raises ProviderError once the limit of dial errors is passed.

    ``connection`` is the resource's property of that name, with its defaults filled in and its secrets laid open.
    """
    settings, (host, port) = _settings(connection), _place(connection)
    limit, time_limit = int(connection.get("dialErrorLimit", 10)), float(connection.get("perDialTimeout", 15))
    proxy = connection.get("proxy")

    async def direct() -> SSHClientConnection:
        return await _handshake(settings, host, port, sock=await _tcp(host, port, time_limit))

    if proxy is None:
        return await _retried(context, "Dial", limit, direct)
    try:
        return await _through(context, proxy, settings, (host, port), limit)
    except ProviderError as error:
        raise ProviderError(f"proxy: {error}") from None


async def _through(
    context: Context, proxy: Properties, settings: dict[str, Any], place: tuple[str, int], limit: int
) -> SSHClientConnection:
    proxy_settings, (host, port) = _settings(proxy), _place(proxy)
    time_limit = float(proxy.get("perDialTimeout", 15))

    async def to_proxy() -> SSHClientConnection:
        return await _handshake(proxy_settings, host, port, sock=await _tcp(host, port, time_limit))

    first = await _retried(context, "Dial proxy", int(proxy.get("dialErrorLimit", 10)), to_proxy)
    broken: DialError | None = None

    async def from_proxy() -> SSHClientConnection | None:
        nonlocal broken
        try:
            return await _handshake(settings, *place, tunnel=first)
        except _TunnelError:
            raise
        except DialError as error:
            broken = error
            return None

    second = await _retried(context, "Dial from proxy", limit, from_proxy)

    async def handshake() -> SSHClientConnection:
        nonlocal broken
        if second is not None:
            return second
        assert broken is not None
        # The real plugin goes on trying on the connection that the failed handshake has closed.
        failed, broken = broken, DialError("ssh: handshake failed: EOF")
        raise failed

    return await _retried(context, "Dial", limit, handshake)
