"""The whole plan of a stack: every step on every machine, decided before anything is touched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from config.parse import Configuration
from config.settings import ControlPlaneNode, LinuxNode, Settings, WindowsNode

from plan import control_plane, linux_node, preflight, windows_node
from plan.bundle import steps_revision
from plan.identity import identity
from plan.limits import with_time_limits
from plan.network import NetworkPlan, plan_network
from plan.preflight import PreflightPlan
from plan.repairs import VERIFIED, repaired
from plan.runtime_class import RuntimeClassPlan, runtime_classes
from plan.step import Step
from plan.upgrade import NodeUpgrade, control_plane_upgrade, worker_upgrades
from plan.verification import verification


@dataclass(frozen=True, slots=True)
class ControlPlanePlan:
    """The control plane's machine."""

    node: ControlPlaneNode
    making: tuple[Step, ...]
    """From a bare machine to a running control plane; nothing when the cluster exists already."""
    reading: tuple[Step, ...]
    upgrade: NodeUpgrade | None
    """None when the cluster exists already: then others upgrade its control plane."""


@dataclass(frozen=True, slots=True)
class AdoptionPlan:
    """How a node that was built by hand is ended. ``draining`` and ``deleting`` run on the control plane."""

    reporting: tuple[Step, ...]
    draining: tuple[Step, ...]
    stopping: tuple[Step, ...]
    deleting: tuple[Step, ...]
    putting_away: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class MembershipPlan:
    """How a bare machine becomes a member of the cluster. ``issuing`` and ``admitting`` run on the control plane."""

    adoption: AdoptionPlan | None
    """What comes before the preparation on a machine that was made a node by hand."""
    preparation: tuple[Step, ...]
    requesting: tuple[Step, ...]
    issuing: tuple[Step, ...]
    joining: tuple[Step, ...]
    admitting: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class LinuxPlan:
    """A Linux worker; ``completing`` runs on the control plane."""

    node: LinuxNode
    membership: MembershipPlan
    completing: tuple[Step, ...]
    forgetting: tuple[Step, ...]
    """Lets go of a node whose machine is gone; nothing of the rest is then done."""


@dataclass(frozen=True, slots=True)
class WindowsPlan:
    """A Windows node; ``awaiting_flannel`` and ``completing`` run on the control plane."""

    node: WindowsNode
    membership: MembershipPlan
    networking: tuple[Step, ...]
    awaiting_flannel: tuple[Step, ...]
    services: tuple[Step, ...]
    completing: tuple[Step, ...]
    forgetting: tuple[Step, ...]
    """Lets go of a node whose machine is gone; nothing of the rest is then done."""


@dataclass(frozen=True, slots=True)
class ClusterPlan:
    """What the program will do, as values."""

    identity: Mapping[str, Any]
    """Where the cluster is, for the stack to keep."""
    preflight: tuple[PreflightPlan, ...]
    """Every machine on which something will be changed."""
    control_plane: ControlPlanePlan
    network: NetworkPlan
    runtime_classes: tuple[RuntimeClassPlan, ...]
    linux_workers: tuple[LinuxPlan, ...]
    windows_nodes: tuple[WindowsPlan, ...]
    upgrades: tuple[NodeUpgrade, ...]
    """Of the workers, in their order."""
    verification: tuple[Step, ...]


def plan_cluster(configuration: Configuration) -> ClusterPlan:
    """Return the plan of a valid configuration. Nothing is read but the project's own scripts."""
    settings = configuration.settings
    repairs = settings.repairs
    head = repaired(_control_plane(configuration), settings.control_plane.name, repairs)
    linux = tuple(repaired(_linux(configuration, node), node.name, repairs) for node in settings.linux_workers)
    windows = tuple(repaired(_windows(configuration, node), node.name, repairs) for node in settings.windows_nodes)
    network = plan_network(settings)
    proof = verification(settings, network, _revisions(settings, head, linux, windows))
    upgrades = tuple(repaired(each, each.name, repairs) for each in worker_upgrades(settings, configuration.downloads))
    whole = ClusterPlan(
        identity=identity(settings),
        preflight=tuple(_preflight(configuration)),
        control_plane=head,
        network=network,
        runtime_classes=runtime_classes(settings),
        linux_workers=linux,
        windows_nodes=windows,
        upgrades=upgrades,
        verification=repaired(proof, VERIFIED, repairs),
    )
    return with_time_limits(whole, settings.time_limits)


