"""Workers: Linux machines and Windows machines that become nodes of the cluster."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as kubernetes

from components.control_plane import ControlPlane
from components.membership import Membership
from components.remote import Host, RemoteSteps
from plan.cluster import LinuxPlan, WindowsPlan


class LinuxWorker(pulumi.ComponentResource):
    """A Linux machine as a worker node."""

    def __init__(
        self,
        plan: LinuxPlan,
        host: Host,
        control_plane: ControlPlane,
        network: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        name = plan.node.name
        super().__init__("casement:cluster:LinuxWorker", f"{name}-node", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        joined = Membership(plan.membership, host, control_plane, opts=child)
        completed = RemoteSteps(
            f"{name}-completion",
            control_plane.host,
            plan.completing,
            after=[*joined.done, *network],
            node=name,
            opts=child,
        )
        self.ready = completed.done
        self.register_outputs({})


class WindowsNode(pulumi.ComponentResource):
    """A Windows Server machine as a worker node, with flannel and kube-proxy beside its kubelet."""

    def __init__(
        self,
        plan: WindowsPlan,
        host: Host,
        control_plane: ControlPlane,
        network: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        name = plan.node.name
        super().__init__("casement:cluster:WindowsNode", f"{name}-node", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        joined = Membership(plan.membership, host, control_plane, opts=child)
        allowed = self._allow_networking(name, control_plane)
        networked = RemoteSteps(
            f"{name}-networking", host, plan.networking, after=[*joined.done, allowed, *network], opts=child
        )
        announced = RemoteSteps(
            f"{name}-announcement",
            control_plane.host,
            plan.awaiting_flannel,
            after=networked.done,
            node=name,
            opts=child,
        )
        served = RemoteSteps(f"{name}-services", host, plan.services, after=announced.done, opts=child)
        completed = RemoteSteps(
            f"{name}-completion", control_plane.host, plan.completing, after=served.done, node=name, opts=child
        )
        self.ready = completed.done
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
            opts=pulumi.ResourceOptions(parent=self, provider=control_plane.provider),
        )
        return binding
