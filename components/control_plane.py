"""The Linux machine that runs the cluster's control plane."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as kubernetes

from components.remote import Host, RemoteSteps
from plan.step import Step


class ControlPlane(pulumi.ComponentResource):
    """A control plane, made by kubeadm or found as it is, and the way to its API."""

    kubeconfig: pulumi.Output[str]
    """The administrator's kubeconfig, a secret; known once the API server is ready."""

    def __init__(
        self,
        host: Host,
        making: Sequence[Step],
        reading: Sequence[Step],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make the control plane on a host.

        Args:
            host: the machine.
            making: steps from a bare machine to a running control plane; none when it exists.
            reading: steps that end in ``kubeconfig-read``.
            opts: resource options.
        """
        name = host.machine.name
        super().__init__("casement:cluster:ControlPlane", f"{name}-control-plane", None, opts)
        self.host = host
        made = RemoteSteps(f"{name}-making", host, making, opts=pulumi.ResourceOptions(parent=self))
        read = RemoteSteps(f"{name}-reading", host, reading, after=made.done, opts=pulumi.ResourceOptions(parent=self))
        self.ready: list[pulumi.Resource] = read.done
        self.kubeconfig = pulumi.Output.secret(read.outputs["kubeconfig-read"])
        self.provider = kubernetes.Provider(
            name,
            kubeconfig=self.kubeconfig,
            # Without it a new certificate in the kubeconfig would mean a new cluster, and all objects replaced.
            cluster_identifier=name,
            enable_server_side_apply=True,
            # flannel's ConfigMap has a fixed name: replacing it would take it away under running pods.
            enable_config_map_mutable=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
        # Not an output of the component: the SDK writes those into a verbose log as they are.
        self.register_outputs({})
