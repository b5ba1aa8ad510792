"""The main job, on the real engine and the lab's hosts: built although interrupted, kept, changed, taken down.

The tests are one story and run in this order; each starts from what the one before has left.
"""

from __future__ import annotations

import json
import time

import pytest

from lab.snapshot import Snapshot, differences
from plan.checks import CHECKS
from tests.lab.site import (
    PRIVATE_KEY,
    TOKEN,
    Site,
    key_data,
    linux_host,
    make_site,
    snapshots,
    watched_processes,
    windows_host,
    windows_snapshot,
)

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1800)]

KILLED_AT = (
    "cp1-containerd-running",
    "win1-restart-proven",
    "cp1-control-plane-initialised",
    "lin1-credential-issued",
    "lin1-joined",
    "win1-joined",
    "win2-flannel-announced",
    "win1-kube-proxy-running",
)
UNKNOWN_TO_THE_STATE = (*KILLED_AT[:3], KILLED_AT[-1])
"""Those of them that were told to write their state at the end, so that they have not."""
POWERSHELL = "powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass"


@pytest.fixture(scope="module")
def site(lab_hosts: None, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """One site for the whole story."""
    return make_site(tmp_path_factory.mktemp("main-job") / "project")


@pytest.fixture(scope="module")
def untouched(site: Site) -> dict[str, Snapshot]:
    """What the hosts were like before anything was done to them."""
    return snapshots()


def test_a_preview_touches_no_host(site: Site, untouched: dict[str, Snapshot]) -> None:
    operations = site.engine.operations()
    assert set(operations.values()) == {"create"}
    assert {"cp1-control-plane-initialised", "win1-joined", "flannel", "cluster-cluster-verified"} <= set(operations)
    touched = {name: differences(untouched[name], now) for name, now in snapshots().items()}
    assert not {name: each for name, each in touched.items() if each}


def test_an_up_killed_again_and_again_ends_in_the_same_cluster(site: Site, untouched: dict[str, Snapshot]) -> None:
    with watched_processes() as secrets_seen:
        for step in KILLED_AT:
            said = site.up_killed_at(step, state_at_end=step in UNKNOWN_TO_THE_STATE)
            assert not TOKEN.search(said.encode())
            if step == "lin1-credential-issued":
                conf = linux_host("lin1").run("cat /root/.casement/state/credential/kubelet.conf")
                site.node_keys["lin1"] = key_data(conf)
        result = site.up()
    assert result.returncode == 0, result.diagnostics
    assert not secrets_seen, "a secret stood in a process list"
    assert not TOKEN.search(result.text.encode())
    assert not PRIVATE_KEY.search(result.text.encode())


def test_every_node_is_what_the_stack_file_says(site: Site) -> None:
    nodes = site.nodes()
    assert set(nodes) == {"cp1", "lin1", "win1", "win2"}
    images = {name: node["status"]["nodeInfo"]["osImage"] for name, node in nodes.items()}
    assert "2022" in images["win1"]
    assert "2025" in images["win2"]
    for name in ("win1", "win2"):
        taints = nodes[name]["spec"]["taints"]
        assert {"key": "os", "value": "windows", "effect": "NoSchedule"} in taints
        assert nodes[name]["metadata"]["labels"]["kubernetes.io/os"] == "windows"


def test_the_outputs_tell_what_was_proven(site: Site) -> None:
    outputs = site.outputs()
    assert outputs["nodes"]["win1"] == "windows at 10.77.0.21"
    checks = outputs["checks"]
    assert set(checks) == set(CHECKS)
    results = {(name, of): result for name, kind in checks.items() for of, result in kind["results"].items()}
    assert all(result["ok"] for result in results.values())
    for check in (("linux-to-windows", "lin1 to win1"), ("windows-to-windows", "win1 to win2"), ("outbound", "win2")):
        assert check in results
    assert ("node-selector", "kube-system/kube-proxy") in results


def test_vxlan_is_the_one_that_windows_can_be_part_of(site: Site) -> None:
    for name in ("cp1", "lin1"):
        link = linux_host(name).run("ip -d link show flannel.4096")
        assert "vxlan id 4096 " in link
        assert "dstport 4789" in link


def test_a_second_up_has_nothing_to_do(site: Site) -> None:
    assert site.engine.run("preview", "--expect-no-changes").returncode == 0


def test_a_lost_state_is_made_anew_from_what_is_there(site: Site) -> None:
    before = _since_when(site)
    site.lose_state()
    assert set(site.engine.operations().values()) == {"create"}
    result = site.up()
    assert result.returncode == 0, result.diagnostics
    assert _since_when(site) == before, "a node has joined again, or was not ready for a while"
    assert site.engine.run("preview", "--expect-no-changes").returncode == 0


def _since_when(site: Site) -> dict[str, tuple[str, str]]:
    """Return of each node which one it is, and since when it is ready."""
    return {
        name: (
            node["metadata"]["uid"],
            next(each["lastTransitionTime"] for each in node["status"]["conditions"] if each["type"] == "Ready"),
        )
        for name, node in site.nodes().items()
    }


def test_windows_runs_exactly_what_was_planned(site: Site) -> None:
    host = windows_host("win1")
    query = "(Get-CimInstance -ClassName Win32_Service -Filter \\\"Name='{}'\\\").PathName"
    for service, flag in (("kubelet", "--node-ip=10.77.0.21"), ("kube-proxy", r"--config=C:\k\kube-proxy.yaml")):
        line = host.run(f'{POWERSHELL} -Command "{query.format(service)}"').strip()
        assert rf"C:\k\{service}.exe --windows-service" in line
        assert flag in line
        assert f"{service} " in host.run(f"{POWERSHELL} -Command \"(Get-Service {service}).Name + ' '\"")
    config = host.files.path(r"C:\k\kube-proxy.yaml").read_text()
    assert "networkName: vxlan0" in config
    assert "@SOURCE_VIP@" not in config
    log = host.files.path(r"C:\k\flanneld.log").read_text(errors="replace")
    assert "VXLAN config: Name=vxlan0 MacPrefix=0E-2A VNI=4096 Port=4789" in log


@pytest.mark.parametrize(
    ("program", "argument", "said"),
    [
        (r"C:\k\kubelet.exe", "--network-plugin=cni", "unknown flag: --network-plugin"),
        (r"C:\k\kube-proxy.exe", "--no-such-flag", "unknown flag: --no-such-flag"),
        (r"C:\k\kubeadm.exe", "--no-such-flag", "unknown flag: --no-such-flag"),
        (r"C:\k\flanneld.exe", "--no-such-flag", "flag provided but not defined: -no-such-flag"),
    ],
)
def test_the_real_programs_refuse_what_they_refuse_on_windows(
    site: Site, program: str, argument: str, said: str
) -> None:
    out = windows_host("win1").run(f"{POWERSHELL} -Command \"& '{program}' '{argument}' 2>&1; exit 0\"")
    assert said in out


@pytest.mark.parametrize(
    ("wrong", "said"), [({"VNI": 1}, "VNI [1] must be greater"), ({"Port": 8472}, "Port [8472] is not supported")]
)
def test_the_real_flanneld_refuses_numbers_that_windows_cannot_have(
    site: Site, wrong: dict[str, int], said: str
) -> None:
    host = windows_host("win1")
    conf = json.loads(host.files.path(r"C:\etc\kube-flannel\net-conf.json").read_text())
    conf["Backend"] |= wrong
    file = host.files.path(r"C:\k\wrong.json")
    file.write_text(json.dumps(conf))
    try:
        command = (
            "$env:NODE_NAME = 'win1'; & 'C:\\k\\flanneld.exe' '--kubeconfig-file=C:\\etc\\kubernetes\\kubelet.conf'"
            " '--kube-subnet-mgr' '--iface=10.77.0.21' '--net-config-path=C:\\k\\wrong.json' 2>&1; exit 0"
        )
        assert said in host.run(f'{POWERSHELL} -Command "{command}"')
    finally:
        file.unlink()


def test_no_secret_is_in_plain_state_or_in_verbose_logs(site: Site) -> None:
    """But for what Pulumi itself writes: every value at level 9, and from 3 a stack's outputs (the kubeconfig)."""
    secrets = site.secrets()
    assert set(secrets) == {"lin1", "kubeconfig", "ssh key"}
    site.engine.run("state", "taint", _urn(site, "lin1-credential-requested"), "--yes").checked()
    verbose = site.engine.run("up", "--yes", "--skip-preview", "-v=8", "--logtostderr", timeout=900)
    assert verbose.returncode == 0, verbose.diagnostics
    assert len(verbose.text) > 20_000, "the verbose log is missing"
    state = site.engine.run("stack", "export").checked().stdout
    assert "BEGIN CERTIFICATE REQUEST" in state, "what the nodes asked for is missing"
    assert not PRIVATE_KEY.search(state.encode())
    assert not {name for name, secret in secrets.items() if secret in state}
    assert {name for name, secret in secrets.items() if secret in verbose.text} <= {"kubeconfig"}


def test_there_is_no_bootstrap_token_and_no_key_of_a_join_left(site: Site) -> None:
    kinds = site.kubectl("-n", "kube-system", "get", "secrets", "-o", "jsonpath={.items[*].type}").split()
    assert "bootstrap.kubernetes.io/token" not in kinds
    assert linux_host("lin1").run("ls /root/.casement/state/credential").split() == ["kubelet.conf.csr"]
    left = windows_host("win1").files.path(r"C:\k\casement\credential").iterdir()
    assert [path.name for path in left] == ["kubelet.conf.csr"]


def _urn(site: Site, name: str) -> str:
    return str(site.engine.resources()[name]["urn"])


def test_a_changed_setting_of_one_windows_node_touches_only_that_node(site: Site) -> None:
    first, second = site.windows_nodes
    site.configure(windowsNodes=[first, second | {"logFolder": r"C:\logs"}])
    operations = site.engine.operations()
    assert "win2-kubelet-service-registered" in operations
    assert {name.split("-")[0] for name in operations} == {"win2", "cluster"}
    result = site.up()
    assert result.returncode == 0, result.diagnostics
    assert windows_host("win2").files.path(r"C:\logs\kubelet.log").exists()


def test_a_node_taken_out_of_the_file_is_drained_deleted_and_clean(site: Site, untouched: dict[str, Snapshot]) -> None:
    site.configure(windowsNodes=site.windows_nodes[:1])
    result = site.up()
    assert result.returncode == 0, result.diagnostics
    assert "win2" not in site.nodes()
    assert "win2 drained" in result.text
    assert not differences(untouched["win2"], windows_snapshot(windows_host("win2")))


def test_a_node_added_to_the_file_adds_only_its_own_resources(site: Site) -> None:
    site.configure()
    operations = site.engine.operations()
    assert {name.split("-")[0] for name, operation in operations.items() if operation == "create"} == {"win2"}
    others = {name for name, operation in operations.items() if operation != "create"}
    # What keeps count of the cluster's machines, and what proves them, are the only others.
    assert others == {"cluster-cluster-verified", "cluster-identity"}
    result = site.up()
    assert result.returncode == 0, result.diagnostics
    assert set(site.nodes()) == {"cp1", "lin1", "win1", "win2"}


def test_destroy_leaves_every_host_as_it_was_found(site: Site, untouched: dict[str, Snapshot]) -> None:
    result = site.engine.run("destroy", "--yes", "--skip-preview", "--run-program", timeout=1500)
    assert result.returncode == 0, result.diagnostics
    time.sleep(2)
    after = snapshots()
    found = {name: differences(untouched[name], after[name]) for name in untouched}
    assert not {name: each for name, each in found.items() if each}


def test_what_an_interrupted_up_has_left_is_taken_back_by_destroy(site: Site, untouched: dict[str, Snapshot]) -> None:
    site.up_killed_at("cp1-control-plane-initialised")
    result = site.engine.run("destroy", "--yes", "--skip-preview", "--run-program", timeout=900)
    assert result.returncode == 0, result.diagnostics
    time.sleep(2)
    after = snapshots()
    found = {name: differences(untouched[name], after[name]) for name in untouched}
    assert not {name: each for name, each in found.items() if each}
