"""Commands for a cluster that runs, as an administrator types them: logs without secrets, drift found and repaired.

One cluster for the whole story; each test starts from what the one before has left.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from collections.abc import Iterator

import pytest
import yaml

from lab import run
from lab.down import erase
from lab.up import up
from tests.lab.by_hand import CHANGES, SECRETS, change_by_hand, make_stray, plant, traces
from tests.lab.site import STACK_FILE, Site, linux_host, make_site, windows_host

pytestmark = [pytest.mark.lab, pytest.mark.minutes(9), pytest.mark.timeout(1500)]

FOUND = 3


@pytest.fixture(scope="module")
def site(lab_hosts: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A cluster of a control plane, a Linux worker and a Windows node; at the end the hosts are fresh again."""
    made = make_site(tmp_path_factory.mktemp("operations") / "project")
    # In this folder kubelet hands the logs out through the API server too.
    made.base["config"]["casement:windowsNodes"] = [made.windows_nodes[0] | {"logFolder": r"C:\var\log"}]
    made.configure()
    result = made.up()
    assert result.returncode == 0, result.diagnostics
    yield made
    erase(())
    up(())


def operate(site: Site, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the copied project, as an administrator of the site does."""
    return subprocess.run(
        [sys.executable, "-m", "operations", *arguments, "--stack", "lab"],
        cwd=site.project,
        env=site.engine.variables(),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def archive(site: Site, *arguments: str) -> dict[str, bytes]:
    """Gather the logs; return the files of the archive by their names in it."""
    folder = site.project / "gathered"
    done = operate(site, "logs", "--output", str(folder), *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = folder.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    with tarfile.open(path) as tar:
        opened = {member.name.partition("/")[2]: tar.extractfile(member) for member in tar.getmembers()}
        found = {name: file.read() for name, file in opened.items() if file}
    path.unlink()
    return found


def test_one_archive_has_everything_and_no_secret(site: Site) -> None:
    plant(site)
    files = archive(site)
    assert traces(files, SECRETS | site.secrets()) == set()
    ways = files["ways.txt"].decode()
    assert "win1: over SSH" in ways
    assert "cluster: through the API server" in ways
    for name in (
        "win1/files/C/var/log/kubelet.log",
        "win1/files/C/var/log/flanneld.log",
        "win1/files/C/k/casement/state/step-joined.json",
        "win1/files/C/etc/cni/net.d/10-flannel.conflist",
        "win1/network/routes.json",
        "win1/events/System.txt",
        "lin1/journal/kubelet.txt",
        "lin1/network/iptables.txt",
        "lin1/containers/pods.txt",
        "cp1/files/etc/kubernetes/kubelet.conf",
        "cluster/nodes.json",
        "cluster/events.json",
    ):
        assert files[name], name
    networks = json.loads(files["win1/hns/networks.json"])
    assert [network["Name"] for network in networks] == ["vxlan0"]
    # What was planted did come along, without what is secret in it.
    for name in (
        "win1/files/C/var/log/kubelet-2026.log",
        "win1/files/C/var/log/kube-proxy-wide.log",
        "win1/files/C/etc/cni/net.d/99-planted.conf",
        "win1/events/System.txt",
        "lin1/files/etc/cni/net.d/99-planted.conf",
        "cluster/daemonsets.json",
    ):
        assert b"the end of the planted file" in files[name], name
        assert b"[removed]" in files[name], name
    assert b"PLANTED_TOKEN" in files["win1/host/environment.json"]
    assert "no such" not in ways


def test_the_hosts_are_left_as_they_were(site: Site) -> None:
    left = [path.name for path in windows_host("win1").files.path(r"C:\Users\Administrator").iterdir()]
    assert [name for name in left if name.startswith("casement")] == []
    assert linux_host("lin1").run("ls -d /root/casement-* 2>/dev/null || true") == ""


def test_where_ssh_is_dead_the_logs_come_through_the_api_server(site: Site) -> None:
    (node,) = site.windows_nodes
    key = (run.RUN_FOLDER / "ssh/known_hosts").read_text()
    (pinned,) = {" ".join(line.split()[1:3]) for line in key.splitlines() if line.split()[0].startswith("10.77.0.21")}
    site.configure(windowsNodes=[node | {"ssh": {"user": "Administrator", "port": 2222, "hostKey": pinned}}])
    files = archive(site, "--node", "win1")
    site.configure()
    assert "win1: through the API server" in files["ways.txt"].decode()
    assert b"the end of the planted file" in files["win1/kubelet-2026.log"]
    assert b"VXLAN config: Name=vxlan0" in files["win1/flanneld.log"]
    for name in ("kubelet", "kube-proxy", "containerd"):
        assert files[f"win1/{name}.log"], name
    assert traces(files, SECRETS) == set()


def drift(site: Site, *arguments: str) -> tuple[int, list[dict[str, str]]]:
    done = operate(site, "drift", "--json", *arguments)
    assert done.returncode in (0, FOUND), done.stdout + done.stderr
    return done.returncode, json.loads(done.stdout)["findings"]


def test_a_cluster_that_nobody_touched_has_not_drifted(site: Site) -> None:
    windows_host("win1").files.path(r"C:\etc\cni\net.d\99-planted.conf").unlink()
    linux_host("lin1").run("rm /etc/cni/net.d/99-planted.conf; systemctl stop planted")
    site.kubectl("delete", "daemonset", "planted")
    assert drift(site) == (0, [])


def test_every_change_by_hand_is_found_and_named_with_its_repair(site: Site) -> None:
    change_by_hand(site)
    make_stray(site)
    code, findings = drift(site)
    assert code == FOUND
    assert {(each["place"], each["kind"], each["name"]): each["repair"] for each in findings} == CHANGES
    shown = operate(site, "drift", "--node", "win1").stdout
    assert "    ---node-ip=10.77.0.21\n    +--node-ip=10.77.0.99\n" in shown
    assert '    - "name": "vxlan0",\n' in shown.replace("-  ", "- ")
    assert "(repaired by win1-firewall-open)" in shown


def test_what_is_recorded_is_shown_by_preview_and_repaired_by_up(site: Site) -> None:
    assert operate(site, "drift", "--record").returncode == FOUND
    recorded = set(yaml.safe_load((site.project / STACK_FILE).read_text())["config"]["casement:repairs"])
    followers = {"win1-flannel-started", "win1-flannel-announced"}
    assert recorded == {repair for repair in CHANGES.values() if repair} | followers
    assert site.engine.operations() == dict.fromkeys(recorded | {"cluster-cluster-verified"}, "update")
    result = site.engine.run("up", "--yes", "--skip-preview", "--refresh", timeout=1200)
    assert result.returncode == 0, result.text.partition("Outputs:")[0][-9000:]
    code, findings = drift(site)
    assert {(each["kind"], each["name"]) for each in findings} == {("daemonset", "default/everywhere")}
    assert code == FOUND
    (stray,) = findings
    patch = stray["remedy"].partition(" -p ")[2].strip("'")
    site.kubectl("-n", "default", "patch", "daemonset", "everywhere", "-p", patch)
    assert drift(site) == (0, [])
    assert site.engine.run("preview", "--expect-no-changes").returncode == 0
