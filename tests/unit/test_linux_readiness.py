"""When a node counts as ready, and as known by flannel: the real scripts, with a kubectl that says what is asked."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts/linux"
GOOD = {
    "NODE": "10.244.1.0/24|True kubelet is posting ready status",
    "FLANNEL": 'vxlan|10.0.0.21|{"VNI":4096,"VtepMAC":"0e:2a:01:02:03:04"}',
}
KUBECTL = r"""
kubectl() {
  echo "$*" >>"$CALLS"
  case "$*" in
    *"get pods"*) printf 'kube-flannel kube-flannel-ds-1\n' ;;
    *flannel*) printf '%s' "$FLANNEL" ;;
    *podCIDR*) printf '%s' "$NODE" ;;
  esac
}
sleep() { command sleep 0.1; }
node=win1 address=10.0.0.21 vni=4096 step_limit=9 step_name=ready ssh_host=127.0.0.1 ssh_port=1
"""


def run(folder: Path, script: str, system: str, **said: str) -> tuple[int, str, list[str]]:
    """Run a script; return its exit code, what it said, and the calls of kubectl."""
    calls = folder / "calls"
    calls.touch()
    program = f"set -euo pipefail\nhere={SCRIPTS}\n. {SCRIPTS}/lib.sh\n{KUBECTL}\nsystem={system}\n. {SCRIPTS}/{script}"
    environment = {"PATH": "/usr/bin:/bin", "CALLS": str(calls), "state_folder": str(folder), **GOOD, **said}
    done = subprocess.run(
        ["bash", "-c", program], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stderr, calls.read_text().splitlines()


@pytest.mark.parametrize("system", ["linux", "windows"])
def test_a_node_that_is_ready_is_put_into_service(tmp_path: Path, system: str) -> None:
    code, said, calls = run(tmp_path, "confirm-node-ready.sh", system)
    assert code == 0, said
    assert f"label node win1 --overwrite kubernetes.io/os={system}" in calls[1]
    assert ("taint node win1 --overwrite os=windows:NoSchedule" in " ".join(calls)) is (system == "windows")
    assert calls[-1].endswith("uncordon win1")
    assert not any("delete pod" in call for call in calls)


@pytest.mark.parametrize(
    ("state", "told"),
    [("10.244.1.0/24|False container runtime is down", "last answer: False container runtime is down"),
     ("|True kubelet is posting ready status", "last answer: no pod range")],
)  # fmt: skip
def test_a_node_that_is_not_ready_is_told_of(tmp_path: Path, state: str, told: str) -> None:
    code, said, calls = run(tmp_path, "confirm-node-ready.sh", "linux", NODE=state)
    assert code != 0
    assert told in said
    assert not any("uncordon" in call for call in calls)


@pytest.mark.parametrize(
    ("flannel", "told"),
    [("||", "type none, data none, at nowhere"),
     ('host-gw|10.0.0.21|null', "type host-gw, data null, at 10.0.0.21"),
     ('vxlan|10.0.0.99|{"VNI":4096,"VtepMAC":"0e:2a:01:02:03:04"}', "at 10.0.0.99"),
     ('vxlan|10.0.0.21|{"VNI":40961,"VtepMAC":"0e:2a:01:02:03:04"}', '"VNI":40961'),
     ('vxlan|10.0.0.21|{"VNI":4096,"VtepMAC":""}', '"VtepMAC":""')],
)  # fmt: skip
def test_what_flannel_has_not_announced_as_it_should_be_is_told_and_on_linux_made_anew(
    tmp_path: Path, flannel: str, told: str
) -> None:
    code, said, calls = run(tmp_path, "confirm-node-ready.sh", "linux", FLANNEL=flannel)
    assert code != 0
    assert told in said
    assert any("--namespace kube-flannel delete pod kube-flannel-ds-1" in call for call in calls)
    assert told in run(tmp_path, "confirm-flannel-announced.sh", "windows", FLANNEL=flannel)[1]


def test_a_windows_node_is_waited_for_until_it_answers_again(tmp_path: Path) -> None:
    """Making its network cuts it off for some seconds."""
    code, said, _ = run(tmp_path, "confirm-flannel-announced.sh", "windows")
    assert code != 0
    assert "last answer: no answer from 127.0.0.1 port 1" in said
