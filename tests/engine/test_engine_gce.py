"""Machines on the stand-in for Google, through the real engine: how they come, change and go, and what goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.providers.cloud_state import Thing
from tests.engine.cloud_site import (
    MACHINES,
    CloudSite,
    cloud_site,
    each_is_refused,
    outputs,
    refused_destroy,
    said,
    shown,
    step_of,
)
from tests.engine.kube_cluster import Cluster
from tests.engine.ssh_server import ssh_server
from tests.unit.cloud_site import GCE, NODES

pytestmark = pytest.mark.engine


@pytest.fixture
def site(tmp_path: Path) -> Iterator[CloudSite]:
    with cloud_site(tmp_path) as running:
        yield running


def values(site: CloudSite, node: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Return the stack of a control plane and a Windows node, reached through the site's server."""
    windows = {**NODES["windowsNodes"][0], **(node or {})}
    nodes = {**NODES, "clusterName": "casement", "linuxWorkers": [], "windowsNodes": [windows]}
    return {**nodes, "source": "gce", "gce": {**GCE, **changes}, "ssh": {"jumpHost": site.bastion}}


def test_a_cluster_on_google_comes_stays_changes_has_a_machine_made_anew_and_goes(
    tmp_path: Path, kube: Cluster
) -> None:
    with cloud_site(tmp_path, kube) as site, ssh_server(tmp_path / "anew", user_key=site.server.user_key) as anew:
        anew.handler = site.answer
        # Who asks for a host key that is not published is refused: all that dials a machine waits for its console.
        site.set(seconds_to_boot=3)
        stack = site.engine(values(site))
        planned = stack.operations()
        assert {planned[name] for name in ("casement", "casement-vxlan", "win1", "win1-joined")} == {"create"}
        stack.up().checked()
        first = site.ran()
        assert {"joined", "kube-proxy-running", "cluster-verified"} <= set(first)
        assert outputs(stack)["machines"]["win1"] == {"host": "10.240.0.21", "hostKey": shown(site.server)}
        before = len(site.server.commands)
        stack.up("--expect-no-changes").checked()
        stack = site.engine(values(site, labels={"project": "other"}))
        assert set(stack.operations().values()) <= {"update", "read"}
        stack.up().checked()
        assert not site.ran(before), "another label is no reason to ask a machine anything"

        site.set(host_key=shown(anew))
        site.server.leads_to = {"10.240.0.21": anew.port}
        stack = site.engine(values(site, {"machine": {"zone": "europe-west4-b"}}))
        stack.up().checked()
        assert outputs(stack)["machines"]["win1"]["hostKey"] == shown(anew)
        assert {"joined", "kube-proxy-running"} <= set(site.ran(on=anew)) <= set(first), "no step of an upgrade"
        again = {step_of(each) for each in site.server.commands[before:]}
        assert {"credential-issued", "ready"} <= again, "the control plane let go of the node, and took it in again"
        stack.up("--expect-no-changes").checked()
        stack.destroy().checked()
        assert site.has("gcp") == {}


IMAGE = GCE["windows"]["image"]
FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"quotas": {"public addresses": 0}}, "Quota 'STATIC_ADDRESSES' exceeded", "quotas"),
    ({"quotas": {"CPUS": 3}}, "Quota 'CPUS' exceeded. Limit: 3.0 in region europe-west4", "quotas"),
    ({"images_gone": (IMAGE,)}, f"Could not find image or family {IMAGE}", "gcloud compute images list"),
    ({"no_room_for": ("win1",)}, "does not have enough resources", "another size or zone"),
]
IMPATIENT = f"import components.sources.gce_machine as machine\nmachine._MOST_LOOKS = 1\n{MACHINES}"


def test_each_refusal_is_told_with_a_remedy_and_the_next_run_goes_on(site: CloudSite) -> None:
    stack = site.engine(values(site), MACHINES)
    each_is_refused(site, stack, FAULTS)
    # One machine is there already, and steps run on it while the other one is waited for.
    site.set(seconds_to_boot=3)
    stack.up().checked()
    stack.up("--expect-no-changes").checked()
    subnet = site.thing("gcp", "subnetworks/casement-nodes")
    theirs = {"name": "theirs", "networkInterfaces": [{"subnetwork": subnet.told["selfLink"].partition("v1/")[2]}]}
    key, thing = "projects/other/zones/z/instances/theirs", Thing("gcp:compute/instance:Instance", theirs, theirs)
    assert f"is already being used by '{key}'" in refused_destroy(site, stack, "gcp", key, thing)
    stack.destroy().checked()
    assert site.has("gcp") == {}


def test_a_machine_that_does_not_publish_its_host_key_ends_the_run_and_is_taken_up_when_it_has(site: CloudSite) -> None:
    site.set(scripts_fail={"win1": "Add-WindowsCapability : 0x800f0950"})
    silent = site.engine(values(site), IMPATIENT).up()
    assert silent.returncode != 0
    assert "win1 has not published its SSH host key within half an hour; its console shows why" in said(silent)
    assert "10.240.0.21" not in site.server.forwarded, "nobody dials a machine whose host key is not known"
    site.set()
    stack = site.engine(values(site), MACHINES)
    stack.up().checked()
    assert "10.240.0.21" in site.server.forwarded
