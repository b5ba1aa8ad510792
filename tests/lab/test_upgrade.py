"""A cluster gets other versions, of Kubernetes and all else, on the real engine and the lab's hosts: node after node.

The tests are one story and run in this order; each starts from what the one before has left.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.release import NEWEST, OLDER
from lab.snapshot import Snapshot, differences
from lab.up import prepare, programs, serve
from tests.lab.site import Site, linux_host, make_site, snapshots, windows_host
from tests.lab.watch import Watch, watched

pytestmark = [pytest.mark.lab, pytest.mark.minutes(20), pytest.mark.timeout(1500)]

OLD, NEW = f"v{OLDER.kubernetes}", f"v{NEWEST.kubernetes}"
OLD_RUNTIME, NEW_RUNTIME = f"containerd://{OLDER.containerd}", f"containerd://{NEWEST.containerd}"
WORKERS = {"lin1", "win1", "win2"}
PATCH = r"C:\k\patches\kubeletconfiguration+merge.yaml"
STEPS = {"upgrade-staged", "drained", "upgrade-activated", "in-service"}
IMAGE = "registry.k8s.io/e2e-test-images/agnhost:2.56"
WORKLOAD = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: work-{system}}}
spec:
  replicas: 2
  selector: {{matchLabels: {{work: {system}}}}}
  template:
    metadata: {{labels: {{work: {system}}}}}
    spec:
      nodeSelector: {{kubernetes.io/os: {system}}}
      tolerations: [{{key: os, value: windows, effect: NoSchedule}}]
      terminationGracePeriodSeconds: 1
      containers: [{{name: work, image: "{image}", args: [pause]}}]
"""


