"""How the control plane drains and deletes nodes, those that are dead and those that were built by hand too."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

from plan.shells import bash_input
from plan.step import Parameter

SCRIPTS = Path(__file__).parents[2] / "scripts/linux"
NODE: Mapping[str, Parameter] = {"node": "win1", "drain_seconds": 30, "ignore_budgets": False}
LIMIT = {"step_limit": "30", "step_name": "drained"}
KUBECTL = r"""
kubectl() {
  echo "$*" >>"$WORK/asked"
  case "$*" in
    *"get node "*--ignore-not-found*) [[ ! $READY ]] || echo node/win1 ;;
    *"get node "*) [[ $READY ]] && { echo "$READY"; return; }
      echo 'Error from server (NotFound): nodes "win1" not found'; return 1 ;;
    *poddisruptionbudgets*) printf 'shop   web   0\nshop   db   1\n' ;;
    "drain "*) return "$DRAIN" ;;
  esac
}
"""


def run(
    script: str, folder: Path, parameters: Mapping[str, Parameter], **environment: str
) -> tuple[int, list[str], str]:
    """Run a script against a kubectl that notes what it is asked; return exit code, questions, and what was said."""
    begin = f"set -euo pipefail\nhere={SCRIPTS}\n. {SCRIPTS}/lib.sh\n{KUBECTL}\n"
    done = subprocess.run(
        ["bash", "-c", f"{begin}{bash_input(parameters)}. {SCRIPTS}/{script}"], capture_output=True, text=True,
        env={"PATH": "/usr/bin:/bin", "WORK": str(folder), "READY": "True", "DRAIN": "0", **LIMIT, **environment},
        check=False,
    )  # fmt: skip
    asked = folder / "asked"
    return done.returncode, asked.read_text().splitlines() if asked.exists() else [], done.stderr


def drains(asked: list[str]) -> list[str]:
    return [line for line in asked if line.startswith("drain ")]


def test_a_node_is_cordoned_and_drained_within_the_time_it_has(tmp_path: Path) -> None:
    code, asked, _ = run("drain-node.sh", tmp_path, NODE)
    assert code == 0
    assert "--request-timeout=30s cordon win1" in asked
    assert "--timeout=30s" in drains(asked)[0]
    assert "--disable-eviction" not in drains(asked)[0]
    assert "--skip-wait" not in drains(asked)[0]


def test_a_dead_node_is_not_waited_for(tmp_path: Path) -> None:
    code, asked, said = run("drain-node.sh", tmp_path, NODE, READY="Unknown")
    assert code == 0
    assert "--skip-wait-for-delete-timeout=10" in drains(asked)[0]
    assert "not Ready" in said


def test_a_blocked_drain_names_the_budgets_that_hold_and_the_setting(tmp_path: Path) -> None:
    code, _, said = run("drain-node.sh", tmp_path, NODE, DRAIN="1")
    assert code == 1
    assert "allow no eviction now: shop/web\n" in said
    assert "ignoreDisruptionBudgets" in said


def test_budgets_are_ignored_where_the_site_says_so(tmp_path: Path) -> None:
    _, asked, _ = run("drain-node.sh", tmp_path, {**NODE, "ignore_budgets": True})
    assert "--disable-eviction" in drains(asked)[0]


def test_a_node_that_is_gone_already_needs_no_draining_but_an_api_that_is_away_is_an_error(tmp_path: Path) -> None:
    code, asked, _ = run("drain-node.sh", tmp_path, NODE, READY="")
    assert (code, drains(asked)) == (0, [])
    broken = KUBECTL.replace("Error from server (NotFound)", "connection refused")
    begin = f"here={SCRIPTS} step_limit=30\n. {SCRIPTS}/lib.sh\n{broken}\nREADY=\nWORK={tmp_path}\n"
    program = f"{begin}{bash_input(NODE)}. {SCRIPTS}/drain-node.sh"
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "see that the API server runs" in done.stderr


def test_a_lost_machine_is_forgotten_without_being_asked(tmp_path: Path) -> None:
    code, asked, _ = run("forget-node.sh", tmp_path, NODE, READY="True")
    assert code == 0
    # It is gone for the stack file before the cluster has noticed.
    assert "--skip-wait-for-delete-timeout=10" in drains(asked)[0]
    assert "--disable-eviction" in drains(asked)[0]
    assert asked[-1].endswith("delete node win1 --ignore-not-found")


def test_nothing_is_drained_or_deleted_where_there_is_no_former_node(tmp_path: Path) -> None:
    for script in ("drain-former-node.sh", "delete-former-node.sh"):
        code, asked, _ = run(script, tmp_path, {**NODE, "former": "false", "ssh_host": "127.0.0.1", "ssh_port": 1})
        assert (code, asked) == (0, [])


def test_a_former_node_is_drained_under_its_name(tmp_path: Path) -> None:
    code, asked, _ = run("drain-former-node.sh", tmp_path, {**NODE, "former": "true", "ssh_host": "127.0.0.1"})
    assert code == 0
    assert drains(asked)[0].startswith("drain win1 ")


def test_a_kubelet_that_belongs_to_a_node_this_cluster_does_not_know_is_left_running(tmp_path: Path) -> None:
    parameters = {**NODE, "former": "true", "ssh_host": "127.66.3.1"}
    code, _, said = run("drain-former-node.sh", tmp_path, parameters, READY="")
    assert code == 0, "no kubelet answers there: whatever it was, it has no pods"
    with socket.create_server(("127.66.3.1", 10250)):
        code, asked, said = run("drain-former-node.sh", tmp_path, parameters, READY="")
    assert (code, drains(asked)) == (1, [])
    assert "formerName" in said
