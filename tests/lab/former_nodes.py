"""The former nodes' side of the cluster: Nodes whose kubelet, as long as its service runs, reports and ends pods."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CalledProcessError

from lab.windows.former import powershell
from tests.lab.site import Site, kubectl, windows_host

_READY = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "as long as its service runs"}
_CAPACITY = {"cpu": "4", "memory": "8Gi", "pods": "110"}


@dataclass
class FormerKubelet:
    """What a kubelet of the guide does for the cluster, from a thread; it ends when its service is gone."""

    site: Site
    host: str
    node: str
    _kubeconfig: Path = Path()
    ended_pods: dict[str, datetime] = field(default_factory=dict)
    """When each pod was ended in order, by a kubelet that was still there, by the pod's name."""

    def register(self) -> None:
        """Make the Node, and begin to work."""
        labels = {"kubernetes.io/os": "windows", "kubernetes.io/hostname": self.node}
        annotations = {"flannel.alpha.coreos.com/public-ip": str(windows_host(self.host).address)}
        metadata = {"name": self.node, "labels": labels, "annotations": annotations}
        document = {"apiVersion": "v1", "kind": "Node", "metadata": metadata}
        self._kubeconfig = self.site.write_kubeconfig(f"kubeconfig-{self.node}")
        self.site.apply(document)
        self._report()
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while "kubelet" in powershell(windows_host(self.host), "Get-Service | ForEach-Object { $_.Name }").split():
            # The Node goes, and with it what is reported of it, while this is still looking.
            with suppress(CalledProcessError):
                self._report()
                self._end_pods()
            time.sleep(2)

    def _report(self) -> None:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        condition = _READY | {"lastHeartbeatTime": now, "lastTransitionTime": now}
        status = {"capacity": _CAPACITY, "allocatable": _CAPACITY, "conditions": [condition]}
        patch = json.dumps({"status": status})
        kubectl(
            self._kubeconfig, "patch", "node", self.node, "--subresource=status", "--type=merge", f"--patch={patch}"
        )

    def _end_pods(self) -> None:
        chosen = f"--field-selector=spec.nodeName={self.node}"
        pods = json.loads(kubectl(self._kubeconfig, "get", "pods", "-A", chosen, "-o", "json"))["items"]
        for pod in pods:
            name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
            if "deletionTimestamp" in pod["metadata"]:
                self.ended_pods[name] = datetime.now(UTC)
                kubectl(self._kubeconfig, "delete", "pod", "-n", namespace, name, "--force", "--grace-period=0")


def workload(replicas: int, image: str) -> dict[str, object]:
    """Return a Deployment of pods for Windows nodes, one on each."""
    labels = {"app": "workload"}
    spread = {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": labels}}
    pod = {
        "nodeSelector": {"kubernetes.io/os": "windows"},
        "tolerations": [{"key": "os", "value": "windows", "effect": "NoSchedule"}],
        "affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [spread]}},
        "containers": [{"name": "workload", "image": image, "args": ["pause"]}],
    }
    template = {"metadata": {"labels": labels}, "spec": pod}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "workload"}, "spec": spec}


def pods_of(site: Site, nodes: Sequence[str], phase: str = "") -> set[str]:
    """Return the names of the workload's pods that are bound to these nodes, of one phase or any."""
    items = json.loads(site.kubectl("get", "pods", "-l", "app=workload", "-o", "json"))["items"]
    return {
        item["metadata"]["name"]
        for item in items
        if item["spec"].get("nodeName") in nodes and item["status"]["phase"] == (phase or item["status"]["phase"])
    }
