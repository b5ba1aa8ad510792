"""Machines that are made on Google Compute Engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import pulumi
from pulumi_gcp import compute

from components.machine import Machine
from components.sources.gce_machine import GceMachine, once_published
from components.sources.gce_network import GceNetwork
from components.sources.reach import gone, made_machine
from config.parse import Configuration
from config.settings import GceCloud, LinuxNode, WindowsNode
from config.sources import shape_of
from plan.openings import openings

_KEY_TYPE = "ssh-ed25519"


class Gce:
    """The machines of one project on Google, by node; their network is made with the first of them."""

    def __init__(self, configuration: Configuration, control_plane: Callable[[], Machine]) -> None:
        """Make machines for a configuration that has a section ``gce``.

        Args:
            configuration: the stack's.
            control_plane: returns the control plane's machine, which workers are reached through.
        """
        assert configuration.settings.gce is not None  # noqa: S101 - a rule of the configuration
        self._cloud: GceCloud = configuration.settings.gce
        self._configuration = configuration
        self._control_plane = control_plane

    @cached_property
    def _network(self) -> GceNetwork:
        settings = self._configuration.settings
        return GceNetwork(
            settings.cluster_name, self._cloud, openings(settings, "gce"), control_plane=settings.control_plane.name
        )

    def machine(self, node: LinuxNode | WindowsNode) -> Machine:
        """Return the machine that is made for this node."""
        login = self._configuration.logins[node.name]
        if node.gone:
            return gone(node, login)
        is_control_plane = node == self._configuration.settings.control_plane
        made = GceMachine(
            node,
            self._cloud,
            shape_of(self._cloud, node),
            self._network,
            login,
            public=is_control_plane and self._cloud.public_control_plane,
            is_control_plane=is_control_plane,
        )
        return made_machine(
            node,
            login,
            vm=made.instance,
            identity=made.instance.instance_id,
            ready=made.instance,
            host_key=self._host_key(node, made),
            public_host=made.public_address,
            control_plane=None if is_control_plane else self._control_plane,
        )

    def _host_key(self, node: LinuxNode | WindowsNode, made: GceMachine) -> pulumi.Output[str]:
        machine = made.instance
        told_of = pulumi.Output.all(machine.zone, machine.creation_timestamp)

        async def name_once_published(it: list[str]) -> str:
            return await once_published(node.name, self._cloud.project, zone=it[0], made_at=it[1])

        published: pulumi.Output[str] = told_of.apply(name_once_published)
        told = compute.get_instance_guest_attributes_output(
            name=published,
            project=self._cloud.project,
            zone=made.instance.zone,
            query_path="hostkeys/",
        )
        found: pulumi.Output[str] = told.apply(lambda answer: _key_among(node.name, answer.query_values))
        return found


def _key_among(name: str, published: Sequence[Any]) -> str:
    for each in published:
        if each.key == _KEY_TYPE:
            return f"{_KEY_TYPE} {each.value.strip()}"
    raise ValueError(f"{name} has not published its SSH host key; its serial console shows why (port 1, read only)")
