"""Adds two Windows machines, as nodes, to a cluster that kubeadm has made."""

import pulumi

from casement import WindowsNodes

windows = WindowsNodes(
    "windows",
    {
        "node_cidrs": ["10.77.0.0/24"],
        "control_plane": {"name": "cp1", "address": "10.77.0.11"},
        "windows_nodes": [
            {"name": "win1", "management_ip": "10.77.0.21", "ssh": {"user": "Administrator"}},
            {"name": "win2", "management_ip": "10.77.0.22", "ssh": {"user": "Administrator"}},
        ],
        # How the machines are reached, as docs/package.md says: keys, and perhaps a machine to go through.
        "ssh": pulumi.Config().require_object("ssh"),
        # Digests of the downloads that the package has none for.
        "downloads_file": "downloads.yaml",
    },
)

pulumi.export("nodes", windows.nodes)
