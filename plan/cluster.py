"""The whole plan of a stack: every step on every machine, decided before anything is touched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from config.parse import Configuration
from config.settings import ControlPlaneNode, LinuxNode, Settings, WindowsNode

from plan import control_plane, linux_node, windows_node
from plan.bundle import steps_revision
from plan.network import NetworkPlan, plan_network
from plan.step import Step
from plan.verification import verification


@dataclass(frozen=True, slots=True)
class ControlPlanePlan:
    """The control plane's machine."""

    node: ControlPlaneNode
    making: tuple[Step, ...]
    """From a bare machine to a running control plane; nothing when the cluster exists already."""
    reading: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class MembershipPlan:
    """How a bare machine becomes a member of the cluster. ``inviting`` and ``admitting`` run on the control plane."""

    preparation: tuple[Step, ...]
    inviting: tuple[Step, ...]
    joining: tuple[Step, ...]
    admitting: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class LinuxPlan:
    """A Linux worker; ``completing`` runs on the control plane."""

    node: LinuxNode
    membership: MembershipPlan
    completing: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class WindowsPlan:
    """A Windows node; ``awaiting_flannel`` and ``completing`` run on the control plane."""

    node: WindowsNode
    membership: MembershipPlan
    networking: tuple[Step, ...]
    awaiting_flannel: tuple[Step, ...]
    services: tuple[Step, ...]
    completing: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class ClusterPlan:
    """What the program will do, as values."""

    control_plane: ControlPlanePlan
    network: NetworkPlan
    linux_workers: tuple[LinuxPlan, ...]
    windows_nodes: tuple[WindowsPlan, ...]
    verification: tuple[Step, ...]


def plan_cluster(configuration: Configuration) -> ClusterPlan:
    """Return the plan of a valid configuration. Nothing is read but the project's own scripts."""
    settings = configuration.settings
    head = _control_plane(configuration)
    linux = tuple(_linux(configuration, node) for node in settings.linux_workers)
    windows = tuple(_windows(configuration, node) for node in settings.windows_nodes)
    network = plan_network(settings)
    proof = verification(settings, network, _revisions(settings, head, linux, windows))
    return ClusterPlan(head, network, linux, windows, proof)


def _control_plane(configuration: Configuration) -> ControlPlanePlan:
    settings = configuration.settings
    node = settings.control_plane
    making = (
        *linux_node.preparation(settings, node, configuration.downloads),
        *linux_node.initialisation(settings),
    )
    return ControlPlanePlan(node, () if node.existing else making, control_plane.reading_kubeconfig())


def _linux(configuration: Configuration, node: LinuxNode) -> LinuxPlan:
    settings = configuration.settings
    preparation = linux_node.preparation(settings, node, configuration.downloads)
    return LinuxPlan(
        node=node,
        membership=_membership(configuration, node, preparation, linux_node.joining(settings, node)),
        completing=control_plane.completing(node.name, node.os),
    )


def _windows(configuration: Configuration, node: WindowsNode) -> WindowsPlan:
    settings = configuration.settings
    preparation = windows_node.preparation(settings, node, configuration.downloads)
    port = _port(configuration, node)
    return WindowsPlan(
        node=node,
        membership=_membership(configuration, node, preparation, windows_node.joining(settings, node)),
        networking=windows_node.networking(settings, node),
        awaiting_flannel=control_plane.awaiting_flannel(settings, node.name, str(node.address), port),
        services=windows_node.services(settings, node),
        completing=control_plane.completing(node.name, node.os),
    )


def _membership(
    configuration: Configuration,
    node: LinuxNode | WindowsNode,
    preparation: tuple[Step, ...],
    joining: tuple[Step, ...],
) -> MembershipPlan:
    port = _port(configuration, node)
    return MembershipPlan(
        preparation=preparation,
        inviting=control_plane.inviting(node.name, steps_revision(joining, node.os)),
        joining=joining,
        admitting=control_plane.admitting(node.name, node.os, str(node.address), port),
    )


def _port(configuration: Configuration, node: LinuxNode | WindowsNode) -> int:
    return configuration.endpoints[node.name].port


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
