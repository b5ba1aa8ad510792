"""Taking a node out of service and back, by the control plane's own scripts, against a kubectl of text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.linux_scripts import Site

# The Node is a folder: a file for each annotation, and "unschedulable"; what is done is told on stderr.
KUBECTL = r"""
node_folder=$folder/node
kubectl() {
  local words=() word
  for word in "$@"; do [[ $word == --request-timeout=* ]] || words+=("$word"); done
  set -- "${words[@]}"
  case "$*" in
    *"annotations.casement/upgrade"*) cat "$node_folder/upgrade" 2>/dev/null || true ;;
    *"annotations.casement/cordoned"*) cat "$node_folder/cordoned" 2>/dev/null || true ;;
    *"{.spec.unschedulable}"*) [[ ! -e $node_folder/unschedulable ]] || printf true ;;
    *"{.status.nodeInfo"*) printf '%s True kubelet is posting ready status' "$kubelet" ;;
    *"{.status.phase}"*) printf Running ;;
    "get --raw /readyz") ;;
    "get --raw /version"*) printf '{"gitVersion": "v%s"}\n' "$server" ;;
    "get node win1") ;;
    "get node win1 -o jsonpath={.status.conditions"*) printf True ;;
    "get poddisruptionbudgets"*) ;;
    "cordon win1") touch "$node_folder/unschedulable" ;;
    "uncordon win1") rm -f "$node_folder/unschedulable" ;;
    "drain win1"*) [[ $drains == yes ]] || { echo "Cannot evict pod web as it would violate its budget"; return 1; } ;;
    annotate*casement/cordoned=*) printf for-upgrade >"$node_folder/cordoned" ;;
    annotate*casement/cordoned-*casement/upgrade-) rm -f "$node_folder/cordoned" "$node_folder/upgrade" ;;
    annotate*casement/cordoned-) rm -f "$node_folder/cordoned" ;;
    *"delete pod"*) ;;
    "create -f -") cat >"$folder/pod" ;;
    *) printf 'unexpected: %s\n' "$*" >&2; return 1 ;;
  esac
}
"""
DRAIN = KUBECTL + '. "$here/drain-for-upgrade.sh"\n'
RETURN = KUBECTL + '. "$here/return-to-service.sh"\n'


class Node(Site):
    """A site whose Node has these marks; ``marks`` tells which it has now."""

    def mark(self, *names: str) -> None:
        (self.folder / "node").mkdir(exist_ok=True)
        for name in names:
            (self.folder / "node" / name).write_text("kubelet")

    @property
    def marks(self) -> set[str]:
        return {path.name for path in (self.folder / "node").iterdir()}

    def takes(
        self, script: str, server: str = "1.36.4", wanted: str = "1.36.4", drains: str = "yes"
    ) -> tuple[int, str]:
        ran = self.run(
            script, node="win1", system="windows", server=server, kubernetes_version=wanted, drains=drains,
            drain_seconds="30", image="agnhost:1", kubelet=f"v{wanted}",
        )  # fmt: skip
        return ran.returncode, ran.stderr


@pytest.fixture
def node(tmp_path: Path) -> Node:
    found = Node(tmp_path)
    found.mark()
    return found


def test_a_node_that_nothing_waits_for_stays_in_service(node: Node) -> None:
    for script in (DRAIN, RETURN):
        code, said = node.takes(script)
        assert code == 0, said
        assert node.marks == set()


def test_a_node_is_drained_and_comes_back_when_a_pod_runs_on_it(node: Node) -> None:
    node.mark("upgrade")
    code, said = node.takes(DRAIN)
    assert code == 0, said
    assert node.marks == {"upgrade", "unschedulable", "cordoned"}
    code, said = node.takes(DRAIN)
    assert code == 0, "an interrupted drain is run again"
    code, said = node.takes(RETURN)
    assert code == 0, said
    assert node.marks == set()
    pod = (node.folder / "pod").read_text()
    assert "nodeName: win1" in pod
    assert "os: {name: windows}" in pod


def test_a_node_that_others_have_cordoned_stays_cordoned(node: Node) -> None:
    node.mark("upgrade", "unschedulable")
    assert node.takes(DRAIN)[0] == 0
    assert node.marks == {"upgrade", "unschedulable"}
    code, said = node.takes(RETURN)
    assert code == 0, said
    assert node.marks == {"unschedulable"}


def test_a_node_that_cannot_be_drained_goes_on_as_it_was(node: Node) -> None:
    node.mark("upgrade")
    code, said = node.takes(DRAIN, drains="no")
    assert code == 1
    assert "node win1 was not drained within 30 s" in said
    assert node.marks == {"upgrade"}
    node.mark("unschedulable")
    assert node.takes(DRAIN, drains="no")[0] == 1
    assert node.marks == {"upgrade", "unschedulable"}, "others had cordoned it"


@pytest.mark.parametrize(
    ("server", "wanted", "said"),
    [
        ("1.35.9", "1.36.4", "kubelet 1.36.4 is newer than the API server, 1.35.9"),
        ("1.37.0", "1.33.2", "kubelet 1.33.2 is 4 minor versions older than the API server, 1.37.0"),
    ],
)
def test_a_kubelet_that_does_not_fit_the_api_server_is_refused_before_the_node_is_drained(
    node: Node, server: str, wanted: str, said: str
) -> None:
    node.mark("upgrade")
    code, text = node.takes(DRAIN, server=server, wanted=wanted)
    assert code == 1
    assert said in text
    assert node.marks == {"upgrade"}


def test_the_record_of_a_drain_belongs_to_the_node_that_it_serves(node: Node) -> None:
    node.takes(DRAIN)
    record = json.loads((node.folder / "state/steps/win1/trial-done.json").read_text())
    assert record["outcome"] == "succeeded"
