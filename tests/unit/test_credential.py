"""How a node comes by its credential: what is signed, and for whom, by the project's own bash."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.unit.linux_scripts import Site
from tests.unit.powershell_machine import Machine, command
from tests.unit.windows_scripts import make_host

# What the cluster answers; what it is asked to do is kept in a file.
CLUSTER = """
kubectl() {
  [[ $1 == --request-timeout=* ]] && shift
  printf '%s\\n' "$*" >>"$folder/asked"
  case "$*" in
    "apply -f -") cat >"$folder/object" ;;
    *status.certificate*) printf 'the certificate' | base64 ;;
    "config view"*) printf 'the authority' | base64 ;;
  esac
}
. "$here/issue-credential.sh"
"""
KUBEADM = """
kubeadm() {
  while (($#)); do if [[ $1 == --kubeconfig-dir ]]; then to=$2; fi; shift; done
  mkdir "$to/pki"
  touch "$to/pki/apiserver.key" "$to/admin.conf"
  printf 'key %s' "$RANDOM$RANDOM" >"$to/kubelet.conf"
  printf 'request' >"$to/kubelet.conf.csr"
}
. "$here/request-credential.sh"
"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def request_for(folder: Path, subject: str) -> str:
    """Return a certificate request as a node would make it."""
    command = ["openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", subject, "-keyout", "/dev/null"]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder).stdout


def test_what_the_node_asks_for_is_signed_and_no_object_stays(site: Site, tmp_path: Path) -> None:
    request = request_for(tmp_path, "/O=system:nodes/CN=system:node:win1")
    ran = site.run(CLUSTER, node="win1", request=request)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {"certificate": "the certificate", "authority": "the authority"}
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked[0] == "get --raw /readyz"
    name = asked[2].removeprefix("certificate approve ")
    assert name.startswith("casement-win1-")
    assert asked[-1] == f"delete csr {name} --ignore-not-found"
    assert "kube-apiserver-client-kubelet" in (tmp_path / "object").read_text()


@pytest.mark.parametrize(
    "subject",
    [
        "/O=system:nodes/CN=system:node:win2",
        "/O=system:masters/CN=system:node:win1",
        "/O=system:nodes/O=system:masters/CN=system:node:win1",
        "/O=system:nodes/CN=system:node:win1/CN=kubernetes-admin",
    ],
)
def test_nobody_else_is_let_in_whatever_a_node_asks_for(site: Site, tmp_path: Path, subject: str) -> None:
    ran = site.run(CLUSTER, node="win1", request=request_for(tmp_path, subject))
    assert (ran.returncode, "not for system:node:win1" in ran.stderr) == (1, True)
    assert not (tmp_path / "asked").exists()


def test_a_request_that_is_none_is_refused(site: Site, tmp_path: Path) -> None:
    ran = site.run(CLUSTER, node="win1", request="-----BEGIN CERTIFICATE REQUEST-----\nnonsense\n")
    assert (ran.returncode, "not a certificate request" in ran.stderr) == (1, True)
    assert not (tmp_path / "asked").exists()


def test_a_node_keeps_its_key_and_the_request_made_with_it_and_no_other(site: Site, tmp_path: Path) -> None:
    assert site.run(KUBEADM, configuration="x").stdout == "request"
    kept = tmp_path / "state" / "credential"
    assert {path.name for path in kept.iterdir()} == {"kubelet.conf", "kubelet.conf.csr"}
    assert kept.stat().st_mode & 0o777 == 0o700
    key = (kept / "kubelet.conf").read_text()
    site.run(KUBEADM, configuration="x")
    assert (kept / "kubelet.conf").read_text() == key, "what the certificate was issued for is still there"
    (kept / "kubelet.conf").unlink()
    site.run(KUBEADM, configuration="x")
    assert (kept / "kubelet.conf").read_text() != key, "a machine that has not joined needs a key"


def windows_key(machine: Machine, member: bool = False) -> list[str]:
    """Run Request-Credential.ps1 on a Windows host, and return what it prints."""

    def kubeadm(arguments: Sequence[str], _stdin: bytes | None) -> tuple[int, bytes, bytes]:
        folder = machine.path(arguments[arguments.index("--kubeconfig-dir") + 1])
        (folder / "pki").mkdir()
        for name in ("pki/apiserver.key", "admin.conf", "admin.conf.csr", "kubelet.conf"):
            (folder / name).write_text("key")
        (folder / "kubelet.conf.csr").write_text("request\n")
        return 0, b"", b""

    machine.programs[r"C:\k\kubeadm.exe"] = kubeadm
    machine.programs[r"C:\k\kubectl.exe"] = lambda _arguments, _stdin: (0, b"node/win1", b"")
    kubelet = machine.path(r"C:\etc\kubernetes\kubelet.conf")
    kubelet.parent.mkdir(parents=True, exist_ok=True)
    kubelet.unlink(missing_ok=True)
    if member:
        kubelet.write_text("    server: https://10.77.0.11:6443\n")
    given = "-NodeName win1 -ApiEndpoint 10.77.0.11:6443 -Configuration x -JoiningRevision 0"
    ran = command(machine, rf"& C:\k\casement\windows\Request-Credential.ps1 {given}")
    assert ran.code == 0, ran.err
    return ran.lines


def test_a_windows_node_keeps_its_key_and_the_request_made_with_it_and_no_other(tmp_path: Path) -> None:
    machine, _ = make_host(tmp_path)
    assert windows_key(machine) == ["request"]
    kept = machine.path(r"C:\k\casement\credential")
    assert {path.name for path in kept.iterdir()} == {"kubelet.conf", "kubelet.conf.csr"}
    (kept / "kubelet.conf").write_text("the key that the certificate was issued for")
    windows_key(machine)
    assert (kept / "kubelet.conf").read_text() != "key"


def test_a_windows_node_that_has_joined_asks_for_nothing_new(tmp_path: Path) -> None:
    machine, _ = make_host(tmp_path)
    windows_key(machine)
    kept = machine.path(r"C:\k\casement\credential")
    (kept / "kubelet.conf").unlink()
    (kept / "kubelet.conf.csr").write_text("what it asked for once")
    assert windows_key(machine, member=True) == ["what it asked for once"]
    assert not (kept / "kubelet.conf").exists()
    assert windows_key(machine) == ["request"], "one that is no member any more has a key again"


REFUSED = "error: You must be logged in to the server (Unauthorized)"
JOIN = f"""
kubectl() {{ [[ $* != *whoami* ]] || {{ echo '{REFUSED}' >&2; return 1; }}; }}
kubeadm() {{ echo "kubeadm was run" >&2; }}
. "$here/join-node.sh"
"""


def test_a_certificate_that_the_cluster_refuses_is_not_waited_with(site: Site, tmp_path: Path) -> None:
    (tmp_path / "state/credential").mkdir(parents=True)
    (tmp_path / "state/credential/kubelet.conf").write_text("key")
    ran = site.run(JOIN, node_name="lin1", certificate="run out", authority="the authority", configuration="x")
    assert ran.returncode == 1
    assert "pulumi up --replace '**::lin1-credential-issued'" in ran.stderr
    assert "kubeadm was run" not in ran.stderr


def test_a_certificate_that_the_cluster_refuses_is_not_waited_with_on_windows(tmp_path: Path) -> None:
    machine, _ = make_host(tmp_path)
    windows_key(machine)
    asked: list[str] = []

    def kubectl(arguments: Sequence[str], _stdin: bytes | None) -> tuple[int, bytes, bytes]:
        asked.append(arguments[-1])
        return (1, b"", REFUSED.encode()) if arguments[-1] == "whoami" else (0, b"", b"")

    machine.programs[r"C:\k\kubectl.exe"] = kubectl
    given = "-NodeName win1 -ApiEndpoint 10.77.0.11:6443 -JoinConfiguration x -Certificate c -Authority a"
    more = r"-CriEndpoint npipe:////./pipe/x -LogFolder C:\k"
    ran = command(machine, rf"& C:\k\casement\windows\Join-Cluster.ps1 {given} {more}")
    assert (ran.code, asked[-1]) == (1, "whoami")
    assert "pulumi up --replace '**::win1-credential-issued'" in ran.err
