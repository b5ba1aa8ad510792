"""Machines on the stand-in for Azure, through the real engine: how they come, change and go, and what goes wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.engine import Engine
from lab.providers.cloud_state import Thing
from tests.engine.cloud_site import (
    MACHINES,
    SUBSCRIPTION,
    CloudSite,
    cloud_site,
    each_is_refused,
    outputs,
    refused_destroy,
)
from tests.engine.kube_cluster import Cluster
from tests.unit.cloud_site import AZURE, NODES

pytestmark = pytest.mark.engine


@pytest.fixture
def site(tmp_path: Path) -> Iterator[CloudSite]:
    with cloud_site(tmp_path) as running:
        yield running


def values(site: CloudSite, **changes: Any) -> dict[str, Any]:
    """Return the stack of a control plane and a Windows node, reached through the site's server."""
    nodes = {**NODES, "linuxWorkers": [], "windowsNodes": NODES["windowsNodes"][:1]}
    return {**nodes, "source": "azure", "azure": {**AZURE, **changes}, "ssh": {"jumpHost": site.bastion}}


def test_a_cluster_on_azure_comes_stays_changes_and_goes(tmp_path: Path, kube: Cluster) -> None:
    with cloud_site(tmp_path, kube) as site:
        stack = site.engine(values(site))
        planned = stack.operations()
        assert {planned[name] for name in ("casement", "kubernetes-nodes", "win1", "win1-ssh", "win1-joined")} == {
            "create"
        }
        stack.up().checked()
        assert {"joined", "kube-proxy-running", "cluster-verified"} <= set(site.ran())
        assert {"10.240.0.10", "10.240.0.21"} <= set(site.server.forwarded)
        key = " ".join(site.server.host_key.split()[:2])
        assert outputs(stack)["machines"]["win1"] == {"host": "10.240.0.21", "hostKey": key}
        machine = site.thing("azure-native", "virtualMachines/win1").told["vmId"]
        before = len(site.server.commands)
        stack.up("--expect-no-changes").checked()
        assert not site.ran(before)
        stack = site.engine(values(site, labels={"project": "other"}))
        assert set(stack.operations().values()) == {"update"}
        stack.up().checked()
        assert not site.ran(before), "another tag is no reason to ask a machine anything"
        assert site.thing("azure-native", "virtualMachines/win1").told["vmId"] == machine
        stack.destroy().checked()
        assert site.has("azure-native") == {}


IMAGE = AZURE["windows"]["image"]
FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"quotas": {"public addresses": 1}}, "PublicIPCountLimitReached", "quotas"),
    ({"quotas": {"Standard DSv5 Family": 3}}, "Current Limit: 3", "quotas"),
    ({"images_gone": (IMAGE,)}, f"The platform image '{IMAGE}' is not available", "az vm image list"),
    ({"no_room_for": ("win1",)}, "AllocationFailed", "another size or zone"),
    ({"never_boots": ("win1",)}, "OSProvisioningTimedOut", "starts it again"),
    ({"scripts_fail": {"win1": "Windows Update was not reached"}}, "Windows Update was not reached", "way out"),
]


def test_each_refusal_is_told_with_a_remedy_and_the_next_run_goes_on(site: CloudSite) -> None:
    stack = site.engine(values(site), MACHINES)
    each_is_refused(site, stack, FAULTS)
    assert "10.240.0.21" not in site.server.forwarded
    site.set()
    _password_stays_hidden(stack, stack.up("--diff").checked().text)
    stack.up("--expect-no-changes").checked()
    _is_made_anew(site, stack)
    subnet = {"subnet": {"id": next(key for key in site.clouds.things("azure-native") if key.endswith("/nodes"))}}
    theirs = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/other/providers/Microsoft.Network/networkInterfaces/theirs"
    thing = Thing("azure-native:network:NetworkInterface", {"ipConfigurations": [subnet]}, {})
    told = refused_destroy(site, stack, "azure-native", theirs, thing)
    assert "InUseSubnetCannotBeDeleted" in told
    assert theirs in told
    stack.destroy().checked()
    assert site.has("azure-native") == {}


def _is_made_anew(site: CloudSite, stack: Engine) -> None:
    """A machine that is to be made anew is, and everything is copied to it again."""
    resources = stack.export()["deployment"]["resources"]
    (urn,) = (each["urn"] for each in resources if each["type"].endswith(":VirtualMachine") and "win1" in each["urn"])
    before, machine = len(site.server.commands), site.thing("azure-native", "virtualMachines/win1")
    stack.up("--replace", urn).checked()
    assert site.thing("azure-native", "virtualMachines/win1").told["vmId"] != machine.told["vmId"]
    assert "underlay-proven" in site.ran(before)
    stack.up("--expect-no-changes").checked()


def _password_stays_hidden(stack: Engine, shown: str) -> None:
    state = stack.export(show_secrets=True)["deployment"]["resources"]
    (machine,) = (each for each in state if each["type"].endswith(":VirtualMachine") and each["urn"].endswith("::win1"))
    password = json.loads(machine["inputs"]["osProfile"]["adminPassword"]["plaintext"])
    assert len(password) > 60
    assert password not in shown
    assert password not in str(stack.export())
