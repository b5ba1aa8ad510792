"""Windows machines as nodes of a cluster that exists."""

# Annotations are not postponed here: Pulumi reads them as types for other languages.
from pathlib import Path
from typing import Any

import pulumi

from casement.arguments import WindowsNodesArgs
from components.control_plane import ControlPlane
from components.network import Network
from components.nodes import windows_nodes_in_turn
from components.preflight import Preflights
from components.remote import Host
from components.runtime_classes import RuntimeClasses
from components.sources import source_for
from components.upgrade import Upgrades
from components.verification import Verification
from config.arguments import configured
from plan.cluster import plan_cluster


class WindowsNodes(pulumi.ComponentResource):
    """Windows Server machines as nodes of a cluster that kubeadm has made, with flannel on its Linux nodes.

    flannel is installed, unless existingFlannel names the one that is there; kube-proxy is kept on Linux nodes. The
    control plane's machine is reached by SSH, and nothing is installed on it. At the end the cluster is proven.
    """

    nodes: pulumi.Output[dict[str, str]]
    """What was found of each node of the cluster, by name."""
    checks: pulumi.Output[dict[str, Any]]
    """What was proven: by kind of check, with what a failure of it means."""

    def __init__(self, name: str, args: WindowsNodesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the machines nodes.

        Args:
            name: name of the component.
            args: the settings; relative file names are taken from the folder that the program runs in.
            opts: resource options.

        Raises:
            StackConfigurationError: with everything that is wrong with the settings.
        """
        super().__init__("casement:index:WindowsNodes", name, None, opts)
        configuration = configured(args, Path.cwd())
        plan = plan_cluster(configuration)
        source = source_for(configuration)
        child = pulumi.ResourceOptions(parent=self)
        hosts = {node.name: Host(source.machine(node), child) for node in configuration.settings.nodes}
        head = hosts[plan.control_plane.node.name]
        preflight = Preflights(plan.preflight, hosts, head, child)
        control_plane = ControlPlane(plan.control_plane, head, inspected=(), opts=child)
        network = Network(f"{name}-flannel", control_plane, plan.network, child)
        RuntimeClasses(f"{name}-windows", control_plane, plan.runtime_classes, child)
        nodes = windows_nodes_in_turn(plan.windows_nodes, hosts, control_plane, network.ready, preflight, opts=child)
        upgrades = Upgrades(name, plan.upgrades, hosts, head, nodes, opts=child)
        proof = Verification(name, control_plane, plan.verification, [network, *nodes, upgrades], child)
        self.nodes, self.checks = proof.nodes, proof.checks
        self.register_outputs({"nodes": self.nodes, "checks": self.checks})
