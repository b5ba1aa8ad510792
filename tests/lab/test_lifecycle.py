"""Nodes that come from elsewhere and go elsewhere, on the real engine and the lab's hosts.

One story, in this order: two nodes of the old guide are taken over; a Windows node and a Linux node are removed and
become a second cluster beside the first; a machine is lost, and the cluster lets go of its node.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest

from config.settings import Images
from lab.down import erase
from lab.snapshot import Snapshot, differences
from lab.up import up
from lab.windows import hns_log
from lab.windows.former import make_former
from tests.lab.former_nodes import FormerKubelet, pods_of, workload
from tests.lab.site import Site, linux_host, make_site, snapshots, windows_host

pytestmark = [pytest.mark.lab, pytest.mark.minutes(13), pytest.mark.timeout(900)]

FORMER = {"win1": "win1", "win2": "oldwin2"}
"""The hosts that were made nodes by hand, and their names in the cluster."""
WORKLOAD_IMAGE = Images().verification


@pytest.fixture(scope="module")
def folder(lab_hosts: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A folder for the sites; at the end the hosts are fresh again."""
    yield tmp_path_factory.mktemp("lifecycle")
    erase(())
    up(())


@pytest.fixture(scope="module")
def untouched(folder: Any) -> dict[str, Snapshot]:
    """What the hosts were like before anything was done to them."""
    return snapshots()


@pytest.fixture(scope="module")
def first(folder: Any, untouched: dict[str, Snapshot]) -> Site:
    """The first cluster's site."""
    return make_site(folder / "first")


@pytest.fixture(scope="module")
def second(folder: Any) -> Site:
    """The second cluster's site: another stack, with the former lin1 as control plane and another pod range."""
    site = make_site(folder / "second")
    site.configure(
        clusterName="second",
        controlPlane={"name": "lin1", "address": "10.77.0.12"},
        linuxWorkers=[],
        windowsNodes=site.windows_nodes[1:],
        podCidr="10.245.0.0/16",
    )
    return site


@pytest.fixture(scope="module")
def asked_before(untouched: dict[str, Snapshot]) -> dict[str, int]:
    """How many requests each host's HNS had had when the story began: the log outlives what is on the host."""
    return {name: len(hns_log.read(windows_host(name).files.root)) for name in FORMER}


@pytest.fixture(scope="module")
def kubelets(first: Site, asked_before: dict[str, int]) -> list[FormerKubelet]:
    """A cluster with two nodes of the old guide, and a workload on both."""
    first.configure(windowsNodes=[])
    with ThreadPoolExecutor() as pool:
        making = pool.submit(first.up)
        kubeconfig = "apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    server: https://10.77.0.11:6443\n"
        kubeconfig += "users:\n- name: kubernetes-admin\n  user:\n    client-key-data: c2VjcmV0\ncontexts:\n"
        kubeconfig += "- context:\n    user: kubernetes-admin\n"
        list(pool.map(lambda name: make_former(windows_host(name), kubeconfig), FORMER))
        result = making.result()
    assert result.returncode == 0, result.diagnostics
    found = [FormerKubelet(first, host, node) for host, node in FORMER.items()]
    for each in found:
        each.register()
    first.apply(workload(len(found), WORKLOAD_IMAGE))
    eventually(lambda: len(pods_of(first, list(FORMER.values()))) == len(found))
    return found


def eventually(test: Callable[[], bool], seconds: float = 90) -> None:
    """Wait until the test is true."""
    deadline = time.monotonic() + seconds
    while not test():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.5)


def began(host: str, step: str) -> datetime:
    """Return when a step began on a Windows host, as the host has recorded it."""
    record = json.loads(windows_host(host).files.path(rf"C:\k\casement\state\step-{step}.json").read_text())
    return datetime.fromisoformat(record["began"])


