"""The last step: proof that the cluster is what the stack file asks for."""

from __future__ import annotations

from collections.abc import Iterable

from config.settings import Settings

from plan.checks import explanations
from plan.documents import short_digest
from plan.network import NetworkPlan, daemon_sets
from plan.step import Step


def verification(settings: Settings, network: NetworkPlan, revisions: Iterable[str]) -> tuple[Step, ...]:
    """Return the step that proves the cluster. It runs again when a revision of any node's steps changes."""
    nodes = [node for node in settings.nodes if not node.gone]
    flannel_set = daemon_sets(network)[0]
    return (
        Step(
            "cluster-verified",
            "verify-cluster.sh",
            {
                "node_names": tuple(node.name for node in nodes),
                "node_systems": tuple(node.os for node in nodes),
                "node_addresses": tuple(str(node.address) for node in nodes),
                "node_versions": tuple(_kubelet(settings, node.name) for node in nodes),
                "vni": settings.vni,
                "vxlan_port": settings.vxlan_port,
                "pod_cidr": str(settings.pod_cidr),
                "cluster_domain": settings.cluster_domain,
                "flannel_namespace": flannel_set.split("/")[0],
                "linux_daemon_sets": daemon_sets(network),
                "image": settings.images.verification,
                "outbound_target": settings.outbound_target or "",
                "explanations": explanations(),
                "proven": short_digest("\n".join(revisions).encode()),
            },
            time_limit=1200,
        ),
    )


def _kubelet(settings: Settings, node: str) -> str:
    """Return the version that a node's kubelet must have; nothing where others decide it."""
    head = settings.control_plane
    return "" if head.existing and head.name == node else f"v{settings.versions.kubernetes}"
