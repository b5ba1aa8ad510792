"""How a running cluster gets other versions: the control plane first, then the workers, few at a time.

Each node's steps run only when what they are given changes, so that a new cluster has nothing of them. New programs
wait beside the running ones (``upgrade-staged``) until their node is empty (``drained``); then they take the place of
the old ones, which stay to go back to (``upgrade-activated``); then the node takes pods again (``in-service``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from config.downloads import Downloads
from config.settings import LinuxNode, Settings, WindowsNode

from plan import programs
from plan.documents import short_digest
from plan.downloads import proxy_parameters, windows_proxy_parameters
from plan.kubeadm import upgrade_documents
from plan.skew import versions_text
from plan.step import Parameter, Step
from plan.windows_documents import upgrade_configuration


@dataclass(frozen=True, slots=True)
class NodeUpgrade:
    """The upgrade of one node. ``draining`` and ``returning`` run on the control plane, the rest on the node."""

    name: str
    staging: tuple[Step, ...]
    cluster: tuple[Step, ...]
    """What is done to the cluster itself before this node of it; only the control plane's machine has something."""
    draining: tuple[Step, ...]
    activating: tuple[Step, ...]
    returning: tuple[Step, ...]
    after: str | None
    """The worker that must be in service again before this one is drained."""


def control_plane_upgrade(settings: Settings, downloads: Downloads) -> NodeUpgrade:
    """Return the upgrade of the control plane and its machine; nothing else is upgraded before it is done."""
    node = settings.control_plane
    known = _known(settings, downloads, programs.LINUX)
    cluster = Step(
        "control-plane-upgraded",
        "upgrade-control-plane.sh",
        {
            **known,
            "kubernetes_version": settings.versions.kubernetes,
            "configuration": upgrade_documents(settings),
            **proxy_parameters(settings),
        },
        only_on_change=True,
        time_limit=1800,
    )
    return _linux(settings, downloads, node, (cluster,), after=None)


def worker_upgrades(settings: Settings, downloads: Downloads) -> tuple[NodeUpgrade, ...]:
    """Return the upgrades of all workers in their order: Linux, then Windows, each as the stack file lists them.

    A machine that is gone has none.
    """
    linux = [node for node in settings.linux_workers if not node.gone]
    windows = [node for node in settings.windows_nodes if not node.gone]
    before = predecessors([worker.name for worker in (*linux, *windows)], settings.upgrade.max_unavailable)
    return (
        *(_linux(settings, downloads, node, (), before[node.name]) for node in linux),
        *(_windows(settings, downloads, node, before[node.name]) for node in windows),
    )


def predecessors(names: Sequence[str], width: int) -> Mapping[str, str | None]:
    """Return, for each node, the one that must be done before it starts, so that at most ``width`` are under way."""
    return {name: names[index - width] if index >= width else None for index, name in enumerate(names)}


def _linux(
    settings: Settings, downloads: Downloads, node: LinuxNode, cluster: tuple[Step, ...], after: str | None
) -> NodeUpgrade:
    known = _known(settings, downloads, programs.LINUX) | {"node_name": node.name, **proxy_parameters(settings)}
    activating: dict[str, Parameter] = {
        **known,
        "kubernetes_version": settings.versions.kubernetes,
        "control_plane": bool(cluster),
        "configuration": upgrade_documents(settings),
    }
    return NodeUpgrade(
        name=node.name,
        staging=(Step("upgrade-staged", "stage-upgrade.sh", known, only_on_change=True, time_limit=1800),),
        cluster=cluster,
        draining=_draining(settings, node, known),
        activating=(
            Step("upgrade-activated", "activate-upgrade.sh", activating, only_on_change=True, time_limit=1800),
        ),
        returning=_returning(settings, node, known),
        after=after,
    )


def _windows(settings: Settings, downloads: Downloads, node: WindowsNode, after: str | None) -> NodeUpgrade:
    known = _known(settings, downloads, programs.windows(node))
    staging: dict[str, Parameter] = {
        "NodeName": node.name,
        "Programs": known["programs"],
        "Versions": known["versions"],
        **windows_proxy_parameters(settings),
    }
    activating: dict[str, Parameter] = {
        **staging,
        "KubernetesVersion": settings.versions.kubernetes,
        "Configuration": upgrade_configuration(settings),
        "Runtime": node.runtime,
        "CriEndpoint": node.runtime_endpoint,
        "NetworkName": settings.network_name,
        "LogFolder": node.log_folder,
    }
    return NodeUpgrade(
        name=node.name,
        staging=(Step("upgrade-staged", "Save-Upgrade.ps1", staging, only_on_change=True, time_limit=1800),),
        cluster=(),
        draining=_draining(settings, node, known),
        activating=(Step("upgrade-activated", "Update-Node.ps1", activating, only_on_change=True, time_limit=1800),),
        returning=_returning(settings, node, known),
        after=after,
    )


def _known(settings: Settings, downloads: Downloads, of: Sequence[programs.Program]) -> dict[str, Parameter]:
    """Return what every step of a node's upgrade is about."""
    return {
        "programs": programs.lines(of, downloads),
        "versions": versions_text(programs.versions(of, settings)),
    }


def _draining(settings: Settings, node: LinuxNode | WindowsNode, known: Mapping[str, Parameter]) -> tuple[Step, ...]:
    limit = settings.upgrade.drain_seconds
    parameters: dict[str, Parameter] = {
        "node": node.name,
        "kubernetes_version": settings.versions.kubernetes,
        "drain_seconds": limit,
        **_window(known),
    }
    return (Step("drained", "drain-for-upgrade.sh", parameters, only_on_change=True, time_limit=limit + 300),)


def _returning(settings: Settings, node: LinuxNode | WindowsNode, known: Mapping[str, Parameter]) -> tuple[Step, ...]:
    parameters: dict[str, Parameter] = {
        "node": node.name,
        "system": node.os,
        "kubernetes_version": settings.versions.kubernetes,
        "image": settings.images.verification,
        **_window(known),
    }
    return (Step("in-service", "return-to-service.sh", parameters, only_on_change=True, time_limit=1200),)


def _window(known: Mapping[str, Parameter]) -> dict[str, Parameter]:
    """Return what makes the steps on the control plane run whenever those on the node have something to do."""
    return {"versions": known["versions"], "exchanged": short_digest(str(known["programs"]).encode())}
