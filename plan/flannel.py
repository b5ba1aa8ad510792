"""flannel's documents: one net-conf for both operating systems, and what runs it on Linux nodes.

The shape is that of flannel's own ``Documentation/kube-flannel.yml``; the network is named and numbered so that
Windows can be part of it (``Documentation/backends.md``: on Windows the VNI is at least 4096 and the port 4789).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from config.settings import Settings

from plan.documents import Document, short_digest

NAMESPACE = "kube-flannel"
DAEMON_SET = "kube-flannel-ds"
CNI_VERSION = "0.3.1"
"""The one that flannel's own manifest asks for; every release of its plug-in has it."""
LINUX_ONLY = {"kubernetes.io/os": "linux"}
CONFIG_MAP = "kube-flannel-cfg"
_REVISION = "casement/configuration"
_LABELS = {"app": "flannel", "tier": "node", "k8s-app": "flannel"}


def net_conf(settings: Settings) -> Document:
    """Return the network configuration that every flanneld reads.

    ``Name`` is read on Windows only, where it names the HNS network; ``MTU`` on Linux only.
    """
    backend: Document = {
        "Type": "vxlan",
        "VNI": settings.vni,
        "Port": settings.vxlan_port,
        "Name": settings.network_name,
    }
    if settings.mtu is not None:
        backend["MTU"] = settings.mtu
    return {"Network": str(settings.pod_cidr), "EnableNFTables": False, "Backend": backend}


def cni_conf(settings: Settings) -> Document:
    """Return the CNI network list of Linux nodes."""
    return {
        "name": settings.network_name,
        "cniVersion": CNI_VERSION,
        "plugins": [
            {"type": "flannel", "delegate": {"hairpinMode": True, "isDefaultGateway": True}},
            {"type": "portmap", "capabilities": {"portMappings": True}},
        ],
    }


def config_data(settings: Settings) -> dict[str, str]:
    """Return the data of flannel's ConfigMap."""
    return {
        "cni-conf.json": json.dumps(cni_conf(settings), indent=2),
        "net-conf.json": json.dumps(net_conf(settings), indent=2),
    }


def cluster_role_rules() -> list[Document]:
    """Return what flanneld may do: know all nodes, and annotate them with where they are."""
    return [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]},
        {"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "list", "watch"]},
        {"apiGroups": [""], "resources": ["nodes/status"], "verbs": ["patch"]},
    ]


def daemon_set_spec(settings: Settings) -> Document:
    """Return the DaemonSet that runs flanneld on every Linux node, and on no other."""
    flannel = f"{settings.images.flannel}:v{settings.versions.flannel}"
    plugin = f"{settings.images.flannel_cni_plugin}:v{settings.versions.flannel_cni_plugin}"
    return {
        "selector": {"matchLabels": {"app": "flannel"}},
        "template": {
            # A changed ConfigMap alone starts nothing anew.
            "metadata": {"labels": _LABELS, "annotations": {_REVISION: _revision(config_data(settings))}},
            "spec": {
                "nodeSelector": LINUX_ONLY,
                "hostNetwork": True,
                "priorityClassName": "system-node-critical",
                "tolerations": [{"operator": "Exists", "effect": "NoSchedule"}],
                "serviceAccountName": "flannel",
                "initContainers": [
                    _copier("install-cni-plugin", plugin, "/flannel", "/opt/cni/bin/flannel", "cni-plugin"),
                    _copier(
                        "install-cni",
                        flannel,
                        "/etc/kube-flannel/cni-conf.json",
                        "/etc/cni/net.d/10-flannel.conflist",
                        "cni",
                        "flannel-cfg",
                    ),
                ],
                "containers": [_flanneld(flannel, settings.api_endpoint)],
                "volumes": _VOLUMES,
            },
        },
    }


def _revision(data: Mapping[str, str]) -> str:
    return short_digest(json.dumps(data, sort_keys=True).encode())


_MOUNTS = {
    "run": "/run/flannel",
    "cni-plugin": "/opt/cni/bin",
    "cni": "/etc/cni/net.d",
    "flannel-cfg": "/etc/kube-flannel/",
    "xtables-lock": "/run/xtables.lock",
}
_VOLUMES: list[dict[str, Any]] = [
    {"name": "run", "hostPath": {"path": "/run/flannel", "type": "DirectoryOrCreate"}},
    {"name": "cni-plugin", "hostPath": {"path": "/opt/cni/bin", "type": "DirectoryOrCreate"}},
    {"name": "cni", "hostPath": {"path": "/etc/cni/net.d", "type": "DirectoryOrCreate"}},
    {"name": "flannel-cfg", "configMap": {"name": CONFIG_MAP}},
    {"name": "xtables-lock", "hostPath": {"path": "/run/xtables.lock", "type": "FileOrCreate"}},
]


def _mounts(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "mountPath": _MOUNTS[name]} for name in names]


def _copier(name: str, image: str, source: str, target: str, *volumes: str) -> Document:
    return {"name": name, "image": image, "command": ["cp", "-f", source, target], "volumeMounts": _mounts(*volumes)}


def _flanneld(image: str, api_endpoint: str) -> Document:
    host, _, port = api_endpoint.rpartition(":")
    # Not by the service's address, as a pod would: that is kube-proxy's work, which starts at the same time on a new
    # node. Where flanneld is the first, it asks in vain for half a minute, and then starts again.
    values = {"EVENT_QUEUE_DEPTH": "5000", "KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}
    pod_fields = {
        "POD_NAME": "metadata.name",
        "POD_NAMESPACE": "metadata.namespace",
        "NODE_ADDRESS": "status.hostIP",
    }
    return {
        "name": "kube-flannel",
        "image": image,
        "command": ["/opt/bin/flanneld"],
        # Of several interfaces the one with the address that the node is known by.
        "args": ["--ip-masq", "--kube-subnet-mgr", "--iface=$(NODE_ADDRESS)"],
        "resources": {"requests": {"cpu": "100m", "memory": "50Mi"}},
        "securityContext": {"privileged": False, "capabilities": {"add": ["NET_ADMIN", "NET_RAW"]}},
        "env": [{"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}} for name, path in pod_fields.items()]
        + [{"name": name, "value": value} for name, value in values.items()],
        "volumeMounts": _mounts("run", "flannel-cfg", "xtables-lock"),
    }