def _preflight(configuration: Configuration) -> Iterator[PreflightPlan]:
    settings = configuration.settings
    if not settings.control_plane.existing:
        yield preflight.control_plane(settings)
    for worker in settings.linux_workers:
        yield preflight.linux(settings, worker, _port(configuration, worker))
    for node in settings.windows_nodes:
        yield preflight.windows(settings, node, _port(configuration, node))


def _control_plane(configuration: Configuration) -> ControlPlanePlan:
    settings = configuration.settings
    node = settings.control_plane
    making = (
        *linux_node.preparation(settings, node, configuration.downloads),
        *linux_node.initialisation(settings),
    )
    reading = control_plane.reading_kubeconfig()
    if node.existing:
        return ControlPlanePlan(node, (), reading, None)
    return ControlPlanePlan(node, making, reading, control_plane_upgrade(settings, configuration.downloads))


def _linux(configuration: Configuration, node: LinuxNode) -> LinuxPlan:
    settings = configuration.settings
    preparation = linux_node.preparation(settings, node, configuration.downloads)
    joining = linux_node.joining(settings, node)
    requesting = linux_node.requesting(settings, node, steps_revision(joining, node.os))
    return LinuxPlan(
        node=node,
        membership=_membership(configuration, node, preparation, requesting, joining),
        completing=control_plane.completing(settings, node),
        forgetting=control_plane.forgetting(settings, node.name) if node.gone else (),
    )


def _windows(configuration: Configuration, node: WindowsNode) -> WindowsPlan:
    settings = configuration.settings
    preparation = windows_node.preparation(settings, node, configuration.downloads)
    port = _port(configuration, node)
    joining = windows_node.joining(settings, node)
    requesting = windows_node.requesting(settings, node, steps_revision(joining, node.os))
    return WindowsPlan(
        node=node,
        membership=_membership(configuration, node, preparation, requesting, joining),
        networking=windows_node.networking(settings, node),
        awaiting_flannel=control_plane.awaiting_flannel(settings, node.name, str(node.address), port),
        services=windows_node.services(settings, node),
        completing=control_plane.completing(settings, node),
        forgetting=control_plane.forgetting(settings, node.name) if node.gone else (),
    )


def _membership(
    configuration: Configuration,
    node: LinuxNode | WindowsNode,
    preparation: tuple[Step, ...],
    requesting: tuple[Step, ...],
    joining: tuple[Step, ...],
) -> MembershipPlan:
    port = _port(configuration, node)
    return MembershipPlan(
        adoption=_adoption(configuration, node) if isinstance(node, WindowsNode) and node.adopt else None,
        preparation=preparation,
        requesting=requesting,
        issuing=control_plane.issuing(node.name),
        joining=joining,
        admitting=control_plane.admitting(node.name, node.os, str(node.address), port),
    )


def _adoption(configuration: Configuration, node: WindowsNode) -> AdoptionPlan:
    settings, former, address = configuration.settings, node.former_name or node.name, str(node.address)
    return AdoptionPlan(
        reporting=windows_node.reporting_former(),
        draining=control_plane.draining_former(settings, former, address),
        stopping=windows_node.stopping_former(node),
        deleting=control_plane.deleting_former(former, address, _port(configuration, node)),
        putting_away=windows_node.putting_former_away(),
    )


def _port(configuration: Configuration, node: LinuxNode | WindowsNode) -> int:
    return configuration.ssh_port(node.name)


def _revisions(
    settings: Settings, head: ControlPlanePlan, linux: tuple[LinuxPlan, ...], windows: tuple[WindowsPlan, ...]
) -> Iterator[str]:
    """Yield a revision of every machine's steps: when one changes, the cluster is to be proven again."""
    yield str(sorted(settings.versions.model_dump().items()))
    yield steps_revision(head.making, "linux")
    for worker in linux:
        yield steps_revision((*worker.membership.preparation, *worker.membership.joining), "linux")
    for node in windows:
        own = (*node.membership.preparation, *node.membership.joining, *node.networking, *node.services)
        yield steps_revision(own, "windows")
