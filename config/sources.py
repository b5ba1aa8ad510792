"""Where each node's machine comes from, and what it is like: all that a stack file says about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from config.clouds import merged
from config.settings import AzureCloud, GceCloud, LinuxNode, Settings, Shape, Source, WindowsNode
from config.sizes import Size, azure_size, gce_size
from config.ssh import located_nodes

AnyCloud = AzureCloud | GceCloud

CLOUDS: tuple[Source, ...] = ("azure", "gce")
"""The sources that make machines."""


def cloud_of(settings: Settings, node: LinuxNode | WindowsNode) -> AnyCloud | None:
    """Return the cloud of a node; None where its machine exists already, or nothing is said about its cloud."""
    return {"onPremises": None, "azure": settings.azure, "gce": settings.gce}[settings.source_of(node)]


def shape_of(cloud: AnyCloud, node: LinuxNode | WindowsNode) -> Shape:
    """Return what a node's machine in a cloud is like. The node's own word counts first, then its pool's."""
    general = type(cloud).model_fields[node.os].get_default(call_default_factory=True)
    pools = [pool for pool in cloud.pools if pool.name == node.pool]
    return merged([*([node.machine] if node.machine else []), *pools, getattr(cloud, node.os), general])


def nodes_of(settings: Settings, source: Source) -> tuple[LinuxNode | WindowsNode, ...]:
    """Return the nodes whose machines come from this source."""
    return tuple(node for node in settings.nodes if settings.source_of(node) == source)


@dataclass(frozen=True, slots=True)
class CloudNode:
    """A node in a cloud, with its place in the stack file, and everything that is said about its machine."""

    key: str
    node: LinuxNode | WindowsNode
    cloud: AnyCloud
    shape: Shape

    def where(self, field: str) -> str:
        """Return where the stack file says this about the machine, or could."""
        source = "azure" if isinstance(self.cloud, AzureCloud) else "gce"
        name = Shape.model_fields[field].alias
        if self.node.machine and getattr(self.node.machine, field) is not None:
            return f"{self.key}.machine.{name}"
        for position, pool in enumerate(self.cloud.pools):
            if pool.name == self.node.pool and getattr(pool, field) is not None:
                return f"{source}.pools[{position}].{name}"
        return f"{source}.{self.node.os}.{name}"


def cloud_nodes(settings: Settings, kind: type[AzureCloud] | type[GceCloud] | None = None) -> Iterator[CloudNode]:
    """Yield the nodes in clouds, or in one of them."""
    for located in located_nodes(settings):
        cloud = cloud_of(settings, located.node)
        if cloud is not None and (kind is None or isinstance(cloud, kind)):
            yield CloudNode(located.key, located.node, cloud, shape_of(cloud, located.node))


def clouds(settings: Settings) -> Iterator[tuple[Source, AnyCloud]]:
    """Yield the clouds that the stack file says something about."""
    for name in CLOUDS:
        cloud = {"azure": settings.azure, "gce": settings.gce}.get(name)
        if cloud is not None:
            yield name, cloud


def place_of(cloud: AnyCloud) -> str:
    """Return what the cloud calls the place of its machines, under which quotas are counted."""
    return cloud.location if isinstance(cloud, AzureCloud) else cloud.region


def whereabouts(settings: Settings, node: LinuxNode | WindowsNode) -> str:
    """Return where a node's machine is, in words for people."""
    cloud = cloud_of(settings, node)
    if cloud is None:
        return "on premises"
    return f"{'Azure' if isinstance(cloud, AzureCloud) else 'Google'} {place_of(cloud)}"


def size_of(cloud: AnyCloud, node: LinuxNode | WindowsNode) -> Size:
    """Return what the size of a node's machine says. Raises KeyError for a size that the rules have refused."""
    name = str(shape_of(cloud, node).size)
    size = azure_size(name) if isinstance(cloud, AzureCloud) else gce_size(name)
    if size is None:
        raise KeyError(name)
    return size


def own_licences(cloud: AnyCloud) -> bool:
    """Tell whether Windows Server is paid for already."""
    return isinstance(cloud, AzureCloud) and cloud.hybrid_benefit


def reserved(cloud: AnyCloud) -> tuple[int, int]:
    """Return how many addresses at the beginning and at the end of a subnet belong to the cloud."""
    return (4, 1) if isinstance(cloud, AzureCloud) else (2, 2)
