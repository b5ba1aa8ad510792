"""The smoke test's own script, against pods that are small web servers on loopback addresses and a kubectl of text."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest

from operations.smoke import shown
from plan.checks import CHECKS, by_kind, checks_table
from plan.network import plan_network
from plan.shells import bash_input
from plan.verification import verification
from tests.windows.sample import settings

SCRIPTS = Path(__file__).parents[2] / "scripts/linux"
PODS = {"cp1": "127.66.0.1", "win1": "127.66.0.2"}
SERVICES = {"linux": "127.66.1.1", "windows": "127.66.1.2"}
LIMIT = {"step_limit": "900", "step_name": "cluster-verified"}
POD_PORT = 8080
KUBECTL = r"""
kubectl() {
  case "$*" in
    *"get node "*flannel*) echo 'vxlan|{"VNI":4096}|127.66.0.'$([[ $* == *win1* ]] && echo 2 || echo 1) ;;
    *"get node "*kubeletVersion*) echo "${KUBELET:-v1.36.4}" ;;
    *"get node cp1 "*podCIDR*) echo 10.244.0.0/24 ;;
    *"get node win1 "*podCIDR*) echo "${RANGE-10.244.1.0/24}" ;;
    *"get nodes "*podCIDR*) printf '%s\n' 10.244.0.0/24 "${RANGE-10.244.1.0/24}" '' ;;
    *"get node cp1"*) echo 'linux at 127.66.0.1|True' ;;
    *"get node win1"*) echo 'windows at 127.66.0.2|True' ;;
    *"get --raw /readyz" | *"get serviceaccount default") ;;
    *"get configmap"*) echo '{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","VNI":4096,"Port":4789}}' ;;
    *"get endpointslices"*kube-dns*) [[ ${NO_DNS:-} ]] || echo '["10.244.0.5"]' ;;
    *"get daemonset"*) echo '{"kubernetes.io/os":"linux"}' ;;
    *"get pod probe-cp1"*) echo 'Running 127.66.0.1' ;;
    *"get pod probe-win1"*) echo 'Running 127.66.0.2' ;;
    *"get service probe-linux"*clusterIP*) echo 127.66.1.1 ;;
    *"get service probe-windows"*clusterIP*) echo 127.66.1.2 ;;
    *"get service probe-linux"*nodePort*) echo 8080 ;;
    *"logs probe-"*) echo 'Started HTTP server on port 8080' ;;
    *"exec probe-win1"*"--version") [[ ! ${BROKEN_EXEC:-} ]] && echo 'agnhost version 2.56' ;;
    *"exec probe-"*"--version") echo 'agnhost version 2.56' ;;
    *"exec probe-"*connect*) ;;
    *"create -f -") cat >"$WORK/documents" ;;
    *"create namespace"* | *"delete namespace"*) echo "$*" >>"$WORK/namespaces" ;;
    *) echo "unexpected: $*" >&2; return 1 ;;
  esac
}
timeout() {
  shift
  if [[ $1 == bash && $5 == 8080 ]]; then set -- "${@:1:4}" "$PORT"; fi
  "$@"
}
ip() { echo 'vxlan id 4096 local 127.66.0.1 dev eth0 srcport 0 0 dstport 4789'; }
sleep() { command sleep 0.05; }
"""


class Pod(BaseHTTPRequestHandler):
    """What agnhost's netexec answers, as far as the script asks it."""

    largest = 10_000_000
    port = 0
    """Where every pod and every service really listens: a port that this machine had free."""
    names: ClassVar = {
        "probe-linux": "127.66.1.1",
        "probe-linux.casement-verification.svc.cluster.local": "127.66.1.1",
    }

    def handle_one_request(self) -> None:
        self.close_connection = True
        # Longer than the library lets a request line be.
        self.raw_requestline = self.rfile.readline(2_000_000)
        if self.parse_request():
            self.do_GET()

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        asked = parse_qs(url.query)
        if url.path == "/dial":
            text = self._dial(asked)
        elif url.path == "/echo":
            text = asked["msg"][0]
        else:
            text = "here"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())

    def _dial(self, asked: dict[str, list[str]]) -> str:
        host = self.names.get(asked["host"][0], asked["host"][0])
        if not host[0].isdigit():
            return f"host and/or port param are invalid. lookup {host}: no such host"
        request = asked["request"][0]
        if len(request) > self.largest:
            return json.dumps({"errors": [f'Get "http://{host}/{request}": context deadline exceeded']})
        if int(asked["port"][0]) != (80 if host in SERVICES.values() else POD_PORT):
            return json.dumps({"errors": [f"dial tcp {host}:{asked['port'][0]}: connect: connection refused"]})
        with urlopen(f"http://{host}:{self.port}/{request}") as answer:
            return json.dumps({"responses": [answer.read().decode()]}, separators=(",", ":"))

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def pods() -> Iterator[None]:
    first, *others = (*PODS.values(), *SERVICES.values())
    servers = [ThreadingHTTPServer((first, 0), Pod)]
    Pod.port = servers[0].server_port
    servers += [ThreadingHTTPServer((address, Pod.port), Pod) for address in others]
    for server in servers:
        server.request_queue_size = 64
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield
    for server in servers:
        server.shutdown()
        server.server_close()