def everything_is_well(site: Site) -> None:
    """See that no check of the site's last smoke test has failed, and that it had some on Windows."""
    checks = site.outputs()["checks"]
    assert {"windows-to-linux", "linux-to-windows", "windows-to-service", "node-port", "large-payload"} <= set(checks)
    results = [result for kind in checks.values() for result in kind["results"].values()]
    assert all(result["ok"] for result in results), results


def test_nodes_of_the_old_guide_end_as_current_nodes(first: Site, kubelets: list[FormerKubelet]) -> None:
    one, two = first.windows_nodes
    first.configure(windowsNodes=[one | {"adopt": True}, two | {"adopt": True, "formerName": "oldwin2"}])
    result = first.up()
    assert result.returncode == 0, result.diagnostics
    nodes = first.nodes()
    assert set(nodes) == {"cp1", "lin1", "win1", "win2"}
    assert {nodes[name]["status"]["nodeInfo"]["kubeletVersion"] for name in FORMER} == {
        nodes["cp1"]["status"]["nodeInfo"]["kubeletVersion"]
    }
    everything_is_well(first)
    eventually(lambda: len(pods_of(first, list(FORMER), "Running")) == len(FORMER))


def test_their_workload_was_drained_before_anything_of_them_was_ended(kubelets: list[FormerKubelet]) -> None:
    for kubelet in kubelets:
        assert kubelet.ended_pods, f"no pod of {kubelet.node} was ended by its kubelet"
        assert max(kubelet.ended_pods.values()) < began(kubelet.host, "former-node-stopped")


def test_one_was_taken_over_after_the_other(kubelets: list[FormerKubelet]) -> None:
    done = json.loads(windows_host("win1").files.path(r"C:\k\casement\state\step-kube-proxy-running.json").read_text())
    assert datetime.fromisoformat(done["ended"]) < began("win2", "former-node-stopped")
    assert datetime.fromisoformat(done["ended"]) < min(kubelets[1].ended_pods.values())


def test_their_networks_went_in_order_and_their_files_were_kept(first: Site, asked_before: dict[str, int]) -> None:
    for name in FORMER:
        host = windows_host(name)
        asked = hns_log.read(host.files.root)[asked_before[name] :]
        done = [each for each in asked if (each.verb, each.result) == ("Delete", 0)]
        # What leads to endpoints first, then of each network first its endpoints; External has none.
        assert [each.kind for each in done[:4]] == ["LoadBalancer", "Network", "Endpoint", "Network"]
        assert [each.name for each in done[1:4:2]] == ["External", "vxlan0"]
        (kept,) = host.files.path(r"C:\k\casement\former").iterdir()
        assert (kept / "k/start.ps1").exists()
        assert (kept / "etc/cni/net.d/cni.conf").exists()
        assert "client-key-data" in (kept / "secret/config").read_text()
        assert not host.files.path(r"C:\k\config").exists()
        assert host.files.path(r"C:\ProgramData\docker\image\windowsfilter\repositories.json").exists()
        rules = host.files.read("firewall")
        assert not {"overlaytraffic4789udp", "kubeletallow10250"} & set(rules)


def test_the_report_tells_what_was_there_and_what_to_revoke(first: Site) -> None:
    report = first.outputs()["adoption"]["win1"]
    assert {each["name"] for each in report["found"]["services"]} == {"kubelet", "kube-proxy"}
    assert {each["name"] for each in report["found"]["networks"]} == {"External", "vxlan0"}
    assert report["found"]["environment"] == ["KUBECONFIG", "HTTP_PROXY"]
    assert "kubernetes-admin at https://10.77.0.11:6443" in report["putAway"]["revoke"][0]
    assert "c2VjcmV0" not in json.dumps(report)


def test_the_mark_may_go_afterwards_without_anything_done_but_looking(first: Site) -> None:
    first.configure()
    operations = first.engine.operations().items()
    # What took them over goes from the state, and has no undo.
    changed = {name: each for name, each in operations if "former" not in name and "adoption" not in name}
    looks = ("win1-preflight-passed", "win2-preflight-passed", "win2-underlay-proven")
    assert changed == dict.fromkeys(looks, "update")


