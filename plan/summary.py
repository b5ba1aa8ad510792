"""The cluster in a few values: an output of the stack, and what a change of it is compared by."""

from __future__ import annotations

from typing import Any

from config.settings import Settings


def summary(settings: Settings) -> dict[str, Any]:
    """Return ranges and nodes of the cluster; ``madeWith`` is what kubeadm takes when it makes it, and never again."""
    return {
        "madeWith": {
            "podCidr": str(settings.pod_cidr),
            "serviceCidr": str(settings.service_cidr),
            "clusterDomain": settings.cluster_domain,
            "dnsAddress": str(settings.dns_address),
        },
        "kubernetes": settings.versions.kubernetes,
        "nodes": {
            node.name: {"system": node.os, "address": str(node.address), "source": settings.source_of(node)}
            for node in settings.nodes
            if not node.gone
        },
    }