def verify(folder: Path, traffic_seconds: int = 0, **environment: str) -> tuple[int, list[dict[str, Any]], str]:
    """Run the script; return its exit code, what it printed, and what it said."""
    chosen = settings(
        controlPlane={"name": "cp1", "address": "127.66.0.1"},
        windowsNodes=[{"name": "win1", "managementIp": "127.66.0.2"}],
    )
    (step,) = verification(chosen, plan_network(chosen), ["1"])
    script = (SCRIPTS / step.script).read_text().replace("SECONDS + 60", f"SECONDS + {traffic_seconds}")
    script = script.replace("/etc/kubernetes/admin.conf", str(folder))
    assert script.count(f"SECONDS + {traffic_seconds}") == 1
    program = (
        f"set -euo pipefail\nhere={SCRIPTS}\n. {SCRIPTS}/lib.sh\n{KUBECTL}\n{bash_input(step.parameters)}\n{script}"
    )
    done = subprocess.run(
        ["bash", "-c", program], capture_output=True, text=True, timeout=60, check=False,
        env={"PATH": "/usr/bin:/bin", "WORK": str(folder), "PORT": str(Pod.port), **LIMIT, **environment},
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout or "[]"), done.stderr


def test_every_check_is_made_named_and_timed(pods: None, tmp_path: Path) -> None:
    code, results, said = verify(tmp_path)
    assert code == 0, said
    assert {each["check"] for each in results} == set(CHECKS) - {"linux-to-linux", "windows-to-windows"}
    kinds = by_kind(results)
    assert kinds["windows-to-service"]["results"].keys() == {"win1 to probe-linux"}, "a pod cannot reach itself so"
    assert kinds["linux-to-service"]["results"].keys() == {"cp1 to probe-linux", "cp1 to probe-windows"}
    assert kinds["node-port"]["results"].keys() == {"cp1 from a pod on win1", "win1 from cp1"}
    assert kinds["large-payload"]["results"]["cp1 and win1"]["detail"] == "300000 of 300000 bytes came back"
    assert all(kind["remedy"] and kind["whenItFails"] and kind["proves"] for kind in kinds.values())
    assert all(each["seconds"] >= 0 for each in results)
    (outbound,) = (each for each in results if each["check"] == "outbound")
    assert outbound["ok"] is None
    assert "outboundTarget" in outbound["detail"]
    assert "skipped  outbound" in said, "what was not tried is no success"


def test_a_node_whose_upgrade_did_not_run_is_found_with_what_makes_it_run(pods: None, tmp_path: Path) -> None:
    code, results, said = verify(tmp_path, KUBELET="v1.36.3")
    assert code == 1
    wrong = {each["of"]: each["detail"] for each in results if each["ok"] is False}
    assert wrong == dict.fromkeys(("cp1", "win1"), "wanted kubelet v1.36.4, found v1.36.3")
    assert "NODE-upgrade-activated: again" in said


@pytest.mark.parametrize(
    ("given", "wrong"),
    [("10.244.0.0/24", {"cp1": "not its own alone: 10.244.0.0/24", "win1": "not its own alone: 10.244.0.0/24"}),
     ("", {"win1": "the Node has no podCIDR"})],
)  # fmt: skip
def test_a_range_of_pods_that_is_missing_or_given_out_twice_is_found(
    pods: None, tmp_path: Path, given: str, wrong: dict[str, str]
) -> None:
    code, results, _ = verify(tmp_path, RANGE=given)
    assert code == 1
    failed = [each for each in results if each["ok"] is False]
    assert {each["of"]: each["detail"] for each in failed} == wrong
    assert {each["check"] for each in failed} == {"pod-range"}


def test_the_checks_are_a_table_with_a_line_for_each_kind() -> None:
    outcomes: list[tuple[str, str, bool | None]] = [
        *(("node-ready", name, True) for name in ("cp1", "win1")),
        *(("outbound", name, ok) for name, ok in (("cp1", True), ("win1", False), ("win2", None))),
    ]
    results = [{"check": check, "of": of, "ok": ok, "detail": "", "seconds": 1} for check, of, ok in outcomes]
    head, ready, outbound = checks_table(by_kind(results)).splitlines()
    assert head.split() == ["check", "results", "proves"]
    assert ready.split("  ")[:1] == ["node-ready"]
    assert " 2 ok " in ready
    assert "1 ok, 1 FAILED, 1 skipped" in outbound
    assert outbound.endswith(CHECKS["outbound"].proves)


