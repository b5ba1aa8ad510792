"""The Linux machine that runs the cluster's control plane."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as kubernetes

from components.identity import making_gate
from components.remote import Host, RemoteSteps
from components.upgrade import Upgrade
from plan.cluster import ControlPlanePlan
from plan.kubeconfig import reached_at


class ControlPlane(pulumi.ComponentResource):
    """A control plane, made by kubeadm or found as it is, and the way to its API."""

    kubeconfig: pulumi.Output[str]
    """The administrator's kubeconfig, a secret; known once the API server is ready."""

    def __init__(
        self,
        plan: ControlPlanePlan,
        host: Host,
        *,
        inspected: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make the control plane on a host.

        Args:
            plan: what to run; nothing is made or upgraded of one that exists already.
            host: the machine.
            inspected: what to wait for before anything is changed on the machine.
            opts: resource options.
        """
        name = host.machine.name
        super().__init__("casement:cluster:ControlPlane", f"{name}-control-plane", None, opts)
        self.host = host
        child = pulumi.ResourceOptions(parent=self)
        made = RemoteSteps(
            host,
            plan.making,
            after=inspected,
            opts=child,
            before_change={"control-plane-initialised": making_gate()},
        )
        read = RemoteSteps(host, plan.reading, after=made.done, opts=child)
        self.ready: list[pulumi.Resource] = read.done
        """The control plane answers, in the versions asked for; an upgrade takes its API away for a while."""
        if plan.upgrade:
            self.ready = Upgrade(plan.upgrade, host, host, after=read.done, opts=child).ready
        self.kubeconfig = pulumi.Output.secret(_from_outside(plan, host, read.outputs["kubeconfig-read"]))
        self.provider = kubernetes.Provider(
            name,
            kubeconfig=self.kubeconfig,
            # Without it a new certificate in the kubeconfig would mean a new cluster, and all objects replaced.
            cluster_identifier=name,
            enable_server_side_apply=True,
            # flannel's ConfigMap has a fixed name: replacing it would take it away under running pods.
            enable_config_map_mutable=True,
            # A run that was killed while it made an object has made it all the same; the next one takes it up. In a
            # cluster that others made it would be theirs.
            upsert_existing_objects=bool(plan.making),
            opts=child,
        )
        # Not an output of the component: the SDK writes those into a verbose log as they are.
        self.register_outputs({})


def _from_outside(plan: ControlPlanePlan, host: Host, kubeconfig: pulumi.Output[str]) -> pulumi.Output[str]:
    public = host.machine.public_host
    if public is None:
        return kubeconfig
    private = str(plan.node.address)
    return pulumi.Output.all(kubeconfig, public).apply(lambda both: reached_at(both[0], private, both[1]))
