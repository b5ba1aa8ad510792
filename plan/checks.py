"""What each check of the smoke test proves, and what it means when it fails; ``scripts/linux/checks-*`` make them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from plan.columns import aligned


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of check; it has a result for each node, or pair of nodes, that it is about."""

    proves: str
    """What is so when it succeeds."""
    cause: str
    """What is usually wrong when it fails."""
    remedy: str
    """What to do then."""


_UNDERLAY = (
    "UDP 4789 is dropped between the two nodes: a firewall, a cloud's rules, or NSX, which keeps 4789 for itself"
)
_OPEN_UNDERLAY = "open UDP 4789 both ways between the nodes' addresses; the port cannot be another one on Windows"

CHECKS: Mapping[str, Check] = {
    "node-ready": Check(
        "the node is Ready, with the operating system and the address of the stack file",
        "kubelet, the container runtime or flannel does not run on the node",
        "read `kubectl describe node`, and the node's kubelet log",
    ),
    "node-version": Check(
        "the node's kubelet has the version of the stack file",
        "its upgrade did not run: the node joined in a run that was interrupted before it had upgrade steps",
        "write `repairs: {NODE-upgrade-staged: again, NODE-drained: again, NODE-upgrade-activated: again, "
        "NODE-in-service: again}` into the stack file, and run `pulumi up`",
    ),
    "pod-range": Check(
        "the node has a range of pod addresses, and no other node has it",
        "the controller manager gives out no ranges: podCidr has none left, or --allocate-node-cidrs is off",
        "compare `kubectl get nodes -o custom-columns=NAME:.metadata.name,PODS:.spec.podCIDR` with podCidr; read the "
        "log of kube-controller-manager",
    ),
    "flannel-announced": Check(
        "flannel on the node has announced a VXLAN with the cluster's number, at the node's address",
        "flanneld does not run on the node, or chose another adapter",
        "read flanneld's log on the node; on Windows see that interfaceName names the adapter of managementIp",
    ),
    "flannel-configuration": Check(
        "flannel's configuration in the cluster is the one that Windows nodes can be part of",
        "somebody has changed the ConfigMap kube-flannel-cfg",
        "run `pulumi up --refresh`, which writes it again, and restart flannel's pods",
    ),
    "vxlan-device": Check(
        "the control plane's VXLAN device has the number and the port of the stack file",
        "flannel's pod on the control plane still runs with an older configuration",
        "restart it: `kubectl -n kube-flannel rollout restart daemonset kube-flannel-ds`",
    ),
    "node-selector": Check(
        "the DaemonSet keeps to Linux nodes",
        "it was installed or changed by others, without a selector for the operating system",
        "add the selector kubernetes.io/os=linux to it, or name it in the stack file",
    ),
    "pod-runs": Check(
        "the node can get an image and start a pod on the pod network",
        "the image cannot be pulled or is not for this Windows build, or the CNI plug-in does not get on",
        "read `kubectl describe pod`; let the node reach the registry, or give imageArchives and images.verification",
    ),
    "linux-to-linux": Check("a pod on one Linux node reaches one on another", _UNDERLAY, _OPEN_UNDERLAY),
    "linux-to-windows": Check("a pod on a Linux node reaches one on a Windows node", _UNDERLAY, _OPEN_UNDERLAY),
    "windows-to-linux": Check(
        "a pod on a Windows node reaches one on a Linux node",
        f"{_UNDERLAY}; or a network card on the way miscounts the checksums of encapsulated packets",
        f"{_OPEN_UNDERLAY}; else turn checksum offload off: `ethtool -K flannel.VNI tx-checksum-ip-generic off`",
    ),
    "windows-to-windows": Check("a pod on a Windows node reaches one on another", _UNDERLAY, _OPEN_UNDERLAY),
    "linux-to-service": Check(
        "a pod on a Linux node reaches a service by its cluster address",
        "kube-proxy on that node does not get on, or the pods behind the service are not reached (see above)",
        "read the log of that node's kube-proxy pod",
    ),
    "windows-to-service": Check(
        "a pod on a Windows node reaches a service by its cluster address",
        "kube-proxy on that node does not run, or its source address is not one of the node's own pod range",
        "restart the service kube-proxy on the node and read its log; `Get-HnsPolicyList` shows what it has programmed",
    ),
    "dns-name": Check(
        "a pod finds a service by its full name",
        "CoreDNS does not run, or the node's pods do not reach the DNS service (see the checks of services)",
        "see that CoreDNS's pods run, and that dnsAddress is its service's address",
    ),
    "dns-short-name": Check(
        "a pod finds a service of its own namespace by its short name",
        "the pod has no search list; on Windows the CNI configuration lacks the capability dns",
        "compare clusterDomain with the cluster's, and C:\\etc\\cni\\net.d\\10-flannel.conflist with another node's",
    ),
    "outbound": Check(
        "a pod reaches the address outside the cluster that outboundTarget names",
        "the site lets only its proxy out, or the node does not translate its pods' addresses",
        "see that the node itself reaches it; name another outboundTarget, or leave it out",
    ),
    "node-port": Check(
        "the node answers on a service's node port, asked from another node",
        "a firewall refuses ports 30000 to 32767, or kube-proxy on the node does not get on",
        "open the ports between the nodes; a Windows host never reaches its own node ports, that is no fault",
    ),
    "large-payload": Check(
        "300 000 bytes go from one pod to the other and back, in packets as large as the pod network lets them be",
        "if the small request between the two passes: the network between them carries less than its MTU says, and "
        "large packets vanish",
        "set mtu in the stack file to what the nodes' network really carries; of clouds docs/clouds.md tells it",
    ),
    "pod-log": Check(
        "`kubectl logs` works for a pod of the node",
        "the API server does not reach the node's kubelet, or does not trust it",
        "open TCP 10250 from the control plane to the node",
    ),
    "pod-exec": Check(
        "`kubectl exec` works for a pod of the node",
        "as for pod-log; or the container runtime cannot start a second process in a container",
        "open TCP 10250 from the control plane to the node; read the container runtime's log there",
    ),
}
"""Every kind of check by its name, in the order in which one explains the next."""


def explanations() -> tuple[str, ...]:
    """Return what the script says of a check that has failed, each as ``NAME|CAUSE|REMEDY``."""
    return tuple(f"{name}|{check.cause}|{check.remedy}" for name, check in CHECKS.items())


def by_kind(results: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what the script has printed by kind of check, each kind with what it proves and what a failure means.

    A result is ``ok`` (None: not tried), ``detail`` and ``seconds``, by the node or the pair that it is about.
    """
    found: dict[str, Any] = {}
    for each in results:
        check = CHECKS[each["check"]]
        meaning = {"proves": check.proves, "whenItFails": check.cause, "remedy": check.remedy}
        kind = found.setdefault(each["check"], meaning | {"results": {}})
        kind["results"][each["of"]] = {key: each[key] for key in ("ok", "detail", "seconds")}
    return found


def checks_table(kinds: Mapping[str, Any]) -> str:
    """Return what ``by_kind`` has returned in one line for each kind, as a table in plain text."""
    rows = [("check", "results", "proves"), *((name, _count(kind), kind["proves"]) for name, kind in kinds.items())]
    return "\n".join(aligned(rows))


def _count(kind: Mapping[str, Any]) -> str:
    words = {True: "ok", False: "FAILED", None: "skipped"}
    count = Counter(words[each["ok"]] for each in kind["results"].values())
    return ", ".join(f"{number} {word}" for word, number in count.items())
