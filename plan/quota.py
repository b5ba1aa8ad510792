"""What machines in clouds take of the quotas there, and about what they cost: told before anything is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from config.clouds import Source
from config.prices import ADDRESS, AS_OF, HOURS_PER_MONTH, PER_VCPU, WAY_OUT, WINDOWS_PER_VCPU, WayOut
from config.settings import Settings
from config.sources import AnyCloud, clouds, nodes_of, own_licences, place_of, shape_of, size_of

_NO_WAY_OUT = WayOut(0, 0, addresses=0)


def costs(settings: Settings) -> tuple[str, ...]:
    """Return a line of quota and a line of costs for each cloud that machines come from."""
    return tuple(line for source, cloud in clouds(settings) for line in _lines(settings, source, cloud))


def _lines(settings: Settings, source: Source, cloud: AnyCloud) -> Iterator[str]:
    nodes = [node for node in nodes_of(settings, source) if not node.gone]
    if not nodes:
        return
    place = place_of(cloud)
    sizes = {node.name: size_of(cloud, node) for node in nodes}
    vcpus: Counter[tuple[str, bool]] = Counter()
    for node in nodes:
        vcpus[(sizes[node.name].quota, bool(shape_of(cloud, node).spot))] += sizes[node.name].vcpus
    way_out = WAY_OUT[source] if cloud.subnet_cidr is not None else _NO_WAY_OUT
    addresses = int(cloud.public_control_plane and settings.control_plane in nodes) + way_out.addresses
    counted = ", ".join(f"{count} vCPUs of {name}{' (spot)' * spot}" for (name, spot), count in sorted(vcpus.items()))
    yield f"{source} {place}: {len(nodes)} machines take {counted}, and {addresses} public addresses of its quota"

    licensed = [] if own_licences(cloud) else [sizes[node.name].vcpus for node in nodes if node.os == "windows"]
    price = WINDOWS_PER_VCPU * sum(licensed) + ADDRESS * addresses
    price += way_out.whole + way_out.for_each_machine * len(nodes)
    unknown = sorted({name for name, spot in vcpus if not spot and name not in PER_VCPU})
    price += sum(PER_VCPU.get(name, 0.0) * count for (name, spot), count in vcpus.items() if not spot)
    without = [*unknown, *(["spot machines"] if any(spot for _, spot in vcpus) else [])]
    but = f", without {', '.join(without)}, whose prices are not known here" if without else ""
    yield (
        f"{source} {place}: about {price * HOURS_PER_MONTH:.0f} USD a month while the machines run (list prices of "
        f"{AS_OF} in the USA, without disks and traffic){but}"
    )
