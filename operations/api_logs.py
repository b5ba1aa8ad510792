"""What the API server tells: of the cluster, and of a node whose SSH is dead, by kubelet's own log query."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from operations.kube import Api, ApiError, quoted

_SERVICES = ("kubelet", "containerd", "kube-proxy", "flanneld", "docker")
_LINK = re.compile(r'<a href="([^"/?]+\.log)">')
_LISTS = {
    "nodes": "/api/v1/nodes",
    "pods": "/api/v1/pods",
    "events": "/api/v1/events?limit=2000",
    "services": "/api/v1/services",
    "daemonsets": "/apis/apps/v1/daemonsets",
    "deployments": "/apis/apps/v1/deployments",
    "leases": "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases",
    "certificate-requests": "/apis/certificates.k8s.io/v1/certificatesigningrequests",
    "flannel-config": "/api/v1/namespaces/kube-flannel/configmaps",
}
_FLANNEL = "/api/v1/namespaces/kube-flannel/pods"


def gather_cluster(api: Api, folder: Path) -> list[str]:
    """Write what the cluster says of itself into a folder; return what could not be had.

    No Secret is ever asked for. Raises ApiError when the API server does not answer at all.
    """
    api.read("/version")
    notes: list[str] = []
    folder.mkdir(parents=True)
    for name, path in _LISTS.items():
        with _noted(notes, name):
            found = [_without_managers(item) for item in api.items(path)]
            (folder / f"{name}.json").write_text(json.dumps(found, indent=1))
    with _noted(notes, "logs of flannel"):
        for pod in api.items(_FLANNEL):
            name = pod["metadata"]["name"]
            path = f"{_FLANNEL}/{quoted(name)}/log?container=kube-flannel&tailLines=5000"
            with _noted(notes, f"log of {name}"):
                (folder / f"{name}.log").write_bytes(api.read(path))
    return notes


def gather_node(api: Api, node: str, folder: Path) -> list[str]:
    r"""Write what kubelet on a node hands out of its logs into a folder; return what could not be had.

    kubelet reads the system's log, and files in /var/log (``C:\var\log``) and nowhere else. Raises ApiError when it
    hands out nothing at all.
    """
    logs = f"/api/v1/nodes/{quoted(node)}/proxy/logs/"
    notes: list[str] = []
    folder.mkdir(parents=True)
    listed: list[str] = []
    with _noted(notes, "list of /var/log"):
        listed = _LINK.findall(api.read(logs).decode(errors="replace"))
    for service in _SERVICES:
        with _noted(notes, f"log of {service}"):
            (folder / f"{service}.query.txt").write_bytes(api.read(f"{logs}?query={service}&tailLines=20000"))
    for file in listed:
        with _noted(notes, f"/var/log/{file}"):
            (folder / file).write_bytes(api.read(logs + quoted(file)))
    if not any(folder.iterdir()):
        folder.rmdir()
        raise ApiError(notes[0])
    return notes


@contextmanager
def _noted(notes: list[str], what: str) -> Iterator[None]:
    """Note what the API server refuses in this block, and go on after it."""
    try:
        yield
    except ApiError as error:
        notes.append(f"{what}: {error}")


def _without_managers(item: dict[str, Any]) -> dict[str, Any]:
    item.get("metadata", {}).pop("managedFields", None)
    return item
