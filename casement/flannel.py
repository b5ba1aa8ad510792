"""flannel as Windows nodes need it, in a cluster that exists."""

# Annotations are not postponed here: Pulumi reads them as types for other languages.
from pathlib import Path

import pulumi

from casement.arguments import FlannelArgs
from components.control_plane import ControlPlane
from components.network import Network
from components.remote import Host
from components.sources import source_for
from config.arguments import configured
from plan.cluster import plan_cluster
from plan.network import daemon_sets


class Flannel(pulumi.ComponentResource):
    """flannel in a cluster that kubeadm has made, numbered so that Windows nodes can be part of it.

    flannel's DaemonSet, or those that existingFlannel names, and kube-proxy's are kept on Linux nodes. The kubeconfig
    is read from the control plane's machine by SSH; no machine is changed. WindowsNodes does all of this itself.
    """

    daemon_sets: pulumi.Output[list[str]]
    """The DaemonSets that keep to Linux nodes now, as NAMESPACE/NAME."""

    def __init__(self, name: str, args: FlannelArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Install flannel, or mark the one that is there.

        Args:
            name: name of the component.
            args: the settings; relative file names are taken from the folder that the program runs in.
            opts: resource options.

        Raises:
            StackConfigurationError: with everything that is wrong with the settings.
        """
        super().__init__("casement:index:Flannel", name, None, opts)
        configuration = configured(args, Path.cwd())
        plan = plan_cluster(configuration)
        child = pulumi.ResourceOptions(parent=self)
        host = Host(source_for(configuration).machine(plan.control_plane.node), child)
        control_plane = ControlPlane(plan.control_plane, host, inspected=(), opts=child)
        network = Network(f"{name}-flannel", control_plane, plan.network, child)
        done = pulumi.Output.all(*(resource.urn for resource in network.ready))
        self.daemon_sets = done.apply(lambda _: list(daemon_sets(plan.network)))
        self.register_outputs({"daemon_sets": self.daemon_sets})
