"""Machines that are made on Azure."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import pulumi
from pulumi_azure_native import compute

from components.machine import Machine
from components.sources.azure_machine import SSH_COMMAND, AzureMachine
from components.sources.azure_network import AzureNetwork
from components.sources.reach import gone, made_machine
from config.parse import Configuration
from config.settings import AzureCloud, LinuxNode, WindowsNode
from config.sources import shape_of
from plan.first_boot import host_key_in
from plan.openings import openings


class Azure:
    """The machines of one resource group on Azure, by node; its network is made with the first of them."""

    def __init__(self, configuration: Configuration, control_plane: Callable[[], Machine]) -> None:
        """Make machines for a configuration that has a section ``azure``.

        Args:
            configuration: the stack's.
            control_plane: returns the control plane's machine, which workers are reached through.
        """
        assert configuration.settings.azure is not None  # noqa: S101 - a rule of the configuration
        self._cloud: AzureCloud = configuration.settings.azure
        self._configuration = configuration
        self._control_plane = control_plane

    @cached_property
    def _network(self) -> AzureNetwork:
        settings = self._configuration.settings
        addresses = {node.name: str(node.address) for node in settings.nodes}
        return AzureNetwork(settings.cluster_name, self._cloud, openings(settings, "azure"), addresses)

    def machine(self, node: LinuxNode | WindowsNode) -> Machine:
        """Return the machine that is made for this node."""
        login = self._configuration.logins[node.name]
        if node.gone:
            return gone(node, login)
        settings = self._configuration.settings
        is_control_plane = node == settings.control_plane
        made = AzureMachine(
            node,
            self._cloud,
            shape_of(self._cloud, node),
            self._network,
            login,
            public=is_control_plane and self._cloud.public_control_plane,
            updates_by_hand=settings.windows_update == "manual",
        )
        return made_machine(
            node,
            login,
            vm=made.vm,
            identity=made.vm.vm_id,
            ready=made.opened,
            host_key=self._host_key(made),
            public_host=made.public_address,
            control_plane=None if is_control_plane else self._control_plane,
        )

    def _host_key(self, made: AzureMachine) -> pulumi.Output[str]:
        # What a run command has printed is told only to who asks for it.
        told = compute.get_virtual_machine_run_command_by_virtual_machine_output(
            expand="instanceView",
            resource_group_name=self._network.group,
            vm_name=made.vm.name,
            # Asked only of a run command that has ended.
            run_command_name=made.opened.id.apply(lambda _: SSH_COMMAND),
        )
        found: pulumi.Output[str] = told.apply(
            lambda answer: host_key_in(answer.instance_view.output if answer.instance_view else None)
        )
        return found
