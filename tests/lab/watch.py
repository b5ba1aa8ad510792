"""A witness of a cluster: what its API said of nodes and pods, twice a second, while something was done to it."""

from __future__ import annotations

import base64
import json
import ssl
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_EVERY_SECONDS = 0.4


@dataclass(frozen=True)
class Seen:
    """One node at one moment."""

    version: str
    ready: bool
    schedulable: bool
    pods: frozenset[str]
    """Pods that a drain sends away: those that run, and are of no DaemonSet and no static file."""

    @property
    def in_service(self) -> bool:
        """Whether the node runs pods and takes more."""
        return self.ready and self.schedulable


@dataclass
class Watch:
    """Everything seen, in its order; moments in which the API did not answer are left out."""

    moments: list[dict[str, Seen]] = field(default_factory=list)

    def most_out_of_service(self, names: set[str]) -> int:
        """Return the largest number of these nodes that were out of service at one moment."""
        return max(sum(not each[name].in_service for name in names) for each in self.moments)

    def first_with(self, name: str, version: str) -> Seen:
        """Return the first sight of a node with this kubelet, which must be there."""
        return next(each[name] for each in self.moments if each[name].version == version)

    def versions(self, name: str) -> list[str]:
        """Return the versions of a node's kubelet in their order, each once."""
        return list(dict.fromkeys(each[name].version for each in self.moments))


class _Api:
    def __init__(self, kubeconfig: str, folder: Path) -> None:
        document = yaml.safe_load(kubeconfig)
        user, cluster = document["users"][0]["user"], document["clusters"][0]["cluster"]
        files = {}
        for name in ("client-certificate-data", "client-key-data"):
            files[name] = folder / name
            files[name].touch(mode=0o600)
            files[name].write_bytes(base64.b64decode(user[name]))
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        self._context = ssl.create_default_context(cadata=authority)
        self._context.load_cert_chain(files["client-certificate-data"], files["client-key-data"])
        self._server = cluster["server"]

    def items(self, kind: str) -> list[Any]:
        with urllib.request.urlopen(f"{self._server}/api/v1/{kind}", context=self._context, timeout=3) as answer:  # noqa: S310
            found: list[Any] = json.load(answer)["items"]
            return found


def _seen(api: _Api) -> dict[str, Seen]:
    pods: dict[str, set[str]] = {}
    for pod in api.items("pods"):
        owners = {owner["kind"] for owner in pod["metadata"].get("ownerReferences", [])}
        running = pod["status"].get("phase") not in ("Succeeded", "Failed")
        name = pod["metadata"]["name"]
        if running and not owners & {"DaemonSet", "Node"} and not name.startswith("casement-upgrade-"):
            pods.setdefault(pod["spec"].get("nodeName", ""), set()).add(name)
    found = {}
    for node in api.items("nodes"):
        conditions = {each["type"]: each["status"] for each in node["status"]["conditions"]}
        name = node["metadata"]["name"]
        found[name] = Seen(
            version=node["status"]["nodeInfo"]["kubeletVersion"],
            ready=conditions.get("Ready") == "True",
            schedulable=not node["spec"].get("unschedulable", False),
            pods=frozenset(pods.get(name, ())),
        )
    return found


@contextmanager
def watched(kubeconfig: str, folder: Path) -> Iterator[Watch]:
    """Look at the cluster as long as the block runs; ``folder`` holds the credential meanwhile."""
    api, watch, ended = _Api(kubeconfig, folder), Watch(), threading.Event()

    def look() -> None:
        while not ended.wait(_EVERY_SECONDS):
            try:
                watch.moments.append(_seen(api))
            except OSError:
                continue  # the API server is away while it is upgraded itself

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield watch
    finally:
        ended.set()
        thread.join()
