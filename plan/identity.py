"""What a running cluster is: what cannot become something else without the end of it.

Source: kubeadm reads ranges, names and addresses when it makes a cluster (``kubeadm init``); they are then in
certificates, in the manifests of the control plane and in every node, and no later step of kubeadm changes them.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from config.problems import Problem
from config.settings import Settings

_PARAMETER = "configuration="
_MASK = "node-cidr-mask-size-ipv4"
_MADE_ONCE = "kubeadm reads it only when it makes the cluster, and this one was made with"
_ELSEWHERE = "for another value make another cluster: another stack, or a control plane of another name in this one"


def identity(settings: Settings) -> dict[str, Any]:
    """Return where the cluster of these settings is; ``replaces`` is the control plane that may end for it.

    ``workers`` tells where the machine of each comes from.
    """
    head = settings.control_plane
    return {
        "controlPlane": head.name,
        "madeHere": not head.existing,
        "replaces": head.replaces or "",
        "source": settings.source_of(head),
        "workers": {
            node.name: settings.source_of(node) for node in settings.nodes if node is not head and not node.gone
        },
    }


def replacements(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield why the cluster that was ``old`` must not end for ``new``. One that others made does not end with it."""
    if not old.get("madeHere") or new["replaces"] == old["controlPlane"]:
        return
    name = old["controlPlane"]
    if new["controlPlane"] != name:
        rule = f"the control plane {name} would be replaced: the cluster would end, with everything in it"
        remedy = f"write {name}; if it is meant, write controlPlane.replaces: {name}"
        yield Problem("controlPlane.name", new["controlPlane"], rule, remedy)
        return
    if not new["madeHere"]:
        rule = "this stack has made the control plane: what it did there would be undone, and the cluster would end"
        yield Problem("controlPlane.existing", "true", rule, "write false")
    if new["source"] != old["source"]:
        rule = f"{name} would be another machine, with nothing of the cluster on it"
        remedy = f"write {old['source']}; for a new cluster give the control plane another name, with replaces: {name}"
        yield Problem("controlPlane.source", new["source"], rule, remedy)


def moves(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the workers that would be other machines from elsewhere under the names of those that are there.

    The new machine would join first; what then takes the old one's steps back would drain it and delete its node.
    """
    before, after = old.get("workers", {}), new["workers"]
    for name in sorted(before.keys() & after.keys()):
        if before[name] != after[name]:
            rule = f"{name} is a member of the cluster, on a machine from {before[name]}"
            remedy = "take the node out of the file, run `pulumi up`, and then add it again"
            yield Problem(f"source of {name}", after[name], rule, remedy)


def changes_of_what_is_made_once(old: str, new: str) -> Iterator[Problem]:
    """Yield what a running control plane would not take; both are what the step that made it was, and is, given."""
    before, after = _made_with(old), _made_with(new)
    for key, value in before.items():
        if after[key] != value:
            yield Problem(key, after[key], f"{_MADE_ONCE} {value}", f"write {value}; {_ELSEWHERE}")


def _made_with(given: str) -> dict[str, str]:
    """Return the values that kubeadm reads once, by the key of the stack file that each comes from."""
    words = shlex.split(given)
    text = next(word for word in words if word.startswith(_PARAMETER)).removeprefix(_PARAMETER)
    documents = {document["kind"]: document for document in yaml.safe_load_all(text)}
    cluster, kubelet = documents["ClusterConfiguration"], documents["KubeletConfiguration"]
    arguments = {each["name"]: each["value"] for each in cluster["controllerManager"]["extraArgs"]}
    return {
        "podCidr": str(cluster["networking"]["podSubnet"]),
        "serviceCidr": str(cluster["networking"]["serviceSubnet"]),
        "nodePrefixLength": str(arguments.get(_MASK, "24")),
        "clusterDomain": str(cluster["networking"]["dnsDomain"]),
        "dnsAddress": ", ".join(map(str, kubelet["clusterDNS"])),
        "controlPlane.address": str(documents["InitConfiguration"]["localAPIEndpoint"]["advertiseAddress"]),
        "controlPlane.endpoint": str(cluster.get("controlPlaneEndpoint", "(none)")),
    }
