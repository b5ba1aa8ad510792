"""Values of stack files whose machines are made in clouds, to be made wrong one thing at a time."""

from __future__ import annotations

from typing import Any

NODES: dict[str, Any] = {
    "nodeCidrs": ["10.240.0.0/24"],
    "controlPlane": {"name": "cp1", "address": "10.240.0.10"},
    "linuxWorkers": [{"name": "lin1", "address": "10.240.0.11"}],
    "windowsNodes": [
        {"name": "win1", "managementIp": "10.240.0.21"},
        {"name": "win2", "managementIp": "10.240.0.22", "pool": "old"},
    ],
}
AZURE: dict[str, Any] = {
    "location": "westeurope",
    "resourceGroup": "casement",
    "subnetCidr": "10.240.0.0/24",
    "adminCidrs": ["203.0.113.0/24"],
    "linux": {"image": "Canonical:ubuntu-24_04-lts:server:24.04.202510010"},
    "windows": {"image": "MicrosoftWindowsServer:WindowsServer:2025-datacenter-core-g2:26100.6899.251011"},
    "pools": [{"name": "old", "image": "MicrosoftWindowsServer:WindowsServer:2022-datacenter-core-g2:20348.1.2"}],
    "labels": {"project": "casement"},
}
GCE: dict[str, Any] = {
    "project": "my-project-1",
    "region": "europe-west4",
    "subnetCidr": "10.240.0.0/24",
    "adminCidrs": ["203.0.113.0/24"],
    "linux": {"zone": "europe-west4-a", "image": "ubuntu-os-cloud/ubuntu-2404-noble-amd64-v20251014"},
    "windows": {"zone": "europe-west4-a", "image": "windows-cloud/windows-server-2025-dc-core-v20251014"},
    "pools": [{"name": "old", "image": "windows-cloud/windows-server-2022-dc-core-v20251014"}],
    "labels": {"project": "casement"},
}


def azure_values(**changes: object) -> dict[str, Any]:
    """Return the values of a stack on Azure, with changes to what it says about Azure; None takes a key away."""
    cloud = {key: value for key, value in {**AZURE, **changes}.items() if value is not None}
    return {**NODES, "source": "azure", "azure": cloud}


def gce_values(**changes: object) -> dict[str, Any]:
    """Return the values of a stack on Google, with changes to what it says about Google; None takes a key away."""
    cloud = {key: value for key, value in {**GCE, **changes}.items() if value is not None}
    return {**NODES, "clusterName": "casement", "source": "gce", "gce": cloud}