def test_removed_nodes_are_clean_and_the_first_cluster_goes_on(first: Site, untouched: dict[str, Snapshot]) -> None:
    first.configure(windowsNodes=first.windows_nodes[:1], linuxWorkers=[])
    result = first.up()
    assert result.returncode == 0, result.diagnostics
    assert set(first.nodes()) == {"cp1", "win1"}
    after = snapshots()
    assert differences(untouched["lin1"], after["lin1"]) == []
    left = [line for line in differences(untouched["win2"], after["win2"]) if not _is_kept(line)]
    assert left == []
    hns = windows_host("win2").files.read("hns")
    assert not any(hns.values()), hns


def _is_kept(line: str) -> bool:
    """Tell whether a difference is of what the user had before, and of what was put away for him."""
    if line in ("services: docker came (registered)", "files: k came (there)", "files: k/casement came (there)"):
        return True
    return re.match(r"files: (k/casement/former|Program Files/Docker|ProgramData/docker)(/| came)", line) is not None


def test_they_become_a_second_cluster_with_nothing_of_the_first(second: Site, first: Site) -> None:
    result = second.up()
    assert result.returncode == 0, result.diagnostics
    assert set(second.nodes()) == {"lin1", "win2"}
    everything_is_well(second)
    authority = windows_host("win2").files.path(r"C:\etc\kubernetes\pki\ca.crt").read_text()
    assert authority == linux_host("lin1").run("cat /etc/kubernetes/pki/ca.crt")
    assert authority != linux_host("cp1").run("cat /etc/kubernetes/pki/ca.crt")
    (network,) = windows_host("win2").files.read("hns")["networks"].values()
    assert network["Name"] == "vxlan0"
    assert network["Ipams"][0]["Subnets"][0]["IpAddressPrefix"].startswith("10.245.")
    places = "/etc/kubernetes /etc/cni /run/flannel /var/lib/cni /var/lib/kubelet"
    traces = linux_host("lin1").run(f"grep -rlF 10.244. {places} || true; ip route | grep -F 10.244. || true")
    assert traces.strip() == ""


def test_the_first_cluster_has_not_noticed(first: Site) -> None:
    """Shown by the smoke test on demand."""
    command = [sys.executable, "-m", "operations", "smoke", "--stack", "lab", "--json"]
    done = subprocess.run(command, cwd=first.project, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-4000:]
    checks = json.loads(done.stdout)
    assert checks["windows-to-linux"]["results"]["win1 to cp1"]["ok"]
    assert all(result["ok"] for kind in checks.values() for result in kind["results"].values())


def test_a_cluster_lets_go_of_a_machine_that_is_gone(first: Site) -> None:
    windows_host("win1").power_cut()
    first.configure(windowsNodes=[first.windows_nodes[0] | {"gone": True}], linuxWorkers=[])
    start = time.monotonic()
    result = first.up()
    assert result.returncode == 0, result.diagnostics
    assert set(first.nodes()) == {"cp1"}
    first.configure(windowsNodes=[], linuxWorkers=[])
    result = first.up()
    assert result.returncode == 0, result.diagnostics
    assert time.monotonic() - start < 300
    assert not [name for name in first.engine.resources() if name.startswith("win1")]


def test_what_was_put_away_is_still_there_after_everything_else_is_gone(second: Site) -> None:
    result = second.engine.run("destroy", "--yes", "--skip-preview", "--run-program", timeout=900)
    assert result.returncode == 0, result.diagnostics
    (kept,) = windows_host("win2").files.path(r"C:\k\casement\former").iterdir()
    assert (kept / "secret/config").exists()
    assert {path.name for path in windows_host("win2").files.path(r"C:\k\casement").iterdir()} == {"former"}
