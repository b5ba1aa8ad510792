"""Rules about configuration that is handed on to kubeadm, kubelet, kube-proxy and containerd."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from config.problems import Problem, shown
from config.rules_versions import numbers
from config.schema import path
from config.settings import Settings

LOCKED_GATES = ("WinOverlay", "WinDSR")
"""Locked to true since Kubernetes 1.34, then removed: naming them ends kubelet and kube-proxy at once."""
REMOVED_FLAGS: Mapping[str, str] = {
    "allow-privileged": "leave it out: privileged pods are decided by Pod Security",
    "cloud-config": "leave it out: cloud providers run outside of kubelet",
    "cni-bin-dir": "leave it out: containerd reads the CNI folders from its own configuration",
    "cni-conf-dir": "leave it out: containerd reads the CNI folders from its own configuration",
    "container-runtime": "leave it out: criEndpoint says where the container runtime is",
    "image-pull-progress-deadline": "set image_pull_progress_timeout in containerdConfiguration",
    "log-dir": "set logFolder of the Windows node",
    "log-file": "set logFolder of the Windows node",
    "logtostderr": "leave it out: the services write to files in logFolder",
    "network-plugin": "leave it out: containerd alone runs CNI plug-ins",
    "pod-infra-container-image": "set versions.pause or images.pause",
}
"""Flags that kubelet or kube-proxy once had; today it ends with "unknown flag". What to do instead."""
OWNED: Mapping[str, Mapping[str, str]] = {
    "kubeadmConfiguration": {
        "clusterName": "clusterName",
        "controlPlaneEndpoint": "controlPlane.endpoint",
        "imageRepository": "images.kubernetes",
        "kubernetesVersion": "versions.kubernetes",
        "networking.dnsDomain": "clusterDomain",
        "networking.podSubnet": "podCidr",
        "networking.serviceSubnet": "serviceCidr",
    },
    "kubeletConfiguration": {"clusterDNS": "dnsAddress", "clusterDomain": "clusterDomain", "maxPods": "podsPerNode"},
    "windowsKubeletConfiguration": {
        "clusterDNS": "dnsAddress",
        "clusterDomain": "clusterDomain",
        "maxPods": "podsPerNode",
    },
    "kubeProxyConfiguration": {"clusterCIDR": "podCidr", "winkernel.networkName": "networkName"},
    "windowsDockerConfiguration": {"proxies": "proxy"},
}
"""What a key of this project decides on all nodes alike; the same thing said twice could be said differently."""
_DOCKER_PIPE = "npipe:////./pipe/docker_engine"
_OLD_CRI = "io.containerd.grpc.v1.cri"
_BIN_DIR_REMOVED = (2, 4)


def documents(settings: Settings) -> Mapping[str, Mapping[str, Any]]:
    """Return the documents that a site adds to, by their keys."""
    fields = {
        "kubeletConfiguration": "kubelet_configuration",
        "windowsKubeletConfiguration": "windows_kubelet_configuration",
        "kubeadmConfiguration": "kubeadm_configuration",
        "kubeProxyConfiguration": "kube_proxy_configuration",
        "containerdConfiguration": "containerd_configuration",
        "windowsContainerdConfiguration": "windows_containerd_configuration",
        "windowsDockerConfiguration": "windows_docker_configuration",
    }
    return {key: getattr(settings, field, {}) for key, field in fields.items()}


def nothing_that_was_removed(settings: Settings) -> Iterator[Problem]:
    """A removed flag or gate ends the service at its start, long after the preview."""
    for key, document in documents(settings).items():
        for location, name, value in _names(document, (key,)):
            flag = name.lstrip("-")
            if flag in LOCKED_GATES:
                rule = "is locked to true since Kubernetes 1.34: naming it ends kubelet and kube-proxy at their start"
                yield Problem(path(location), shown(value), rule, "leave it out; overlay and DSR are always there")
            elif flag in REMOVED_FLAGS:
                rule = f"Kubernetes has no flag {flag} any more: a program given it ends with `unknown flag`"
                yield Problem(path(location), shown(value), rule, REMOVED_FLAGS[flag])
            elif flag == "feature-gates" and any(gate in str(value) for gate in LOCKED_GATES):
                rule = f"names a gate that is locked since Kubernetes 1.34 ({' or '.join(LOCKED_GATES)})"
                yield Problem(path(location), shown(value), rule, "take the gate out; overlay and DSR are always there")


def _names(value: object, location: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str, object]]:
    """Yield every name that is given a value, as a mapping key or as ``{name: ..., value: ...}``."""
    if isinstance(value, Mapping):
        if isinstance(value.get("name"), str) and "value" in value:
            yield location, value["name"], value["value"]
        for name, item in value.items():
            yield (*location, name), name, item
            yield from _names(item, (*location, name))
    elif isinstance(value, list | tuple):
        for position, item in enumerate(value):
            yield from _names(item, (*location, position))


def nothing_is_decided_twice(settings: Settings) -> Iterator[Problem]:
    """What all nodes must agree on is said once, by a key of this project."""
    for key, document in documents(settings).items():
        for inner, owner in OWNED.get(key, {}).items():
            value = _inside(document, inner.split("."))
            if value is not None:
                rule = f"is decided by {owner}, so that all nodes and programs agree"
                yield Problem(f"{key}.{inner}", shown(value), rule, f"leave it out here and set {owner}")


def containerd_will_read_it(settings: Settings) -> Iterator[Problem]:
    """Containerd passes over what it does not know: the node stays NotReady without a word."""
    for key in ("containerdConfiguration", "windowsContainerdConfiguration"):
        plugins = _inside(documents(settings)[key], ["plugins"])
        if _inside(plugins, [_OLD_CRI]) is not None:
            rule = "is a section of containerd 1.x, which containerd 2 passes over"
            remedy = "write plugins.'io.containerd.cri.v1.runtime' or plugins.'io.containerd.cri.v1.images'"
            yield Problem(f"{key}.plugins.{_OLD_CRI}", "(given)", rule, remedy)
        bin_dir = _inside(plugins, ["io.containerd.cri.v1.runtime", "cni", "bin_dir"])
        if bin_dir is not None and numbers(settings.versions.containerd) >= _BIN_DIR_REMOVED:
            where = f"{key}.plugins.io.containerd.cri.v1.runtime.cni.bin_dir"
            yield Problem(where, shown(bin_dir), "containerd 2.4 has no bin_dir any more", "write bin_dirs, a list")


def docker_will_read_it(settings: Settings) -> Iterator[Problem]:
    """What no node reads would be passed over, and cri-dockerd reads logs of one format only."""
    given = documents(settings)["windowsDockerConfiguration"]
    if not given:
        return
    if not any(node.runtime == "docker" for node in settings.windows_nodes):
        rule = "reaches no node: none has runtime docker"
        yield Problem("windowsDockerConfiguration", shown(given), rule, "leave it out, or set runtime of a node")
    driver = given.get("log-driver", "json-file")
    if driver != "json-file":
        rule = "must be json-file: cri-dockerd reads no other, and pods would have no logs"
        yield Problem("windowsDockerConfiguration.log-driver", shown(driver), rule, "leave it out")
    hosts = given.get("hosts", [_DOCKER_PIPE])
    if not isinstance(hosts, list) or _DOCKER_PIPE not in hosts:
        rule = "must hold Docker's own named pipe, which cri-dockerd and our scripts ask"
        yield Problem("windowsDockerConfiguration.hosts", shown(hosts), rule, f"add {_DOCKER_PIPE}")


def _inside(document: object, names: list[str]) -> object:
    for name in names:
        if not isinstance(document, Mapping):
            return None
        document = document.get(name)
    return document
