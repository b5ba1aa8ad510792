"""Installs flannel so that Windows nodes can join, and keeps the DaemonSets of Linux off them. Nothing else."""

import pulumi

from casement import Flannel

flannel = Flannel(
    "network",
    {
        "node_cidrs": ["10.77.0.0/24"],
        "control_plane": {"name": "cp1", "address": "10.77.0.11"},
        "pod_cidr": "10.244.0.0/16",
        # How the control plane's machine is reached, for the kubeconfig.
        "ssh": pulumi.Config().require_object("ssh"),
    },
)

pulumi.export("daemonSets", flannel.daemon_sets)