@pytest.fixture(scope="module")
def site(lab_hosts: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for the whole story, with a mirror of the older version."""
    serve(prepare(OLDER))
    site = make_site(tmp_path_factory.mktemp("upgrade") / "project")
    site.configure(
        versions={
            "kubernetes": OLDER.kubernetes,
            "containerd": OLDER.containerd,
            "flannel": OLDER.flannel,
            "cniPlugins": OLDER.cni_plugins,
        }
    )
    yield site
    serve(prepare())


@pytest.fixture(scope="module")
def untouched(site: Site) -> dict[str, Snapshot]:
    """What the hosts were like before anything was done to them."""
    return snapshots()


def versions(site: Site) -> dict[str, str]:
    return {name: node["status"]["nodeInfo"]["kubeletVersion"] for name, node in site.nodes().items()}


def runtimes(site: Site) -> dict[str, str]:
    return {name: node["status"]["nodeInfo"]["containerRuntimeVersion"] for name, node in site.nodes().items()}


def flannel_image(site: Site) -> str:
    path = "jsonpath={.spec.template.spec.containers[0].image}"
    return site.kubectl("-n", "kube-flannel", "get", "daemonset", "kube-flannel-ds", "-o", path)


def cordoned(site: Site) -> set[str]:
    return {name for name, node in site.nodes().items() if node["spec"].get("unschedulable")}


def marks(site: Site) -> dict[str, set[str]]:
    """Return which nodes carry which of our annotations."""
    found = {
        name: {key for key in node["metadata"]["annotations"] if key.startswith("casement/")}
        for name, node in site.nodes().items()
    }
    return {name: keys for name, keys in found.items() if keys}


def check_order(watch: Watch, nodes: set[str]) -> None:
    """No more than one worker was out of service, and each was empty before its kubelet changed."""
    assert len(watch.moments) > 20, "the watch has seen nothing"
    assert watch.most_out_of_service(WORKERS) == 1
    for name in nodes:
        first = watch.first_with(name, NEW)
        assert not first.schedulable, f"{name} got its new kubelet while it took pods"
        assert not first.pods, f"{name} got its new kubelet while it ran {first.pods}"


def test_a_cluster_of_the_older_version_runs_work_on_both_systems(site: Site, untouched: dict[str, Snapshot]) -> None:
    result = site.up()
    assert result.returncode == 0, result.text.partition("Diagnostics:")[2][:9000]
    assert set(versions(site).values()) == {OLD}
    assert set(runtimes(site).values()) == {OLD_RUNTIME}
    assert flannel_image(site).endswith(f":v{OLDER.flannel}")
    host = linux_host("lin1")
    assert not host.run("ls ~/.casement/state/versions 2>/dev/null || true").strip(), "nothing waits on a new node"
    document = site.project / "work.yaml"
    document.write_text("---".join(WORKLOAD.format(system=system, image=IMAGE) for system in ("linux", "windows")))
    site.kubectl("apply", "-f", str(document))
    for system in ("linux", "windows"):
        site.kubectl("rollout", "status", f"deployment/work-{system}", "--timeout=120s")


def test_a_pod_gets_a_node_of_the_windows_build_that_it_asks_for(site: Site) -> None:
    for build, node in (("windows-2022", "win1"), ("windows-2025", "win2")):
        pod = json.dumps({"apiVersion": "v1", "spec": {"runtimeClassName": build}})
        site.kubectl("run", build, f"--image={IMAGE}", f"--overrides={pod}", "--", "pause")
        site.kubectl("wait", "--for=condition=Ready", f"pod/{build}", "--timeout=60s")
        assert site.kubectl("get", "pod", build, "-o", "jsonpath={.spec.nodeName}") == node
        site.kubectl("delete", "pod", build, "--now")


def test_a_node_that_does_not_come_back_is_rolled_back_and_the_run_stops_there(site: Site, tmp_path: Path) -> None:
    patch = windows_host("win1").files.path(PATCH)
    patch.write_text(patch.read_text() + "maxPods: -1\n")
    serve(prepare())
    site.configure()
    operations = site.engine.operations()
    assert {f"{name}-{step}" for name in ("cp1", *WORKERS) for step in STEPS} <= set(operations)
    assert set(operations.values()) == {"update"}
    with watched(site.outputs()["kubeconfig"], tmp_path) as watch:
        result = site.up()
    assert result.returncode != 0
    # Without the stack's outputs, which are long.
    said = " ".join(result.text.partition("Diagnostics:")[2].partition("Outputs:")[0].split())
    assert "win1 did not come back with Kubernetes 1.36.4, and runs its former programs again" in said, said
    assert "kubectl uncordon win1" in said
    assert "maxPods" in said, "kubelet's own reason is missing"
    assert versions(site) == {"cp1": NEW, "lin1": NEW, "win1": OLD, "win2": OLD}
    new, old = NEW_RUNTIME, OLD_RUNTIME
    assert runtimes(site) == {"cp1": new, "lin1": new, "win1": old, "win2": old}
    assert cordoned(site) == {"win1"}
    check_order(watch, {"lin1"})
    assert watch.versions("win2") == [OLD]
    assert all(each["win2"].in_service for each in watch.moments), "a node that was not its turn was touched"
    kept = windows_host("win1").files.path(r"C:\var\lib\kubelet\config.yaml").read_text()
    assert "maxPods: -1" not in kept
    assert site.nodes()["win1"]["status"]["conditions"][-1]["status"] == "True"


def test_the_next_run_finishes_the_upgrade(site: Site, tmp_path: Path) -> None:
    patch = windows_host("win1").files.path(PATCH)
    patch.write_text(patch.read_text().replace("maxPods: -1\n", ""))
    with watched(site.outputs()["kubeconfig"], tmp_path) as watch:
        result = site.up()
    assert result.returncode == 0, result.text.partition("Diagnostics:")[2][:9000]
    assert set(versions(site).values()) == {NEW}
    assert set(runtimes(site).values()) == {NEW_RUNTIME}
    assert not cordoned(site)
    assert not marks(site)
    check_order(watch, {"win1", "win2"})
    assert watch.versions("lin1") == [NEW]
    for system in ("linux", "windows"):
        site.kubectl("rollout", "status", f"deployment/work-{system}", "--timeout=60s")


def test_afterwards_everything_is_of_the_new_version_and_there_is_nothing_to_do(site: Site) -> None:
    assert site.engine.run("preview", "--expect-no-changes").returncode == 0
    server = json.loads(site.kubectl("version", "-o", "json"))["serverVersion"]["gitVersion"]
    assert server == NEW
    proxy = site.kubectl("-n", "kube-system", "get", "daemonset", "kube-proxy", "-o", "jsonpath={..image}")
    assert proxy.endswith(f":{NEW}")
    config = windows_host("win2").files.path(r"C:\var\lib\kubelet\config.yaml").read_text()
    assert "cgroupsPerQOS: false" in config, "kubeadm has taken our patch off kubelet's configuration"
    assert "singleProcessOOMKill" not in config
    assert flannel_image(site).endswith(f":v{NEWEST.flannel}")
    built = programs()
    for path in (r"C:\k\flanneld.exe", r"C:\opt\cni\bin\win-overlay.exe"):
        installed = windows_host("win2").files.path(path)
        assert installed.read_bytes() == built[installed.name].read_bytes(), f"{path} is of another version"
    kept = {path.name.rsplit("-", 1)[0] for path in windows_host("win2").files.path(r"C:\k\versions").iterdir()}
    exchanged = {"kubelet", "kubeadm", "kubectl", "kube-proxy", "containerd", "cni-plugins", "flanneld"}
    assert exchanged <= kept, "the former programs are kept"
    assert "crictl" not in kept


def test_destroy_leaves_every_host_as_it_was_found(site: Site, untouched: dict[str, Snapshot]) -> None:
    result = site.engine.run("destroy", "--yes", "--skip-preview", "--run-program", timeout=900)
    assert result.returncode == 0, result.text.partition("Diagnostics:")[2][:9000]
    time.sleep(2)
    after = snapshots()
    found = {name: differences(untouched[name], after[name]) for name in untouched}
    assert not {name: each for name, each in found.items() if each}
