"""RuntimeClasses: how a pod asks for nodes of one Windows build, which its image must be made for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from config.nodes import Runtime
from config.settings import Settings

from plan.documents import Document
from plan.windows_documents import TAINT

BUILDS: Mapping[str, str] = {"windows-2022": "10.0.20348", "windows-2025": "10.0.26100"}
"""Name of a RuntimeClass to the label that kubelet gives to nodes of the build (node.kubernetes.io/windows-build)."""
_HANDLERS: Mapping[Runtime, str] = {"containerd": "runhcs-wcow-process", "docker": "docker"}
"""What each runtime calls its own way of running a Windows container as a process, which is its default too."""


@dataclass(frozen=True, slots=True)
class RuntimeClassPlan:
    """One RuntimeClass."""

    name: str
    handler: str
    node_selector: Mapping[str, str]
    tolerations: tuple[Document, ...]


def runtime_classes(settings: Settings) -> tuple[RuntimeClassPlan, ...]:
    """Return a RuntimeClass for each Windows build, where there are Windows nodes.

    None where both container runtimes are in use: a RuntimeClass names one handler for all nodes that it selects.
    """
    runtimes = {node.runtime for node in settings.windows_nodes}
    if len(runtimes) != 1:
        return ()
    (runtime,) = runtimes
    return tuple(
        RuntimeClassPlan(
            name=name,
            handler=_HANDLERS[runtime],
            node_selector={"kubernetes.io/os": "windows", "node.kubernetes.io/windows-build": build},
            tolerations=({"operator": "Equal", **TAINT},),
        )
        for name, build in BUILDS.items()
    )
