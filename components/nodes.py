"""Workers: Linux machines and Windows machines that become nodes of the cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.control_plane import ControlPlane
from components.departure import leaving_alone
from components.membership import Membership
from components.preflight import Preflights
from components.remote import Host, RemoteSteps
from components.retry import when_api_is_away
from plan.cluster import LinuxPlan, WindowsPlan
from plan.step import Step


class LinuxWorker(pulumi.ComponentResource):
    """A Linux machine as a worker node."""

    def __init__(
        self,
        plan: LinuxPlan,
        host: Host,
        control_plane: ControlPlane,
        network: Sequence[pulumi.Resource],
        *,
        inspected: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        name = plan.node.name
        left_alone = pulumi.ResourceOptions.merge(leaving_alone(plan.node.gone), opts)
        super().__init__("casement:cluster:LinuxWorker", f"{name}-node", None, left_alone)
        self.name = name
        child = pulumi.ResourceOptions(parent=self)
        joined = Membership(plan.membership, host, control_plane, inspected=inspected, opts=child)
        completed = RemoteSteps(
            control_plane.host,
            plan.completing,
            after=[*joined.done, *network],
            node=host.machine,
            opts=child,
        )
        self.ready = [*completed.done, *_forgotten(name, control_plane, plan.forgetting, opts)]
        self.register_outputs({})


class WindowsNode(pulumi.ComponentResource):
    """A Windows Server machine as a worker node, with flannel and kube-proxy beside its kubelet."""

    def __init__(
        self,
        plan: WindowsPlan,
        host: Host,
        control_plane: ControlPlane,
        network: Sequence[pulumi.Resource],
        *,
        inspected: Sequence[pulumi.Resource],
        turn: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make the machine a node.

        Args:
            plan: its steps.
            host: the machine.
            control_plane: the cluster it becomes a node of.
            network: the cluster's pod network.
            inspected: what was looked at before the machine is changed.
            turn: what the taking over of a former node waits for: the one that is taken over before.
            opts: resource options.
        """
        name = plan.node.name
        left_alone = pulumi.ResourceOptions.merge(leaving_alone(plan.node.gone), opts)
        super().__init__("casement:cluster:WindowsNode", f"{name}-node", None, left_alone)
        child = pulumi.ResourceOptions(parent=self)
        joined = Membership(plan.membership, host, control_plane, inspected=inspected, turn=turn, opts=child)
        self.name = name
        self.adoption = joined.adoption
        allowed = self._allow_networking(name, control_plane)
        networked = RemoteSteps(host, plan.networking, after=[*joined.done, allowed, *network], opts=child)
        announced = RemoteSteps(
            control_plane.host,
            plan.awaiting_flannel,
            after=networked.done,
            node=host.machine,
            opts=child,
        )
        served = RemoteSteps(host, plan.services, after=announced.done, opts=child)
        completed = RemoteSteps(control_plane.host, plan.completing, after=served.done, node=host.machine, opts=child)
        self.ready = [*completed.done, *_forgotten(name, control_plane, plan.forgetting, opts)]
        self.register_outputs({})

    def _allow_networking(self, name: str, control_plane: ControlPlane) -> pulumi.Resource:
        """Let the node see services and nodes, so that flanneld and kube-proxy need no credential but the kubelet's."""
        binding: pulumi.Resource = kubernetes.rbac.v1.ClusterRoleBinding(
            f"{name}-networking",
            metadata={"name": f"casement-networking-{name}"},
            role_ref={
                "api_group": "rbac.authorization.k8s.io",
                "kind": "ClusterRole",
                "name": "system:node-proxier",
            },
            subjects=[{"api_group": "rbac.authorization.k8s.io", "kind": "User", "name": f"system:node:{name}"}],
            opts=pulumi.ResourceOptions(
                parent=self,
                provider=control_plane.provider,
                depends_on=control_plane.ready,
                hooks=when_api_is_away(),
            ),
        )
        return binding


def windows_nodes_in_turn(
    plans: Iterable[WindowsPlan],
    hosts: Mapping[str, Host],
    control_plane: ControlPlane,
    network: Sequence[pulumi.Resource],
    preflight: Preflights,
    *,
    opts: pulumi.ResourceOptions | None = None,
) -> list[WindowsNode]:
    """Make the machines nodes, all at once; but of those that take over a former node one after the other."""
    nodes: list[WindowsNode] = []
    turn: list[pulumi.Resource] = []
    for plan in plans:
        name = plan.node.name
        inspected = preflight.of(name)
        node = WindowsNode(plan, hosts[name], control_plane, network, inspected=inspected, turn=turn, opts=opts)
        turn = node.ready if plan.membership.adoption else turn
        nodes.append(node)
    return nodes


def adoption_reports(nodes: Iterable[WindowsNode]) -> dict[str, pulumi.Output[dict[str, Any]]]:
    """Return, by node, what was found of former nodes, and where it is now."""
    return {node.name: node.adoption.report for node in nodes if node.adoption}


def _forgotten(
    name: str, control_plane: ControlPlane, steps: Sequence[Step], opts: pulumi.ResourceOptions | None
) -> list[pulumi.Resource]:
    """Let the cluster go of a node whose machine is gone; it is no part of the node, all of which is left alone."""
    if not steps:
        return []
    after = control_plane.ready
    return RemoteSteps(control_plane.host, steps, after=after, node=name, opts=opts).done
