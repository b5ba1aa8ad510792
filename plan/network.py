"""What the cluster's network is made of: our own flannel, or marks on one that others installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from config.settings import Settings

from plan import flannel
from plan.documents import Document

_KUBE_PROXY = "kube-system/kube-proxy"


@dataclass(frozen=True, slots=True)
class FlannelPlan:
    """The documents of flannel on Linux nodes."""

    namespace: str
    daemon_set: str
    config_data: Mapping[str, str]
    rules: Sequence[Document]
    spec: Document


@dataclass(frozen=True, slots=True)
class NetworkPlan:
    """What to apply, and what to patch."""

    flannel: FlannelPlan | None
    """None when the stack file names a flannel that others installed."""
    linux_only: tuple[str, ...]
    """``NAMESPACE/NAME`` of DaemonSets made by others that must keep to Linux nodes."""
    node_selector: Mapping[str, str]


def plan_network(settings: Settings) -> NetworkPlan:
    """Return the network that the settings ask for."""
    existing = tuple(f"{each.namespace}/{each.name}" for each in settings.existing_flannel)
    own = FlannelPlan(
        namespace=flannel.NAMESPACE,
        daemon_set=flannel.DAEMON_SET,
        config_data=flannel.config_data(settings),
        rules=flannel.cluster_role_rules(),
        spec=flannel.daemon_set_spec(settings),
    )
    return NetworkPlan(None if existing else own, (*existing, _KUBE_PROXY), flannel.LINUX_ONLY)


def daemon_sets(plan: NetworkPlan) -> tuple[str, ...]:
    """Return ``NAMESPACE/NAME`` of every DaemonSet that must keep to Linux nodes, ours included."""
    own = (f"{plan.flannel.namespace}/{plan.flannel.daemon_set}",) if plan.flannel else ()
    return (*own, *plan.linux_only)