def test_a_failed_check_is_named_with_its_cause_and_remedy(pods: None, tmp_path: Path) -> None:
    code, results, said = verify(tmp_path, BROKEN_EXEC="1")
    assert code == 1
    assert [(each["check"], each["of"]) for each in results if each["ok"] is False] == [("pod-exec", "win1")]
    assert f"error: 1 of {len(results)} checks failed" in said
    assert CHECKS["pod-exec"].cause in said
    assert f"next: {CHECKS['pod-exec'].remedy}" in said
    assert CHECKS["pod-log"].cause not in said, "only what has failed is explained"
    last = (tmp_path / "namespaces").read_text().splitlines()[-1]
    assert last.startswith("delete namespace casement-verification")
    assert last.endswith("--wait=false"), "nobody has to wait until the cluster has cleared it away"


def test_each_node_gets_one_pod_that_needs_nothing_of_the_cluster(pods: None, tmp_path: Path) -> None:
    verify(tmp_path)
    documents = (tmp_path / "documents").read_text()
    assert documents.count("kind: Pod") == 2
    assert documents.count("automountServiceAccountToken: false") == 2
    assert "nodeName: win1" in documents
    assert "os: {name: windows}" in documents


def test_a_network_that_loses_large_packets_fails_the_large_payload_only(
    pods: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Pod, "largest", 10_000)
    code, results, said = verify(tmp_path)
    assert code == 1
    failed = {each["check"]: each["detail"] for each in results if each["ok"] is False}
    assert set(failed) == {"large-payload"}
    assert "context deadline exceeded" in failed["large-payload"]
    assert CHECKS["large-payload"].remedy in said


def test_a_name_that_is_not_found_fails_the_checks_of_names_only(
    pods: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Pod, "names", {"probe-linux.casement-verification.svc.cluster.local": "127.66.1.1"})
    code, results, _ = verify(tmp_path)
    assert code == 1
    failed = {(each["check"], each["of"]) for each in results if each["ok"] is False}
    assert failed == {("dns-short-name", "cp1"), ("dns-short-name", "win1")}


def test_names_are_asked_for_even_where_no_pod_of_the_dns_is_ready(pods: None, tmp_path: Path) -> None:
    """The cluster may have it elsewhere; whether names are found is for the checks to say."""
    code, results, said = verify(tmp_path, NO_DNS="1")
    assert code == 0, said
    assert "the service kube-dns has no pod that is ready" in said
    asked = {each["check"] for each in results if each["check"].startswith("dns-") and each["ok"]}
    assert asked == {"dns-name", "dns-short-name"}


@pytest.mark.parametrize(("nodes", "pairs", "fewest"), [(2, 2, 1), (12, 132, 11), (13, 68, 4), (300, 1790, 4)])
def test_pairs_of_a_large_cluster_grow_with_its_nodes_and_leave_none_out(nodes: int, pairs: int, fewest: int) -> None:
    program = (
        f". {SCRIPTS}/checks-of-traffic.sh; node_names=({' '.join(f'n{index}' for index in range(nodes))})\n"
        'for a in "${!node_names[@]}"; do for b in "${!node_names[@]}"; do\n'
        '  if is_tried "$a" "$b"; then echo "$a $b"; fi\ndone; done'
    )
    said = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True).stdout.splitlines()
    tried = {(int(a), int(b)) for a, b in map(str.split, said)}
    assert len(tried) == pairs
    assert {(b, a) for a, b in tried} == tried, "both ways"
    assert not any(a == b for a, b in tried)
    assert min(sum(a == node for a, _ in tried) for node in range(nodes)) == fewest


def test_the_page_of_the_smoke_test_names_every_check() -> None:
    page = (SCRIPTS.parents[1] / "docs/smoke-test.md").read_text()
    assert {name for name in CHECKS if f"`{name}`" not in page} == set()


def test_the_command_shows_every_result_and_explains_each_kind_that_failed() -> None:
    of = {"of": "win1", "detail": "why", "seconds": 0.25}
    results = [{"check": "pod-log", "ok": True, **of}, {"check": "outbound", "ok": None, **of}]
    results += [{"check": "pod-exec", "ok": False, **of}] * 2
    lines = list(shown(results))
    assert [line.split()[0] for line in lines[:4]] == ["ok", "skipped", "FAILED", "FAILED"]
    assert lines[4] == f"\npod-exec: {CHECKS['pod-exec'].cause}\n  next: {CHECKS['pod-exec'].remedy}"
    assert lines[5:] == ["\n2 of 4 checks failed."]
