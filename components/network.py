"""flannel and kube-proxy as Kubernetes resources: ours, or the marks on those that others installed."""

from __future__ import annotations

from typing import cast

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.apps.v1 import DaemonSetSpecArgsDict
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs, ObjectMetaPatchArgs
from pulumi_kubernetes.rbac.v1 import PolicyRuleArgsDict, RoleRefArgs, SubjectArgs

from components.control_plane import ControlPlane
from components.retry import when_api_is_away
from plan.network import FlannelPlan, Mark, NetworkPlan

# These objects are ours alone: what somebody else has changed in them is taken back, not refused as a conflict.
_OURS = {"pulumi.com/patchForce": "true"}
_PRIVILEGED = {"pod-security.kubernetes.io/enforce": "privileged"}


class Network(pulumi.ComponentResource):
    """The pod network of a cluster; ready once flannel is rolled out on its Linux nodes."""

    def __init__(
        self, name: str, control_plane: ControlPlane, plan: NetworkPlan, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("casement:cluster:Network", name, None, opts)
        child = pulumi.ResourceOptions(
            parent=self,
            provider=control_plane.provider,
            depends_on=control_plane.ready,
            hooks=when_api_is_away(),
        )
        self.ready: list[pulumi.Resource] = [_mark(each, child) for each in plan.marks]
        if plan.flannel:
            self.ready.append(_flannel(name, plan.flannel, child))
        self.register_outputs({})


def _mark(mark: Mark, opts: pulumi.ResourceOptions) -> pulumi.Resource:
    """Keep a DaemonSet that others made on nodes of one kind."""
    patch: pulumi.Resource = kubernetes.apps.v1.DaemonSetPatch(
        mark.name,
        metadata=ObjectMetaPatchArgs(
            namespace=mark.namespace,
            name=mark.name,
            annotations={"pulumi.com/patchForce": "true"} if mark.force else None,
        ),
        spec={"template": {"spec": {"node_selector": dict(mark.node_selector)}}},
        opts=opts,
    )
    return patch


def _flannel(name: str, plan: FlannelPlan, opts: pulumi.ResourceOptions) -> pulumi.Resource:
    """Apply flannel, and return its DaemonSet."""

    def after(*resources: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=list(resources)))

    def within(object_name: str, labels: dict[str, str] | None = None) -> ObjectMetaArgs:
        return ObjectMetaArgs(name=object_name, namespace=plan.namespace, labels=labels, annotations=_OURS)

    labels = {"k8s-app": "flannel", **_PRIVILEGED}
    home = kubernetes.core.v1.Namespace(
        name, metadata=ObjectMetaArgs(name=plan.namespace, labels=labels, annotations=_OURS), opts=opts
    )
    account = kubernetes.core.v1.ServiceAccount(name, metadata=within("flannel"), opts=after(home))
    # The documents are Kubernetes' own, in camelCase, which pulumi-kubernetes takes as well as its own spelling.
    rules = cast("list[PolicyRuleArgsDict]", list(plan.rules))
    role = kubernetes.rbac.v1.ClusterRole(
        name, metadata=ObjectMetaArgs(name="flannel", annotations=_OURS), rules=rules, opts=opts
    )
    binding = kubernetes.rbac.v1.ClusterRoleBinding(
        name,
        metadata=ObjectMetaArgs(name="flannel", annotations=_OURS),
        role_ref=RoleRefArgs(api_group="rbac.authorization.k8s.io", kind="ClusterRole", name="flannel"),
        subjects=[SubjectArgs(kind="ServiceAccount", name="flannel", namespace=plan.namespace)],
        opts=after(role),
    )
    configuration = kubernetes.core.v1.ConfigMap(
        name, metadata=within("kube-flannel-cfg"), data=dict(plan.config_data), opts=after(home)
    )
    rolled_out: pulumi.Resource = kubernetes.apps.v1.DaemonSet(
        name,
        metadata=within(plan.daemon_set, {"app": "flannel"}),
        spec=cast("DaemonSetSpecArgsDict", plan.spec),
        opts=after(account, binding, configuration),
    )
    return rolled_out
