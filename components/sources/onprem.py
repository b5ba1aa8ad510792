"""Machines that exist already: nothing is created, only addressed."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_command import remote

from components.machine import Machine
from config.settings import LinuxNode, WindowsNode
from config.ssh import SshEndpoint

# pulumi-command waits at most 5 s between two tries, so these are about one minute and about ten.
_FIRST_TRIES = 12
_TRIES = 120
_SECONDS_PER_TRY = 15


class OnPremises:
    """The machines of a site, by node name."""

    def __init__(self, endpoints: Mapping[str, SshEndpoint]) -> None:
        self._endpoints = endpoints

    def machine(self, node: LinuxNode | WindowsNode) -> Machine:
        """Return the machine that the stack file names for this node."""
        endpoint = self._endpoints[node.name]
        return Machine(
            name=node.name,
            os=node.os,
            connection=_connection(endpoint, _TRIES),
            first_connection=_connection(endpoint, _FIRST_TRIES),
            as_root=endpoint.user == "root",
            ssh_port=endpoint.port,
        )


def _connection(endpoint: SshEndpoint, tries: int) -> remote.ConnectionArgs:
    jump = endpoint.jump
    return remote.ConnectionArgs(
        host=endpoint.host,
        user=endpoint.user,
        port=endpoint.port,
        host_key=endpoint.host_key,
        private_key=pulumi.Output.secret(endpoint.private_key.get_secret_value()),
        dial_error_limit=tries,
        per_dial_timeout=_SECONDS_PER_TRY,
        proxy=remote.ProxyConnectionArgs(
            host=jump.host,
            user=jump.user,
            port=jump.port,
            host_key=jump.host_key,
            private_key=pulumi.Output.secret(jump.private_key.get_secret_value()),
            dial_error_limit=tries,
            per_dial_timeout=_SECONDS_PER_TRY,
        )
        if jump
        else None,
    )
