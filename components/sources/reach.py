"""How a machine is dialled, wherever it comes from."""

from __future__ import annotations

from collections.abc import Callable

import pulumi
from pulumi_command import remote

from components.machine import Machine
from config.settings import LinuxNode, WindowsNode
from config.ssh import Login, SshEndpoint

SECONDS_PER_TRY = 8
# pulumi-command waits at most 5 s between two tries: about seven minutes where the machine refuses, about seventeen
# where packets vanish, as they do while a Windows Server restarts with updates.
TRIES = 80


def through(jump: SshEndpoint, tries: int) -> remote.ProxyConnectionArgs:
    """Return the hop over a machine that exists."""
    return _hop(jump, pulumi.Output.secret(jump.private_key.get_secret_value()), tries)


def _hop(
    way: SshEndpoint | remote.ConnectionArgs, private_key: pulumi.Input[str] | None, tries: int
) -> remote.ProxyConnectionArgs:
    return remote.ProxyConnectionArgs(
        host=way.host,
        user=way.user,
        port=way.port,
        host_key=way.host_key,
        private_key=private_key,
        dial_error_limit=tries,
        per_dial_timeout=SECONDS_PER_TRY,
    )


def made_machine(
    node: LinuxNode | WindowsNode,
    login: Login,
    *,
    vm: pulumi.Resource,
    identity: pulumi.Output[str],
    ready: pulumi.Resource,
    host_key: pulumi.Output[str],
    public_host: pulumi.Output[str] | None,
    control_plane: Callable[[], Machine] | None,
) -> Machine:
    """Return a machine that a cloud makes, with the way to it.

    Args:
        node: the node it is for.
        login: how to log in.
        vm: the machine in the cloud; what is done on it goes with it.
        identity: what the cloud tells it from every other machine by.
        ready: what must be there before it answers.
        host_key: what it shows, as ``TYPE BASE64``.
        public_host: its public address, if it has one.
        control_plane: returns the machine to go through where no jump host is named; None for that machine itself.
    """
    proxy = None
    if login.jump is not None:
        proxy = through(login.jump, TRIES)
    elif control_plane is not None:
        # It may be made in the same run.
        way = control_plane().connection
        proxy = _hop(way, way.private_key, TRIES)
    host = str(node.address) if public_host is None or proxy is not None else public_host
    dialled = connection(login, host, host_key, proxy)
    return Machine(
        name=node.name,
        os=node.os,
        connection=dialled,
        first_connection=dialled,
        as_root=False,
        ssh_port=login.port,
        ready=(ready,),
        lives_with=vm,
        identity=identity,
        public_host=public_host,
    )


def connection(
    login: Login | SshEndpoint,
    host: pulumi.Input[str],
    host_key: pulumi.Input[str],
    proxy: remote.ProxyConnectionArgs | None,
    tries: int = TRIES,
) -> remote.ConnectionArgs:
    """Return the way to a machine, found or made."""
    return remote.ConnectionArgs(
        host=host,
        user=login.user,
        port=login.port,
        host_key=host_key,
        private_key=pulumi.Output.secret(login.private_key.get_secret_value()),
        dial_error_limit=tries,
        per_dial_timeout=SECONDS_PER_TRY,
        proxy=proxy,
    )


def gone(node: LinuxNode | WindowsNode, login: Login) -> Machine:
    """Return a machine that a cloud does not have any more: nothing is made, and nobody dials it."""
    nowhere = connection(login, str(node.address), "", None)
    return Machine(node.name, node.os, nowhere, nowhere, as_root=False, ssh_port=login.port, gone=True)
