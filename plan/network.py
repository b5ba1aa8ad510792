"""What the cluster's network is made of: our own flannel, or marks on one that others installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from config.settings import DaemonSetName, Settings

from plan import flannel
from plan.documents import Document

_ARCHITECTURES = ("amd64", "arm64", "arm", "ppc64le", "s390x")


@dataclass(frozen=True, slots=True)
class FlannelPlan:
    """The documents of flannel on Linux nodes."""

    namespace: str
    daemon_set: str
    config_data: Mapping[str, str]
    rules: Sequence[Document]
    spec: Document


@dataclass(frozen=True, slots=True)
class Mark:
    """A node selector for a DaemonSet that others made."""

    namespace: str
    name: str
    node_selector: Mapping[str, str]
    force: bool
    """Whether the selector is taken over from whoever set it: it is one value to the API, and cannot be shared."""


@dataclass(frozen=True, slots=True)
class NetworkPlan:
    """What to apply, and what to patch."""

    flannel: FlannelPlan | None
    """None when the stack file names a flannel that others installed."""
    marks: tuple[Mark, ...]
    """DaemonSets made by others that must keep to Linux nodes."""


def plan_network(settings: Settings) -> NetworkPlan:
    """Return the network that the settings ask for."""
    existing = tuple(_existing_mark(each) for each in settings.existing_flannel)
    own = FlannelPlan(
        namespace=flannel.NAMESPACE,
        daemon_set=flannel.DAEMON_SET,
        config_data=flannel.config_data(settings),
        rules=flannel.cluster_role_rules(),
        spec=flannel.daemon_set_spec(settings),
    )
    # kubeadm gives its kube-proxy this very selector, so that nothing has to be taken from it.
    kube_proxy = Mark("kube-system", "kube-proxy", flannel.LINUX_ONLY, force=False)
    return NetworkPlan(None if existing else own, (*existing, kube_proxy))


def _existing_mark(daemon_set: DaemonSetName) -> Mark:
    """Return the mark for a flannel that others installed; those of the old manifests are made for one architecture."""
    selector = dict(flannel.LINUX_ONLY)
    suffix = daemon_set.name.rsplit("-", 1)[-1]
    if suffix in _ARCHITECTURES:
        selector["kubernetes.io/arch"] = suffix
    return Mark(daemon_set.namespace, daemon_set.name, selector, force=True)


def daemon_sets(plan: NetworkPlan) -> tuple[str, ...]:
    """Return ``NAMESPACE/NAME`` of every DaemonSet that must keep to Linux nodes, ours included."""
    own = (f"{plan.flannel.namespace}/{plan.flannel.daemon_set}",) if plan.flannel else ()
    return (*own, *(f"{mark.namespace}/{mark.name}" for mark in plan.marks))
