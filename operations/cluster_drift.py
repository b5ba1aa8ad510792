"""What the cluster's own objects say, held against what the program makes of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from config.settings import ControlPlaneNode, LinuxNode, Settings, WindowsNode
from operations.findings import Finding
from operations.kube import Api, quoted
from plan.flannel import CONFIG_MAP, LINUX_ONLY
from plan.network import FlannelPlan, NetworkPlan
from plan.windows_documents import TAINT

CLUSTER = "cluster"
_REFRESH = "`pulumi up --refresh` puts it back"
_FLANNEL = "flannel.alpha.coreos.com/"
_RESTART = "start flannel on {} again: delete its pod"
_MISSING = "absent"
_OS_LABEL = "kubernetes.io/os"
_BINDINGS = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"


def cluster_findings(api: Api, settings: Settings, network: NetworkPlan) -> Iterator[Finding]:
    """Yield what is other in the cluster than the program makes it. Raises operations.kube.ApiError."""
    nodes = {item["metadata"]["name"]: item for item in api.items("/api/v1/nodes")}
    daemon_sets = api.items("/apis/apps/v1/daemonsets")
    for node in settings.nodes:
        if node.gone:
            continue
        found = nodes.get(node.name)
        if found is None:
            yield Finding(CLUSTER, "node", node.name, "registered", _MISSING, f"{node.name}-registered")
        else:
            yield from _node(node, found, settings)
    if network.flannel:
        yield from _flannel(api, network.flannel, daemon_sets)
    for mark in network.marks:
        yield from _marked(f"{mark.namespace}/{mark.name}", mark.node_selector, daemon_sets)
    bindings = {
        item["metadata"]["name"] for item in api.items("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings")
    }
    for windows in settings.windows_nodes:
        name = f"casement-networking-{windows.name}"
        if name not in bindings:
            yield Finding(CLUSTER, "clusterrolebinding", name, "present", _MISSING, remedy=_REFRESH)
    if settings.windows_nodes:
        yield from stray_daemon_sets(daemon_sets)


def _node(node: LinuxNode | WindowsNode, found: Mapping[str, Any], settings: Settings) -> Iterator[Finding]:
    labels = found["metadata"].get("labels", {})
    # The control plane's own Node has no such step: kubelet writes its label when it starts.
    repair = None if isinstance(node, ControlPlaneNode) else f"{node.name}-ready"
    if labels.get(_OS_LABEL) != node.os:
        remedy = "" if repair else f"restart kubelet on {node.name}"
        yield Finding(node.name, "label", _OS_LABEL, node.os, labels.get(_OS_LABEL, _MISSING), repair, remedy)
    taints = [{key: each.get(key) for key in TAINT} for each in found["spec"].get("taints", [])]
    if isinstance(node, WindowsNode) and TAINT not in taints:
        yield Finding(
            node.name, "taint", TAINT["key"], _taint(TAINT), " ".join(map(_taint, taints)) or _MISSING, repair
        )
    annotations = found["metadata"].get("annotations", {})
    for name, wanted, announced in _announced(annotations, found, settings):
        if wanted != announced:
            again = _announcing(node)
            remedy = "" if again else _RESTART.format(node.name)
            yield Finding(node.name, "annotation", _FLANNEL + name, wanted, announced, again, remedy)


def _announcing(node: LinuxNode | WindowsNode) -> str | None:
    """Return the resource whose step lets flannel announce the node again; the control plane's own has none."""
    if isinstance(node, ControlPlaneNode):
        return None
    return f"{node.name}-{'flannel-started' if isinstance(node, WindowsNode) else 'ready'}"


def _announced(
    annotations: Mapping[str, str], node: Mapping[str, Any], settings: Settings
) -> Iterator[tuple[str, str, str]]:
    """Yield each of flannel's annotations as name, what it should be, what it is."""
    yield "backend-type", "vxlan", annotations.get(f"{_FLANNEL}backend-type", _MISSING)
    data = annotations.get(f"{_FLANNEL}backend-data", "")
    try:
        backend: dict[str, Any] = json.loads(data)
    except ValueError:
        backend = {}
    # The address of the VTEP is its own; that there is one is all that can be asked.
    mac = str(backend.get("VtepMAC") or "(an address)")
    yield "backend-data", json.dumps({"VNI": settings.vni, "VtepMAC": mac}), _backend(data, backend)
    addresses = [each["address"] for each in node["status"].get("addresses", []) if each["type"] == "InternalIP"]
    yield "public-ip", addresses[0] if addresses else _MISSING, annotations.get(f"{_FLANNEL}public-ip", _MISSING)


