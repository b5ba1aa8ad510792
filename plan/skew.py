"""Which versions may follow which: Kubernetes' rules about skew, and what else cannot be taken back.

Sources: kubernetes.io/releases/version-skew-policy and kubeadm's ``phases/upgrade/policy.go``: a control plane goes up
one minor version at a time and never down; a kubelet is never newer than the API server and at most three minor
versions older.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping

from config.rules_versions import numbers

OLDEST_KUBELET = 3
"""Minor versions that a kubelet may be behind the API server."""
_NO_WAY_BACK = {
    "containerd": "an older containerd may not read what a newer one has stored (images, snapshots, containers)",
    "flannel": "an older flanneld may not know the network that a newer one has made",
}
_VERSION = re.compile(r"\b([a-z_]+)=([0-9][0-9A-Za-z.-]*)")


def versions_text(versions: Mapping[str, str]) -> str:
    """Return versions as one text for a step's parameters, ``kubernetes=1.36.4 containerd=2.3.4``."""
    return " ".join(f"{name}={version}" for name, version in sorted(versions.items()))


def versions_in(text: str, names: Container[str]) -> dict[str, str]:
    """Return the versions of these programs that stand in a step's input, whatever shell it is written for."""
    return {name: version for name, version in _VERSION.findall(text) if name in names}


def control_plane_refusals(old: str, new: str) -> Iterator[str]:
    """Yield why a control plane of Kubernetes ``old`` cannot become ``new``, each with what to do instead."""
    yield from _downgrade(old, new)
    before, after = numbers(old), numbers(new)
    if after[0] == before[0] and after[1] > before[1] + 1:
        step = f"{before[0]}.{before[1] + 1}"
        yield (
            f"the control plane runs Kubernetes {old}, and goes up one minor version at a time, not to {new}. "
            f"Next: write the newest {step}.x into versions.kubernetes, run pulumi up, and then {new}."
        )


def node_refusals(old: str, new: str) -> Iterator[str]:
    """Yield why a node of Kubernetes ``old`` cannot be a node of a control plane of ``new``."""
    yield from _downgrade(old, new)
    before, after = numbers(old), numbers(new)
    if after[0] == before[0] and after[1] > before[1] + OLDEST_KUBELET:
        bridge = f"{before[0]}.{before[1] + OLDEST_KUBELET}"
        yield (
            f"its kubelet is {old}, more than {OLDEST_KUBELET} minor versions older than {new}. "
            f"Next: write a {bridge}.x into versions.kubernetes, run pulumi up until this node has it, and then {new}."
        )


def _downgrade(old: str, new: str) -> Iterator[str]:
    if numbers(new) < numbers(old):
        yield (
            f"Kubernetes {old} cannot go back to {new}: neither kubeadm nor etcd's data can. "
            f"Next: write {old} into versions.kubernetes."
        )


def warnings(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    """Yield what is possible, but not without risk."""
    for name, why in _NO_WAY_BACK.items():
        if name in old and name in new and numbers(new[name]) < numbers(old[name]):
            yield f"{name} goes back from {old[name]} to {new[name]}: {why}"
