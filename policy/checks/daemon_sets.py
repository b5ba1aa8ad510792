"""A DaemonSet says which operating system it is for: else its Linux images are sent to Windows nodes, and fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .resource import Resource

LABEL = "kubernetes.io/os"
_DAEMON_SET = "kubernetes:apps/v1:DaemonSet"


def of_any_system(resource: Resource) -> Iterator[str]:
    """Yield a sentence for a DaemonSet whose pods may come to nodes of every operating system."""
    if resource.type != _DAEMON_SET:
        return
    pod = ((resource.inputs.get("spec") or {}).get("template") or {}).get("spec") or {}
    if LABEL not in (pod.get("nodeSelector") or {}) and not _required(pod):
        yield f"its pods may come to any node: write {LABEL} into nodeSelector"


def _required(pod: Mapping[str, Any]) -> bool:
    """Return whether node affinity asks for a system; its terms are alternatives, so each of them must."""
    affinity = (pod.get("affinity") or {}).get("nodeAffinity") or {}
    terms = (affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}).get("nodeSelectorTerms") or []
    return bool(terms) and all(
        any(each.get("key") == LABEL and each.get("operator") == "In" for each in term.get("matchExpressions") or [])
        for term in terms
    )
