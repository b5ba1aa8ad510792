"""The program: from one configuration file to a working cluster with Windows nodes."""

import pulumi

from components.control_plane import ControlPlane
from components.network import Network
from components.nodes import LinuxWorker, WindowsNode
from components.remote import Host
from components.sources import source_for
from components.verification import Verification
from config.load import load
from plan.cluster import plan_cluster

configuration = load()
plan = plan_cluster(configuration)
source = source_for(configuration)

hosts = {node.name: Host(source.machine(node)) for node in configuration.settings.nodes}
control_plane = ControlPlane(
    hosts[plan.control_plane.node.name],
    plan.control_plane.making,
    plan.control_plane.reading,
)
network = Network("flannel", control_plane, plan.network)
linux_workers = [LinuxWorker(each, hosts[each.node.name], control_plane, network.ready) for each in plan.linux_workers]
windows_nodes = [WindowsNode(each, hosts[each.node.name], control_plane, network.ready) for each in plan.windows_nodes]
verification = Verification("cluster", control_plane, plan.verification, [network, *linux_workers, *windows_nodes])

pulumi.export("kubeconfig", control_plane.kubeconfig)
pulumi.export("nodes", verification.nodes)
pulumi.export("checks", verification.checks)
