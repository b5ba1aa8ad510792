"""One cluster of a machine that exists, one on Azure and one on Google, through the real engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lab.providers.cloud_state import Thing
from tests.engine.cloud_site import SUBSCRIPTION, CloudSite, cloud_site, outputs, shown
from tests.engine.kube_cluster import Cluster
from tests.unit.cloud_site import AZURE, GCE

pytestmark = pytest.mark.engine

_HUB = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/hub"
SUBNET = f"{_HUB}/providers/Microsoft.Network/virtualNetworks/hub/subnets/nodes"
_WITHOUT = ("subnetCidr", "linux", "pools")


def hub(site: CloudSite) -> set[str]:
    """Make what the site's network people have made on Azure, and return what that is."""
    network = SUBNET.partition("/subnets/")[0]
    made: dict[str, tuple[str, dict[str, Any]]] = {
        _HUB: ("resources:ResourceGroup", {"location": "westeurope"}),
        network: ("network:VirtualNetwork", {"addressSpace": {"addressPrefixes": ["10.240.0.0/16"]}}),
        SUBNET: ("network:Subnet", {"addressPrefix": "10.240.0.0/24"}),
    }
    with site.clouds.changing("azure-native") as things:
        things |= {key: Thing(f"azure-native:{token}", inputs, {}) for key, (token, inputs) in made.items()}
    return set(made)


def values(site: CloudSite, windows: list[dict[str, Any]]) -> dict[str, Any]:
    azure = {key: value for key, value in AZURE.items() if key not in _WITHOUT}
    return {
        "clusterName": "casement",
        "nodeCidrs": ["10.77.0.0/24", "10.240.0.0/24", "10.241.0.0/24"],
        "controlPlane": {
            "name": "cp1",
            "address": "10.77.0.11",
            "ssh": {"host": "127.0.0.1", "port": site.server.port, "user": "root", "hostKey": site.server.host_key},
        },
        "windowsNodes": windows,
        "azure": {**azure, "existingSubnet": SUBNET, "publicControlPlane": False},
        "gce": {**GCE, "subnetCidr": "10.241.0.0/24", "publicControlPlane": False},
    }


def test_a_mixed_cluster_comes_stays_loses_a_node_and_goes(tmp_path: Path, kube: Cluster) -> None:
    with cloud_site(tmp_path, kube) as site:
        theirs = hub(site)
        nodes = [
            {"name": "win1", "managementIp": "10.240.0.21", "source": "azure"},
            {"name": "win2", "managementIp": "10.241.0.21", "source": "gce"},
        ]
        stack = site.engine(values(site, nodes))
        stack.up().checked()
        assert {"10.240.0.21", "10.241.0.21"} <= set(site.server.forwarded), "reached through the control plane"
        assert site.ran().count("kube-proxy-running") == 2
        machines = outputs(stack)["machines"]
        assert {each["hostKey"] for each in machines.values()} == {shown(site.server)}
        assert "win1" in site.has("azure-native")
        assert "win2" in site.has("gcp")
        before = len(site.server.commands)
        stack.up("--expect-no-changes").checked()
        assert not site.ran(before)

        stack = site.engine(values(site, nodes[:1]))
        stack.up().checked()
        assert site.has("gcp") == {}, "the last machine there takes its network with it"
        assert any("ready" in each and each.endswith("undo") for each in site.server.commands[before:]), "it is drained"
        stack.destroy().checked()
        assert set(site.clouds.things("azure-native")) == theirs
