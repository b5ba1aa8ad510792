"""The nodes of a cluster as a person wants to see them: what is asked for, with what has been found of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.settings import LinuxNode, Settings, WindowsNode
from config.sources import whereabouts

from plan.columns import aligned
from plan.preflight import Facts, build_of

CONTROL_PLANE, LINUX, WINDOWS = "control plane", "Linux", "Windows"


@dataclass(frozen=True, slots=True)
class Member:
    """One node."""

    name: str
    kind: str
    """``control plane``, ``Linux`` or ``Windows``."""
    address: str
    pods: str
    """Its range of pod addresses, which the controller manager has given out; empty where it is not known."""
    system: str
    build: str
    """Build of Windows with its update revision, or Linux's kernel; empty where the machine was not looked at."""
    runtime: str
    place: str
    """Where its machine is: a site of one's own, or the region of a cloud."""
    way: str
    """What SSH connections to it go through; empty where it is dialled directly."""


def members(settings: Settings, facts: Mapping[str, Facts], pod_ranges: Mapping[str, str]) -> tuple[Member, ...]:
    """Return the nodes that are there, in the order of the stack file.

    ``facts`` is what was found of the machines before they were changed, ``pod_ranges`` what each node has been given.
    """
    return tuple(_members(settings, facts, pod_ranges))


def _members(settings: Settings, facts: Mapping[str, Facts], pod_ranges: Mapping[str, str]) -> Iterator[Member]:
    for node in settings.nodes:
        if node.gone:
            continue
        found = facts.get(node.name, {})
        kind = CONTROL_PLANE if node is settings.control_plane else LINUX if node.os == "linux" else WINDOWS
        yield Member(
            name=node.name,
            kind=kind,
            address=str(node.address),
            pods=pod_ranges.get(node.name, ""),
            system=_system(node, found),
            build=build_of(found) if found else "",
            runtime=node.runtime if isinstance(node, WindowsNode) else "containerd",
            place=whereabouts(settings, node),
            way=_way(settings, node),
        )


def _system(node: LinuxNode | WindowsNode, facts: Mapping[str, Any]) -> str:
    said = str(facts.get("system", ""))
    if isinstance(node, WindowsNode):
        edition = re.search(r"Windows Server \d+", said)
        return edition[0] if edition else "Windows Server"
    return said[:1].upper() + said[1:] or "Linux"


def _way(settings: Settings, node: LinuxNode | WindowsNode) -> str:
    """Return what ``components.sources`` dials the machine through."""
    jump = (node.ssh and node.ssh.jump_host) or settings.ssh.jump_host
    if jump:
        return jump.host
    made = settings.source_of(node) != "onPremises"
    return settings.control_plane.name if made and node is not settings.control_plane else ""


_COLUMNS = ("node", "kind", "address", "pods", "system", "build", "runtime", "machine", "SSH through")


def nodes_table(nodes: Sequence[Member]) -> str:
    """Return the nodes as a table in plain text."""
    rows = [
        (*(each.name, each.kind, each.address, each.pods, each.system, each.build, each.runtime, each.place), each.way)
        for each in nodes
    ]
    return "\n".join(aligned([_COLUMNS, *(tuple(cell or "-" for cell in row) for row in rows)]))
