"""The program: from one configuration file to a working cluster with Windows nodes."""

import pulumi

from components.beginning import (
    all_begun,
    any_number_of_dependencies,
    collecting_garbage_seldom,
    telling_only_where_each_resource_is_made,
    without_debug_messages,
)
from components.control_plane import ControlPlane
from components.identity import Identity
from components.network import Network
from components.nodes import LinuxWorker, adoption_reports, windows_nodes_in_turn
from components.overview import Overview, folded
from components.preflight import Preflights
from components.remote import Host
from components.runtime_classes import RuntimeClasses
from components.sources import source_for
from components.upgrade import Upgrades
from components.verification import Verification
from config.load import load
from plan.cluster import plan_cluster
from plan.quota import costs
from plan.rules import repairs_are_of_steps
from plan.summary import summary

without_debug_messages()
collecting_garbage_seldom()
any_number_of_dependencies()
telling_only_where_each_resource_is_made()
configuration = load(checks=[repairs_are_of_steps])
plan = plan_cluster(configuration)
source = source_for(configuration)

identity = Identity("cluster", plan.identity)
hosts = {node.name: Host(source.machine(node)) for node in configuration.settings.nodes}
preflight = Preflights(plan.preflight, hosts, hosts[plan.control_plane.node.name])
control_plane = ControlPlane(
    plan.control_plane,
    hosts[plan.control_plane.node.name],
    inspected=preflight.of(plan.control_plane.node.name),
)
network = Network("flannel", control_plane, plan.network)
runtime_classes = RuntimeClasses("windows", control_plane, plan.runtime_classes)
linux_workers = [
    LinuxWorker(each, hosts[each.node.name], control_plane, network.ready, inspected=preflight.of(each.node.name))
    for each in plan.linux_workers
]
windows_nodes = windows_nodes_in_turn(plan.windows_nodes, hosts, control_plane, network.ready, preflight)
upgrades = Upgrades("cluster", plan.upgrades, hosts, control_plane.host, [*linux_workers, *windows_nodes])
verification = Verification(
    "cluster", control_plane, plan.verification, [network, *linux_workers, *windows_nodes, upgrades]
)
overview = Overview(configuration.settings, preflight, verification)

pulumi.export("cluster", summary(configuration.settings))
pulumi.export("costs", list(costs(configuration.settings)))
pulumi.export("kubeconfig", control_plane.kubeconfig)
pulumi.export("preflight", folded(preflight.facts))
pulumi.export("preflightTable", preflight.table)
pulumi.export("machines", folded({name: host.machine.reached_at for name, host in hosts.items()}))
pulumi.export("nodes", verification.nodes)
pulumi.export("nodesTable", overview.nodes)
pulumi.export("checks", folded(verification.checks))
pulumi.export("checksTable", overview.checks)
pulumi.export("diagram", folded(overview.diagram))
pulumi.export("adoption", adoption_reports(windows_nodes))

pulumi.run(all_begun)
