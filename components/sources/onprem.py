"""Machines that exist already: nothing is created, only addressed."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi_command import remote

from components.machine import Machine
from components.sources.reach import TRIES, connection, through
from config.settings import LinuxNode, WindowsNode
from config.ssh import SshEndpoint

# About one minute where the machine refuses, about two where packets vanish.
_FIRST_TRIES = 12


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
            connection=_connection(endpoint, TRIES),
            first_connection=_connection(endpoint, _FIRST_TRIES),
            as_root=endpoint.user == "root",
            ssh_port=endpoint.port,
            gone=node.gone,
        )


def _connection(endpoint: SshEndpoint, tries: int) -> remote.ConnectionArgs:
    proxy = through(endpoint.jump, tries) if endpoint.jump else None
    return connection(endpoint, endpoint.host, endpoint.host_key, proxy, tries)