def _backend(data: str, backend: Mapping[str, Any]) -> str:
    if not backend:
        return data or _MISSING
    return json.dumps({"VNI": backend.get("VNI"), "VtepMAC": str(backend.get("VtepMAC") or _MISSING)})


def _taint(taint: Mapping[str, Any]) -> str:
    return f"{taint['key']}={taint['value'] or ''}:{taint['effect']}"


def _flannel(api: Api, plan: FlannelPlan, daemon_sets: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    maps = api.items(f"/api/v1/namespaces/{quoted(plan.namespace)}/configmaps")
    data: Mapping[str, str] = next(
        (item.get("data", {}) for item in maps if item["metadata"]["name"] == CONFIG_MAP), {}
    )
    for file, wanted in plan.config_data.items():
        found = data.get(file, _MISSING)
        if found != wanted:
            yield Finding(CLUSTER, "configmap", f"{plan.namespace}/{CONFIG_MAP} {file}", wanted, found, remedy=_REFRESH)
    name = f"{plan.namespace}/{plan.daemon_set}"
    spec = _spec(name, daemon_sets)
    if spec is None:
        yield Finding(CLUSTER, "daemonset", name, "present", _MISSING, remedy=_REFRESH)
        return
    for place, wanted, found in _differences(plan.spec, spec, "spec"):
        yield Finding(CLUSTER, "daemonset", f"{name} {place}", wanted, found, remedy=_REFRESH)


def _marked(name: str, selector: Mapping[str, str], daemon_sets: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    spec = _spec(name, daemon_sets) or {}
    found = spec.get("template", {}).get("spec", {}).get("nodeSelector", {})
    if any(found.get(key) != value for key, value in selector.items()):
        wanted = json.dumps(dict(selector))
        yield Finding(CLUSTER, "daemonset", f"{name} nodeSelector", wanted, json.dumps(found), remedy=_REFRESH)


def _spec(name: str, daemon_sets: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    return next((item["spec"] for item in daemon_sets if _name(item) == name), None)


def _name(item: Mapping[str, Any]) -> str:
    return f"{item['metadata']['namespace']}/{item['metadata']['name']}"


def _differences(wanted: object, found: object, place: str) -> Iterator[tuple[str, str, str]]:
    """Yield place, wanted and found of what we set and is other; what the API server adds is its own business."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        for key, value in wanted.items():
            yield from _differences(value, found.get(key), f"{place}.{key}")
    elif isinstance(wanted, Sequence) and not isinstance(wanted, str) and isinstance(found, list):
        if len(wanted) != len(found):
            yield place, json.dumps(wanted, indent=1), json.dumps(found, indent=1)
            return
        for position, (one, other) in enumerate(zip(wanted, found, strict=True)):
            yield from _differences(one, other, f"{place}[{position}]")
    elif wanted != found and not (wanted is False and found is None):
        yield place, json.dumps(wanted), _MISSING if found is None else json.dumps(found)


def stray_daemon_sets(daemon_sets: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
    """Yield every DaemonSet that says nothing about the operating system and would run on Windows nodes.

    Those whose pods do not tolerate the taint of our Windows nodes stay away from them.
    """
    for item in daemon_sets:
        pod = item["spec"]["template"]["spec"]
        if pod.get("os", {}).get("name") or _OS_LABEL in pod.get("nodeSelector", {}) or _has_os_affinity(pod):
            continue
        if not any(_tolerates(each) for each in pod.get("tolerations", [])):
            continue
        namespace, _, name = _name(item).partition("/")
        patch = json.dumps({"spec": {"template": {"spec": {"nodeSelector": LINUX_ONLY}}}})
        remedy = f"kubectl -n {namespace} patch daemonset {name} -p '{patch}'"
        wanted = f"a node selector {_OS_LABEL}: linux or windows"
        found = "none, and a toleration that lets it onto Windows nodes"
        yield Finding(CLUSTER, "daemonset", _name(item), wanted, found, remedy=remedy)


def _tolerates(toleration: Mapping[str, Any]) -> bool:
    if toleration.get("effect") not in (None, "", TAINT["effect"]):
        return False
    if toleration.get("operator") == "Exists":
        return toleration.get("key") in (None, "", TAINT["key"])
    return bool(toleration.get("key") == TAINT["key"] and toleration.get("value") == TAINT["value"])


def _has_os_affinity(pod: Mapping[str, Any]) -> bool:
    required = pod.get("affinity", {}).get("nodeAffinity", {}).get("requiredDuringSchedulingIgnoredDuringExecution", {})
    terms = required.get("nodeSelectorTerms", [])
    return bool(terms) and all(
        any(each.get("key") == _OS_LABEL for each in term.get("matchExpressions", [])) for term in terms
    )
