"""Stand-ins for the programs of a Kubernetes node; see stub_programs.py."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

from tests.windows.stub_drive import CONTROL, DONE, Drive, Reply, after, service

POD_CIDR = "10.244.1.0/24"
NETWORK = {
    "Name": "vxlan0", "ID": "b5e4", "Type": "overlay", "Subnets": [{"AddressPrefix": POD_CIDR}],
}  # fmt: skip
_FLANNEL = "flannel.alpha.coreos.com"
ANNOTATIONS = {
    f"{_FLANNEL}/backend-type": "vxlan",
    f"{_FLANNEL}/backend-data": '{"VNI":4096,"VtepMAC":"0e:2a:0a:f4:01:02"}',
    f"{_FLANNEL}/public-ip": "10.77.0.21",
}
"""What flanneld has announced of itself."""
_ANSWERS = {
    "{.spec.podCIDR}": POD_CIDR,
    "{.spec.unschedulable}": "true",
    "{range .items[*]}": "",
    ".lastHeartbeatTime": "v1.36.2;MemoryPressure|False|2026-01-01T00:00:00Z;Ready|True|9999-01-01T00:00:00Z;",
}
"""What the API says of the node, which is drained, by what is asked for."""


def _containerd(drive: Drive, arguments: Sequence[str], _: str) -> Reply:
    if "--version" in arguments:
        return 0, "containerd github.com/containerd/containerd/v2 v2.3.3", ""
    if "--unregister-service" in arguments:
        drive.drop("services", "containerd")
        return DONE
    line = rf'"C:\Program Files\containerd\containerd.exe" --run-service --log-file {after(arguments, "--log-file")}'
    drive.put("services", service("containerd", line))
    return DONE


def _ctr(drive: Drive, arguments: Sequence[str], _: str) -> Reply:
    words = [each for each in arguments if each != "--sync"][2:]
    if words[:2] == ["images", "import"]:
        drive.put("images", {"Name": "registry.example.org/site:1"})
        return 0, "unpacking registry.example.org/site:1", ""
    if words[:2] == ["images", "ls"]:
        return 0, "\n".join(row["Name"] for row in drive.rows("images")), ""
    drive.drop("images", words[2])
    return DONE


def _crictl(drive: Drive, arguments: Sequence[str], _: str) -> Reply:
    runtimes = (drive.row("services", "containerd"), drive.row("tasks", "casement-cri-dockerd"))
    if not any(runtime and runtime["State"] == "Running" for runtime in runtimes):
        return 1, "", "validate service connection: the pipe is not there"
    command, *rest = list(arguments)[6:]
    if command == "images" and rest:
        found = drive.row("images", rest[-1])
        return 0, "sha256:1" if found else "", ""
    if command == "pull":
        drive.put("images", {"Name": rest[-1]})
    if command == "inspecti":
        return 0, '{"info": {"imageSpec": {"os.version": "10.0.20348.1"}}}', ""
    if command == "pods":
        return 0, "\n".join(row["Name"] for row in drive.rows("pods")), ""
    if command == "rmp":
        drive.drop("pods", rest[-1])
    return DONE


def _generate_csr(drive: Drive, arguments: Sequence[str]) -> Reply:
    configuration = drive.path(after(arguments, "--config")).read_text()
    endpoint = re.search(r"controlPlaneEndpoint: (\S+)", configuration)
    assert endpoint is not None
    folder = after(arguments, "--kubeconfig-dir")
    drive.write(rf"{after(arguments, '--cert-dir')}\apiserver.key", "key of an API server")
    for name in ("admin", "kubelet"):
        drive.write(rf"{folder}\{name}.conf", f"key of {name}\n    server: https://{endpoint[1]}\n")
        drive.write(rf"{folder}\{name}.conf.csr", "request of win1\n")
    return DONE


def _kubeadm(drive: Drive, arguments: Sequence[str], _: str) -> Reply:
    if arguments[0] == "certs":
        return _generate_csr(drive, arguments)
    kubelet = drive.row("services", "kubelet")
    assert kubelet is not None
    if arguments[0] == "join":
        configuration = drive.path(after(arguments, "--config")).read_text()
        discovery = re.search(r"kubeConfigPath: (\S+)", configuration)
        assert discovery is not None
        kubeconfig = drive.path("C:" + discovery[1].replace("/", "\\")).read_text()
        assert "certificate of win1" in kubeconfig
        assert "certificate of the cluster" in kubeconfig
        server = re.search(r"server: \S+", kubeconfig)
        assert server is not None
        drive.write(r"C:\etc\kubernetes\kubelet.conf", f"clusters:\n- cluster:\n    {server[0]}\n")
        drive.write(r"C:\etc\kubernetes\pki\ca.crt", "certificate")
        drive.write(r"C:\var\lib\kubelet\config.yaml", "kind: KubeletConfiguration\n")
        drive.put("services", {**kubelet, "State": "Running", "Starts": kubelet["Starts"] + 1})
        # So does kubelet, to be told of a shutdown before the others.
        order = drive.row("registry", f"{CONTROL}|PreshutdownOrder")
        assert order is not None
        drive.put("registry", {**order, "Data": ["kubelet", *order["Data"]]})
        return 0, "This node has joined the cluster", ""
    if arguments[0] == "upgrade":
        assert (drive.path(after(arguments, "--config"))).exists()
        drive.write(r"C:\var\lib\kubelet\config.yaml", "kind: KubeletConfiguration\nupgraded: true\n")
        return 0, "The kubelet configuration for this node was successfully upgraded!", ""
    drive.path(r"C:\etc\kubernetes\kubelet.conf").unlink(missing_ok=True)
    return DONE


def _kubectl(drive: Drive, arguments: Sequence[str], _: str) -> Reply:
    if arguments[0] == "config":
        embedded = [
            arguments[at + 1] for at, each in enumerate(arguments) if each.startswith(("--certificate-", "--client-"))
        ]
        kubeconfig = after(arguments, "--kubeconfig")
        parts = (drive.path(path).read_text() for path in (kubeconfig, *embedded))
        drive.write(kubeconfig, "".join(parts))
        return DONE
    if not drive.path(after(arguments, "--kubeconfig")).exists():
        return 1, "", "error: stat kubelet.conf: no such file or directory"
    if "annotate" in arguments:
        name, _, value = arguments[-1].partition("=")
        drive.put("annotations", {"Name": name, "Value": value})
        return DONE
    if arguments[-1] == "json":
        return 0, json.dumps({"metadata": {"annotations": ANNOTATIONS}}), ""
    return 0, next((answer for asked, answer in _ANSWERS.items() if asked in arguments[-1]), "node/win1"), ""


def _host_local(drive: Drive, _: Sequence[str], stdin: str) -> Reply:
    request = json.loads(stdin[stdin.index("{") :])
    folder = rf"C:\var\lib\cni\networks\{request['name']}"
    drive.write(rf"{folder}\10.244.1.2", "kube-proxy\r\nsource-vip")
    drive.write(rf"{folder}\last_reserved_ip.0", "10.244.1.2")
    return 0, json.dumps({"cniVersion": "1.0.0", "ips": [{"address": "10.244.1.2/24"}]}), ""


def _log_runner(drive: Drive, arguments: Sequence[str], _: str) -> Reply:
    if r"C:\k\cri-dockerd.exe" in arguments:
        drive.put("processes", {"Name": "cri-dockerd", "Id": 778, "Arguments": list(arguments)})
    if r"C:\k\flanneld.exe" in arguments:
        drive.put("processes", {"Name": "flanneld", "Id": 777, "Arguments": list(arguments)})
        if not drive.rows("hnsNetworks"):
            drive.put("hnsNetworks", NETWORK)
    return DONE


def _says(text: str) -> Callable[[Drive, Sequence[str], str], Reply]:
    return lambda _drive, _arguments, _stdin: (0, text, "")


def _dockerd(drive: Drive, arguments: Sequence[str], _: str) -> Reply:
    if "--register-service" in arguments:
        drive.put("services", service("docker", r'"C:\Program Files\docker\dockerd.exe" --run-service'))
    if "--unregister-service" in arguments:
        drive.drop("services", "docker")
    return DONE


def _docker(drive: Drive, arguments: Sequence[str], _: str) -> Reply:
    if arguments[0] == "load":
        drive.put("images", {"Name": "registry.example.org/site:1"})
    if list(arguments[:2]) == ["system", "prune"]:
        for row in drive.rows("images"):
            drive.drop("images", row["Name"])
    return 0, {"version": "29.8.0", "image": "10.0.20348.1"}.get(arguments[0], ""), ""


PROGRAMS = {
    "containerd.exe": _containerd, "ctr.exe": _ctr, "crictl.exe": _crictl, "kubeadm.exe": _kubeadm,
    "kubectl.exe": _kubectl, "host-local.exe": _host_local, "kube-log-runner.exe": _log_runner,
    "kubelet.exe": _says("Kubernetes v1.36.2"), "dockerd.exe": _dockerd, "docker.exe": _docker,
    "cri-dockerd.exe": _says("cri-dockerd 0.4.4"),
}  # fmt: skip
"""By the last part of their paths."""
