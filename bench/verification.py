"""The proof that every contestant's cluster has to pass after every run: the same for all, outside of what is timed."""

from __future__ import annotations

import json
import subprocess
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench.contestants import DOWNLOADS_AT_ONCE, Wanted
from lab.linux_host import LinuxHost
from plan.documents import Document, to_yaml
from tests.lab.site import kubectl

VNI = 4096
PORT = 4789
_NAMESPACE = "bench"
_SECONDS = 180
_PROGRAMS = {
    "kubelet": "/usr/local/bin/kubelet",
    "kubeadm": "/usr/local/bin/kubeadm",
    "kubectl": "/usr/local/bin/kubectl",
    "runc": "/usr/local/sbin/runc",
}
_FLANNEL = "flannel.alpha.coreos.com"


class NotProvenError(Exception):
    """The cluster is not what was asked for; the text says in what."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What the cluster of one contestant must be like."""

    hosts: Mapping[str, LinuxHost]
    kubeconfig: Path
    digests: Mapping[str, str]
    """SHA-256 of the programs that are downloaded as they are, by name."""
    image: str
    """agnhost, whose pods answer and ask."""

    def prove(self, wanted: Wanted) -> None:
        """Return when the cluster is so. Raises NotProvenError after three minutes with all that is not."""
        hosts = {name: self.hosts[name] for name in ("cp1", *wanted.workers)}
        self.kubeconfig.touch(mode=0o600)
        self.kubeconfig.write_text(hosts["cp1"].run("cat /etc/kubernetes/admin.conf"))
        _until(lambda: self._wrong_nodes(hosts))
        _until(lambda: (line for host in hosts.values() for line in self._wrong_host(host, wanted)))
        try:
            self._kubectl("create", "--filename", "-", text=_pods(hosts, self.image))
            _until(lambda: self._wrong_traffic(hosts))
        finally:
            self._kubectl("delete", "namespace", _NAMESPACE, "--ignore-not-found", "--timeout=120s")

    def _kubectl(self, *arguments: str, text: str | None = None) -> str:
        try:
            return kubectl(self.kubeconfig, *arguments, text=text)
        except subprocess.CalledProcessError as error:
            raise NotProvenError(f"kubectl {' '.join(arguments)}: {error.stderr.strip()}") from None

    def _items(self, *arguments: str) -> dict[str, dict[str, Any]]:
        items = json.loads(self._kubectl("get", *arguments, "--output=json", "--request-timeout=20s"))["items"]
        return {item["metadata"]["name"]: item for item in items}

    def _wrong_nodes(self, hosts: Mapping[str, LinuxHost]) -> Iterator[str]:
        found = self._items("nodes")
        if found.keys() != hosts.keys():
            yield f"nodes are {sorted(found)}, not {sorted(hosts)}"
            return
        for name, node in found.items():
            ready = {each["type"]: each["status"] for each in node["status"]["conditions"]}.get("Ready")
            if ready != "True" or node["spec"].get("unschedulable"):
                yield f"{name} is not Ready, or takes no pods"
            notes = node["metadata"].get("annotations", {})
            data = json.loads(notes.get(f"{_FLANNEL}/backend-data", "{}"))
            at = notes.get(f"{_FLANNEL}/public-ip")
            if (data.get("VNI"), at) != (VNI, str(hosts[name].address)):
                yield f"flannel on {name} says VNI {data.get('VNI')} at {at}"

    def _wrong_host(self, host: LinuxHost, wanted: Wanted) -> Iterator[str]:
        device = host.run(f"ip -d link show flannel.{VNI} | tr -s ' '", check=False)
        if f"vxlan id {VNI} " not in device or f"dstport {PORT}" not in device:
            yield f"{host.name} has no VXLAN {VNI} on port {PORT}"
        lines = host.run(f"sha256sum {' '.join(_PROGRAMS.values())}", check=False).splitlines()
        found = {path: digest for digest, path in (line.split(maxsplit=1) for line in lines)}
        for name, path in _PROGRAMS.items():
            if found.get(path) != self.digests[name]:
                yield f"{path} on {host.name} is not the file that was pinned"
        images = tomllib.loads(host.run("cat /etc/containerd/config.toml"))["plugins"]["io.containerd.cri.v1.images"]
        if images.get(DOWNLOADS_AT_ONCE) != wanted.downloads_at_once:
            yield f"{DOWNLOADS_AT_ONCE} on {host.name} is {images.get(DOWNLOADS_AT_ONCE)}"
        written, started = host.run(
            "stat -c %Y /etc/containerd/config.toml;"
            ' date -d "$(systemctl show --property ActiveEnterTimestamp --value containerd.service)" +%s'
        ).split()
        if int(started) < int(written):
            yield f"containerd on {host.name} has not been started since its configuration was written"

    def _wrong_traffic(self, hosts: Mapping[str, LinuxHost]) -> Iterator[str]:
        pods, services = self._items("pods", "--namespace", _NAMESPACE), self._items("services", "-n", _NAMESPACE)
        waiting = [name for name, pod in pods.items() if pod["status"]["phase"] != "Running"]
        if waiting or len(pods) != len(hosts):
            yield f"pods do not run: {waiting}"
            return
        for asking in pods:
            for asked in pods.keys() - {asking}:
                address, service = pods[asked]["status"]["podIP"], services[asked]["spec"]["clusterIP"]
                name = f"{asked}.{_NAMESPACE}.svc.cluster.local"
                for host, port in ((address, 8080), (service, 80), (name, 80)):
                    answer = self._dial(asking, host, port)
                    if answer != [asked]:
                        yield f"{asking} asked {host}:{port} and heard {answer}"

    def _dial(self, asking: str, host: str, port: int) -> object:
        """Have a pod ask another address which pod answers there; return the answers."""
        query = f"host={quote(host)}&port={port}&protocol=http&request=hostname&tries=1"
        path = f"/api/v1/namespaces/{_NAMESPACE}/pods/{asking}:8080/proxy/dial?{query}"
        answer = json.loads(self._kubectl("get", "--raw", path, "--request-timeout=20s"))
        return answer.get("responses") or answer


def _until(wrong: Callable[[], Iterable[str]]) -> None:
    """Return when nothing is wrong any more. Raises NotProvenError with what is after three minutes."""
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            lines = list(wrong())
        except NotProvenError as error:
            lines = [str(error)]
        if not lines:
            return
        if time.monotonic() > deadline:
            raise NotProvenError("; ".join(lines))
        time.sleep(0.5)


def _pods(hosts: Mapping[str, LinuxHost], image: str) -> str:
    """Return a namespace with a pod on each node, and a service of its own for each."""
    documents: list[Document] = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": _NAMESPACE}}]
    # No pod is taken before its account is there, which the controller manager makes in its own time.
    account = {"name": "probe", "namespace": _NAMESPACE}
    documents.append({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account})
    for node in hosts:
        labels = {"probe": node}
        metadata = {"name": f"probe-{node}", "namespace": _NAMESPACE, "labels": labels}
        container = {
            "name": "probe",
            "image": image,
            "imagePullPolicy": "IfNotPresent",
            "args": ["netexec", "--http-port=8080", "--udp-port=-1"],
        }
        pod = {
            "nodeName": node,
            "serviceAccountName": "probe",
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 0,
            "tolerations": [{"operator": "Exists"}],
            "containers": [container],
        }
        service = {"selector": labels, "ports": [{"port": 80, "targetPort": 8080}]}
        documents.append({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod})
        documents.append({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": service})
    return to_yaml(*documents)
