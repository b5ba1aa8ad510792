"""flannel and kube-proxy as Kubernetes resources: ours, or the marks on those that others installed."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_kubernetes as kubernetes

from components.control_plane import ControlPlane
from plan.network import FlannelPlan, NetworkPlan

_PRIVILEGED = {"pod-security.kubernetes.io/enforce": "privileged"}


class Network(pulumi.ComponentResource):
    """The pod network of a cluster; ready once flannel is rolled out on its Linux nodes."""

    def __init__(
        self, name: str, control_plane: ControlPlane, plan: NetworkPlan, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("casement:cluster:Network", name, None, opts)
        child = pulumi.ResourceOptions(parent=self, provider=control_plane.provider)
        self.ready: list[pulumi.Resource] = [_linux_only(each, plan.node_selector, child) for each in plan.linux_only]
        if plan.flannel:
            self.ready.append(_flannel(name, plan.flannel, child))
        self.register_outputs({})


def _linux_only(daemon_set: str, node_selector: Mapping[str, str], opts: pulumi.ResourceOptions) -> pulumi.Resource:
    """Keep a DaemonSet (``NAMESPACE/NAME``) that others made on nodes of one kind; taken away, it is as it was."""
    namespace, name = daemon_set.split("/")
    return kubernetes.apps.v1.DaemonSetPatch(
        name,
        metadata={"namespace": namespace, "name": name},
        spec={"template": {"spec": {"node_selector": dict(node_selector)}}},
        opts=opts,
    )


def _flannel(name: str, plan: FlannelPlan, opts: pulumi.ResourceOptions) -> pulumi.Resource:
    """Apply flannel, and return its DaemonSet."""

    def after(*resources: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=list(resources)))

    home = kubernetes.core.v1.Namespace(
        name, metadata={"name": plan.namespace, "labels": {"k8s-app": "flannel", **_PRIVILEGED}}, opts=opts
    )
    within = {"namespace": plan.namespace}
    account = kubernetes.core.v1.ServiceAccount(name, metadata={"name": "flannel", **within}, opts=after(home))
    role = kubernetes.rbac.v1.ClusterRole(name, metadata={"name": "flannel"}, rules=list(plan.rules), opts=opts)
    binding = kubernetes.rbac.v1.ClusterRoleBinding(
        name,
        metadata={"name": "flannel"},
        role_ref={"api_group": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "flannel"},
        subjects=[{"kind": "ServiceAccount", "name": "flannel", **within}],
        opts=after(role),
    )
    configuration = kubernetes.core.v1.ConfigMap(
        name, metadata={"name": "kube-flannel-cfg", **within}, data=dict(plan.config_data), opts=after(home)
    )
    return kubernetes.apps.v1.DaemonSet(
        name,
        metadata={"name": plan.daemon_set, "labels": {"app": "flannel"}, **within},
        spec=dict(plan.spec),
        opts=after(account, binding, configuration),
    )
