"""What the firewall of a cloud lets through to the machines there: nothing but this."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from config.settings import Settings, Source
from config.sources import clouds, nodes_of

SSH_PORT, API_PORT, KUBELET_PORT = 22, 6443, 10250


@dataclass(frozen=True, slots=True)
class Opening:
    """One kind of traffic that gets through."""

    name: str
    protocol: Literal["tcp", "udp", "icmp"]
    port: int | None
    """None for a protocol without ports."""
    sources: tuple[str, ...]
    """Ranges."""
    targets: tuple[str, ...]
    """Names of the nodes it gets to."""


def openings(settings: Settings, source: Source) -> tuple[Opening, ...]:
    """Return what is let through to the machines of one cloud; between machines of one subnet too, no more than that.

    The control plane's own ports (etcd, scheduler, controller manager) are used by itself only, and NodePorts are not
    opened: whoever needs them adds rules of their own.
    """
    return tuple(_openings(settings, source))


def _openings(settings: Settings, source: Source) -> Iterator[Opening]:
    cloud = dict(clouds(settings)).get(source)
    if cloud is None:
        return
    here = tuple(node.name for node in nodes_of(settings, source))
    control_plane = settings.control_plane
    admins = tuple(map(str, cloud.admin_cidrs))
    nodes = tuple(map(str, settings.node_cidrs))
    head = (control_plane.name,) if control_plane.name in here else ()
    # Through the control plane's machine the others are reached, unless another way is given.
    direct = head if cloud.public_control_plane and settings.ssh.jump_host is None else here
    if direct:
        yield Opening("ssh-from-admins", "tcp", SSH_PORT, admins, direct)
    yield Opening("ssh-from-control-plane", "tcp", SSH_PORT, (f"{control_plane.address}/32",), here)
    if head:
        yield Opening("api-from-admins", "tcp", API_PORT, admins, head)
        yield Opening("api-from-nodes", "tcp", API_PORT, nodes, head)
    yield Opening("vxlan", "udp", settings.vxlan_port, nodes, here)
    yield Opening("kubelet", "tcp", KUBELET_PORT, nodes, here)
    yield Opening("icmp", "icmp", None, nodes, here)
